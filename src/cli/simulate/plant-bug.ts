/**
 * Plants a bug: patches the text of a few modules as Node loads them, in this thread alone.
 *
 * A module that is loaded already stays as it is, so a bug goes into a fresh worker, first of all.
 */

import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import type { PlantedBug } from './planted-bug.ts';

const ROOT = new URL('../../../', import.meta.url);

/** A bug that is none any more: the source has moved on. The message names bug and file. */
export class DoesNotApplyError extends Error {
  override readonly name = 'DoesNotApplyError';
}

export interface Planting {
  /** Throws `DoesNotApplyError` unless every file of the bug was loaded since it was planted. */
  check(): void;
}

type Patch = Pick<PlantedBug, 'name' | 'edits'>;

/** Plants it for all that this thread loads from now on. Throws `DoesNotApplyError`. */
export function plantBug(bug: Patch): Planting {
  const fileOf = new Map(bug.edits.map(({ file }) => [new URL(file, ROOT).href, file]));
  // At once, and not only when a module is loaded: perhaps none of them is.
  for (const [url, file] of fileOf) applyEdits(bug, file, readSource(bug, file, new URL(url)));
  const patched = new Set<string>();
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = fileOf.get(url);
      if (file === undefined) return loaded;
      patched.add(file);
      return { ...loaded, source: applyEdits(bug, file, textOf(loaded.source)) };
    },
  });
  return {
    check() {
      const missed = [...fileOf.values()].filter((file) => !patched.has(file));
      if (missed.length > 0) throw fault(bug, `nothing loaded ${missed.join(', ')} after it`);
    },
  };
}

/**
 * The text of `file` with the bug in it. Pure.
 *
 * Throws `DoesNotApplyError` where an edit's text is not in it exactly once: half a bug would pass
 * for one that was caught, or was not.
 */
export function applyEdits(bug: Patch, file: string, source: string): string {
  let text = source;
  for (const { find, replace } of bug.edits.filter((edit) => edit.file === file)) {
    const [before = '', after, ...more] = text.split(find);
    const count = after === undefined ? 0 : more.length + 1;
    if (after === undefined || count !== 1) {
      throw fault(bug, `${file} has this ${count} times, not once: ${JSON.stringify(find)}`);
    }
    text = before + replace + after;
  }
  return text;
}

function readSource(bug: Patch, file: string, url: URL): string {
  try {
    return readFileSync(url, 'utf8');
  } catch (error) {
    throw fault(bug, `${file} can't be read`, error);
  }
}

function textOf(source: unknown): string {
  return typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
}

function fault({ name }: Patch, what: string, cause?: unknown): DoesNotApplyError {
  return new DoesNotApplyError(`the planted bug ${name} does not apply: ${what}`, { cause });
}
