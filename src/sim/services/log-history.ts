/** The calls of the routing log as their callers saw them: what is judged for linearizability. */

import type { World } from '../kernel/world.ts';

/** Reads of a Region's own replica are none: they may be old. */
export interface LogOperation {
  readonly kind: 'append' | 'newest';
  /** Of the entry to be appended; 0 for `newest`. */
  readonly epoch: number;
  /** Likewise; empty for `newest`. */
  readonly entryId: string;
  readonly calledAtMs: number;
  /** Null: it had no answer, or one that says nothing. An append may then take effect at any time, or never. */
  readonly answeredAtMs: number | null;
  readonly outcome: LogOutcome | null;
}

export type LogOutcome =
  | { readonly kind: 'appended' }
  /** `by`: the id of the entry that has the epoch. */
  | { readonly kind: 'raced'; readonly by: string }
  | { readonly kind: 'empty' }
  | { readonly kind: 'entry'; readonly epoch: number; readonly entryId: string };

/** Notes the answer of a call that has begun. */
export type EndOperation = (outcome: LogOutcome) => void;

export class LogHistory {
  /** In the order of their calls. */
  readonly operations: LogOperation[] = [];
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  begin(kind: LogOperation['kind'], epoch: number, entryId: string): EndOperation {
    const at = this.operations.length;
    const calledAtMs = this.#world.nowMs;
    const called = { kind, epoch, entryId, calledAtMs };
    this.operations.push({ ...called, answeredAtMs: null, outcome: null });
    return (outcome) => {
      this.operations[at] = { ...called, answeredAtMs: this.#world.nowMs, outcome };
    };
  }
}
