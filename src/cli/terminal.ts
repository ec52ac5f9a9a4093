/** Colours and columns for people; plain text for pipes. */

import { stripVTControlCharacters, styleText } from 'node:util';

export type Tone = 'good' | 'bad' | 'warn' | 'strong' | 'faint';
/** Marks up a text, or returns it unchanged where colours are not wanted. */
export type Paint = (tone: Tone, text: string) => string;

const STYLES = {
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  strong: 'bold',
  faint: 'dim',
} as const satisfies Record<Tone, string>;

export const plain: Paint = (_tone, text) => text;

/**
 * Chooses by the stream and the environment: FORCE_COLOR (not `0`) colours, else NO_COLOR (not empty)
 * and TERM=dumb do not, else a terminal does. Source: no-color.org, force-color.org.
 */
export function paintFor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const unwanted = Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb' || env['FORCE_COLOR'] === '0';
  if (!forced && (unwanted || stream.isTTY !== true)) return plain;
  return (tone, text) => styleText(STYLES[tone], text, { validateStream: false });
}

/** Lines of left-aligned columns, two blanks apart, indented by two. No blanks at the ends of lines. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) =>
    `  ${row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell))).join('  ')}`.trimEnd(),
  );
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
