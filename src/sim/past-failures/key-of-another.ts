/** A refund_id that two Regions took for different refunds: no repeat ends the second. */

import { EVENTUAL, PLAIN_TIMINGS, PLAIN_WORKLOAD } from '../plain-world.ts';
import type { PastFailure } from './past-failures.ts';

export const KEY_OF_ANOTHER: PastFailure = {
  name: 'key-of-another',
  found: { date: '2026-11-23', seed: 3372 },
  invariant: 13,
  lesson:
    'A refund was made in a Region that fell silent before its journal was replicated, and asked for again, with another ' +
    'amount, in the other one. The gateway has that key already, so it is never done there, and was tried for four ' +
    'hours before a person heard of it. What no repeat can end goes to a person at once: src/core/sweep.ts, takeUp.',
  undoneBy: 'final-fault-tried-for-hours',
  plan: {
    seed: 3,
    topology: EVENTUAL,
    timings: { ...PLAIN_TIMINGS, replicationLagMs: 3_000 },
    workload: PLAIN_WORKLOAD,
    handmade: [
      {
        ...{ atMs: 5_000, kind: 'process' },
        refunds: [
          { afterMs: 14_000, region: 'us-east-1', refundId: 'r1', amountMinor: 100 },
          { afterMs: 120_000, region: 'us-east-2', refundId: 'r1', amountMinor: 200 },
        ],
      },
    ],
    faults: [{ id: 'F2', region: 'us-east-1', direction: 'out', atMs: 20_000, forMs: null }],
    ...{ safetyMs: 60_000, failbackAtMs: null, crashAt: [] },
  },
};
