/** Work whose due time was written by a clock an hour ahead, and whose Region is then lost. */

import { PLAIN_TIMINGS, PLAIN_WORKLOAD, STRONG } from '../plain-world.ts';
import type { PastFailure } from './past-failures.ts';

export const MISDATED_WORK: PastFailure = {
  name: 'misdated-work',
  found: { date: '2026-11-23', seed: null },
  invariant: 13,
  lesson:
    'An open payment is due by the clock of the process that took it. With that clock an hour ahead and its Region ' +
    'lost, the sweeper of the other Region passed it over for an hour, for it was not due. A time that no right ' +
    'clock can have written is taken for a sign of a wrong one: src/core/sweep.ts, DUE_AHEAD_MAX_MS.',
  undoneBy: 'misdated-work-never-found',
  plan: {
    seed: 1,
    topology: STRONG,
    timings: PLAIN_TIMINGS,
    workload: { ...PLAIN_WORKLOAD, acceptShare: 1 },
    handmade: [{ atMs: 5_000, kind: 'accept' }],
    faults: [
      { id: 'F22', region: 'us-east-1', skewMs: 3_600_000, atMs: 0, forMs: 30_000 },
      // Taken, and not finished: nobody consumes there.
      { id: 'F11', region: 'us-east-1', process: 'consume', atMs: 1_000, forMs: 29_000 },
      { id: 'F1', region: 'us-east-1', atMs: 10_000, forMs: null },
    ],
    ...{ safetyMs: 60_000, failbackAtMs: null, crashAt: [] },
  },
};
