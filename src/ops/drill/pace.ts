/** How long the parts of a drill last, for each profile. */

import type { DrillProfile } from './drill-target.ts';
import type { Condition } from './scenarios/scenario.ts';

export interface Pace {
  /** Payments a second, all clients together. */
  readonly ratePerSecond: number;
  /** Between two looks at the target. */
  readonly observeEveryMs: number;
  /** A twin that has just been started is given so long until its alarms have had their first data. */
  readonly readyWithinMs: number;
  /** For so long after traffic was moved automation moves it no more: a drill would measure that. */
  readonly cooldownMs: number;
  /** For so long after it was moved, other than back, automation moves it off no Region that only serves badly. */
  readonly soakMs: number;
  /** Traffic before anything is broken: what "as usual" looks like. */
  readonly warmUpMs: number;
  /** So long without a failure counts as stable. */
  readonly quietMs: number;
  readonly holdMs: { readonly stay: number; readonly beat: number };
  /** Longest wait for each condition; then the drill goes on, and has failed. */
  readonly withinMs: Readonly<Record<Condition, number>>;
  /** Longest wait until nothing is open any more. */
  readonly settleWithinMs: number;
  /** An operator's verb that a guard refuses is asked again for so long. */
  readonly verbWithinMs: number;
}

/**
 * `aws`: 6/s are 60 payments in the 10 s that an alarm looks at. `fast`: the twin's clocks for alarms and
 * rules go twelve times as fast, so 10 s are 0.8 s: the two kinds of DNS clients make 8 payments in them, and
 * an alarm asks for 5. More would only load a small machine, on which the twin, the clients and the observer
 * share two cores.
 */
export const PACES: Readonly<Record<DrillProfile, Pace>> = {
  fast: {
    ratePerSecond: 15,
    observeEveryMs: 500,
    readyWithinMs: 90_000,
    cooldownMs: 30_000,
    soakMs: 15_000,
    warmUpMs: 5_000,
    quietMs: 5_000,
    holdMs: { stay: 5_000, beat: 2_500 },
    withinMs: {
      moved: 60_000,
      'dns-moved': 30_000,
      returned: 30_000,
      stable: 45_000,
      healthy: 60_000,
    },
    settleWithinMs: 90_000,
    verbWithinMs: 90_000,
  },
  aws: {
    ratePerSecond: 6,
    observeEveryMs: 1_000,
    readyWithinMs: 900_000,
    cooldownMs: 300_000,
    soakMs: 1_800_000,
    warmUpMs: 70_000,
    quietMs: 30_000,
    holdMs: { stay: 60_000, beat: 25_000 },
    withinMs: {
      moved: 300_000,
      'dns-moved': 180_000,
      returned: 240_000,
      stable: 300_000,
      healthy: 600_000,
    },
    settleWithinMs: 180_000,
    verbWithinMs: 300_000,
  },
};

/** What `fast` shortens against AWS, for the report: nobody should take its times for AWS's. */
export const FAST_NOTES: readonly string[] = [
  'Health checks come each second instead of every 10 s; three in a row still decide.',
  'DNS answers live 2 s instead of the 30 s of a deployment.',
  'Alarms, schedules and metrics run on a clock that goes twelve times as fast.',
  'The orchestrator looks each second instead of every 10 s; its cooldown is 30 s instead of 5 minutes.',
  'A quiet time of 5 s counts as stable instead of 30 s.',
];
