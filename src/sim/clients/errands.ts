/** What clients have in hand: calls under way, calls planned, and who comes back after one that failed. */

import type { Random } from '../kernel/random.ts';
import type { System } from '../system.ts';
import type { CallEnd, Caller, ClientCall } from './client-call.ts';

/** How somebody behaves whose call brought no answer. */
export interface Patience {
  /** The first one included. */
  readonly callsMax: number;
  /** Drawn between the two, milliseconds; multiplied by the number of calls so far, up to four. */
  readonly waitMinMs: number;
  readonly waitMaxMs: number;
  readonly waitGrows: boolean;
}

export const ONCE: Patience = { callsMax: 1, waitMinMs: 0, waitMaxMs: 0, waitGrows: false };
/** Comes back within seconds, and is then more and more patient: as the SDK's documentation advises. */
export const PATIENT: Patience = {
  ...{ callsMax: 4, waitMinMs: 8_000, waitMaxMs: 20_000, waitGrows: true },
};
/** Comes back a minute later. */
export const SLOW: Patience = {
  ...{ callsMax: 3, waitMinMs: 40_000, waitMaxMs: 90_000, waitGrows: false },
};

/** Share of those who come back: when it may be paid, and when it is certain that it is not. */
const COMES_BACK = { unknown: 0.95, notDone: 0.9 } as const;
const GROWS_TO = 4;

export class Errands {
  readonly #system: System;
  readonly #random: Random;
  readonly #acknowledged = new Set<string>();
  #pending = 0;

  /** `random`: for who comes back, and when. */
  constructor(system: System, random: Random) {
    this.#system = system;
    this.#random = random;
  }

  /** Nobody is trying any more, and nothing is planned. */
  get isDone(): boolean {
    return this.#pending === 0;
  }

  /** transaction_ids that a client was told of as taken (200 or 202), each once. */
  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  later(delayMs: number, run: () => void): void {
    this.#pending += 1;
    this.#system.world.after(delayMs, () => {
      run();
      this.#pending -= 1;
    });
  }

  /**
   * Makes the call, and makes it again as `patience` has it, with the same body: by the callers in turn.
   * `done` hears of the last one.
   */
  run(
    call: ClientCall,
    callers: readonly Caller[],
    patience: Patience,
    done: (end: CallEnd) => void = ignore,
  ): void {
    this.#run(call, callers, patience, 0, done);
  }

  #run(
    call: ClientCall,
    callers: readonly Caller[],
    patience: Patience,
    made: number,
    done: (end: CallEnd) => void,
  ): void {
    const caller = callers[made % callers.length] as Caller;
    const calls = made + 1;
    this.#pending += 1;
    caller.call(call, (end) => {
      this.#note(end);
      if (end.operation.final === null && calls < patience.callsMax && this.#comesBack(end)) {
        const { waitMinMs, waitMaxMs, waitGrows } = patience;
        const waitMs = this.#random.int(waitMinMs, waitMaxMs);
        const factor = waitGrows ? Math.min(calls, GROWS_TO) : 1;
        this.later(waitMs * factor, () => this.#run(call, callers, patience, calls, done));
      } else {
        done(end);
      }
      this.#pending -= 1;
    });
  }

  #comesBack({ mayHaveTakenEffect }: CallEnd): boolean {
    return this.#random.chance(mayHaveTakenEffect ? COMES_BACK.unknown : COMES_BACK.notDone);
  }

  #note({ operation: { kind, final, transactionId } }: CallEnd): void {
    if (kind !== 'process' && kind !== 'accept') return;
    const status = final?.response.status;
    if (status === 200 || status === 202) this.#acknowledged.add(transactionId);
  }
}

function ignore(): void {}
