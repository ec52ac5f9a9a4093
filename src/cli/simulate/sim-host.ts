/** Drives a simulated world on Node's event loop: a step, its promise reactions, the next step. */

import type { SimHost } from '#sim/kernel/world.ts';
import type { Tripwire } from './tripwire.ts';

// Taken before any tripwire is armed: the host's own timer is no leak.
const plan = globalThis.setImmediate;

/** Node runs promise reactions between two immediates of one turn; the more of them, the fewer turns. */
const STEPS_PER_TURN = 1_000;

interface Run {
  readonly step: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A host for one run at a time. With a `tripwire` the thread is inside of a run for each step and its promise
 * reactions, and for nothing else; a run that has touched it rejects with `TripwireError`, even if it swallowed that.
 * A step that throws ends its run with that error.
 */
export function createSimHost(tripwire: Tripwire | null = null): SimHost {
  let run: Run | null = null;
  let isTurnPlanned = false;

  const end = (by: Run, failure: { readonly error: unknown } | null): void => {
    run = null;
    tripwire?.leave();
    const trip = tripwire?.takeTrip() ?? null;
    if (trip !== null) by.reject(trip);
    else if (failure !== null) by.reject(failure.error);
    else by.resolve();
  };
  const stepOnce = (): void => {
    // A run may end in the middle of a turn; the next one takes over what is left of it.
    if (run === null) return;
    const current = run;
    tripwire?.enter();
    try {
      if (!current.step()) end(current, null);
    } catch (error) {
      end(current, { error });
    }
  };
  const endTurn = (): void => {
    tripwire?.leave();
    isTurnPlanned = false;
    if (run !== null) planTurn();
  };
  const planTurn = (): void => {
    isTurnPlanned = true;
    for (let planned = 0; planned < STEPS_PER_TURN; planned += 1) plan(stepOnce);
    plan(endTurn);
  };

  return {
    drive(step) {
      if (run !== null) return Promise.reject(new Error('the host drives one run at a time'));
      return new Promise((resolve, reject) => {
        run = { step, resolve, reject };
        if (!isTurnPlanned) planTurn();
      });
    },
  };
}
