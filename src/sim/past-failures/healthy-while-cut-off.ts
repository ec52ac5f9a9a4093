/** A Region that counted the minute in which it was cut off as one in which it was well. */

import { PLAIN_TIMINGS, PLAIN_WORKLOAD, STRONG } from '../plain-world.ts';
import type { PastFailure } from './past-failures.ts';

export const HEALTHY_WHILE_CUT_OFF: PastFailure = {
  name: 'healthy-while-cut-off',
  found: { date: '2026-11-23', seed: 4628 },
  invariant: 14,
  lesson:
    'A Region that is cut off can write nowhere that it is unwell: its last heartbeat goes on saying that it was well. The ' +
    'first one that got through took that over, and traffic came back by itself before the soak was over. A heartbeat ' +
    'that is older than two watches are apart says nothing of the time since: src/core/routing/observer.ts, carryOn.',
  undoneBy: 'health-carried-over-a-gap',
  plan: {
    seed: 6,
    topology: { ...STRONG, failback: 'automatic' },
    timings: { ...PLAIN_TIMINGS, soakMs: 60_000 },
    workload: PLAIN_WORKLOAD,
    // The client that asks again keeps the run going until traffic is home.
    handmade: [
      {
        ...{ atMs: 5_000, kind: 'process' },
        repeats: [{ afterMs: 220_000, region: 'us-east-2' }],
      },
    ],
    // Healed between two watches: who looks then has not seen a thing of it.
    faults: [{ id: 'F1', region: 'us-east-1', atMs: 20_000, forMs: 126_000 }],
    placement: 'new',
    ...{ safetyMs: 146_000, failbackAtMs: null, crashAt: [] },
  },
};
