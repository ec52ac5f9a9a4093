/** The project's source files and what each one imports, read off the text. */

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Import specifiers as written. */
  readonly imports: readonly string[];
}

const IMPORT = /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]/g;
const SIDE_EFFECT_OR_DYNAMIC = /\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

export function sourceFiles(pattern: string): readonly SourceFile[] {
  return globSync(pattern, { cwd: ROOT }).map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const found = [IMPORT, SIDE_EFFECT_OR_DYNAMIC].flatMap((expression) =>
      [...text.matchAll(expression)].map((match) => match[1] ?? ''),
    );
    return { path, text, imports: [...new Set(found)] };
  });
}

/** The folder of the layout that an import leads to: `src/core`, `sdk`, or null for a package. */
export function folderOf(file: SourceFile, specifier: string): string | null {
  if (specifier.startsWith('#')) {
    const alias = specifier.slice(1).split('/')[0] ?? '';
    return alias === 'sdk' ? alias : `src/${alias}`;
  }
  if (!specifier.startsWith('.')) return null;
  const target = relative(ROOT, join(ROOT, dirname(file.path), specifier));
  const [first, second] = target.split('/');
  return first === 'src' ? `src/${second}` : (first ?? '');
}
