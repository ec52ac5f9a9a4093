/** What the command and its simulating threads say to each other. */

import type { SimPlan } from '#sim/plan.ts';
import type { SimMode, SimResult } from '#sim/sim-result.ts';
import type { Tally } from './tally.ts';

/** `workerData` of a simulating thread. */
export interface WorkerSetup {
  /** Module that exports `simulateSeed` and `simulatePlan`. */
  readonly simulatorUrl: string;
  /** Two Float64: the seed that is run now, and how many were begun. */
  readonly now: SharedArrayBuffer;
}

export type WorkerTask =
  /** Seed after seed, up to the first that fails. `isTwice`: each of them again, and compared. */
  | {
      readonly kind: 'seeds';
      readonly from: number;
      readonly count: number;
      readonly mode: SimMode;
      readonly isTwice: boolean;
    }
  | {
      readonly kind: 'seed';
      readonly seed: number;
      readonly mode: SimMode;
      readonly keepTrace: boolean;
    }
  | { readonly kind: 'plan'; readonly plan: SimPlan; readonly keepTrace: boolean };

/** The seed of a failure that came before any was run: the thread did not start. */
export const NO_SEED = -1;

/** How a seed failed. */
export type Failure =
  /** The result is without its trace. */
  | { readonly kind: 'violation'; readonly seed: number; readonly result: SimResult }
  /** The run itself broke off: an invariant of the core, the tripwire, a loop without end. */
  | {
      readonly kind: 'error';
      readonly seed: number;
      readonly name: string;
      readonly message: string;
      readonly stack: string;
    }
  /** Two runs of the seed were not the same. */
  | {
      readonly kind: 'difference';
      readonly seed: number;
      /** As `compareRuns` says them; at least one. */
      readonly differences: readonly string[];
    }
  /** It came to no end. */
  | { readonly kind: 'hung'; readonly seed: number; readonly seconds: number };

export type WorkerAnswer =
  | { readonly kind: 'batch'; readonly tally: Tally; readonly failure: Failure | null }
  | { readonly kind: 'result'; readonly result: SimResult }
  | { readonly kind: 'failed'; readonly failure: Failure };
