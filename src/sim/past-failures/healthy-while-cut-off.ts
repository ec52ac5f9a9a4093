/** A Region that counted the minute in which it was cut off as one in which it was well. */

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
    topology: {
      ...{ consistency: 'strong', policy: 'active-passive' },
      ...{ failback: 'automatic', gateway: 'bank' },
    },
    timings: {
      ...{ probeIntervalMs: 10_000, silenceMs: 30_000, cooldownMs: 60_000, soakMs: 60_000 },
      ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 50 },
      ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
    },
    workload: {
      ...{ payments: 1, spreadMs: 0, acceptShare: 0, repeatShare: 0, conflictShare: 0 },
      ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
    },
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
