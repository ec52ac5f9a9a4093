/** A bug that somebody might have made: a few words of the source, changed on purpose. */

import type { SimMode } from '#sim/sim-result.ts';

export const BUG_AREAS = [
  'acceptance',
  'charge',
  'notification',
  'refund',
  'sweep',
  'lease',
  'reconcile',
  'routing',
  'traffic',
  'client',
] as const;
export type BugArea = (typeof BUG_AREAS)[number];

/** Exact text of one module for other text. `find` stands in the file once. */
export interface Edit {
  /** From the project's root: below `src/core` or `sdk/src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface PlantedBug {
  /** Unique, kebab-case. */
  readonly name: string;
  readonly area: BugArea;
  /** What was got wrong, and whom it hurts: one line for people. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** Numbers of the invariants that it breaks; any one of them catches it. */
  readonly invariants: readonly number[];
  /** The kind of world that it shows in. @default any */
  readonly needs?: SimMode;
}

export function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}
