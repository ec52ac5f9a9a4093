/** The plain world that plans made by hand begin with, and change only where their story needs it. */

import type { Timings, Topology, WorkloadShape } from './plan.ts';

export const STRONG: Topology = {
  ...{ consistency: 'strong', policy: 'active-passive', failback: 'manual', gateway: 'bank' },
};
export const EVENTUAL: Topology = { ...STRONG, consistency: 'eventual' };

/** Production's, where a run of minutes has room for them; the index and replicas are as quick as they get. */
export const PLAIN_TIMINGS: Timings = {
  ...{ probeIntervalMs: 10_000, silenceMs: 30_000, cooldownMs: 60_000, soakMs: 30_000 },
  ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 50 },
  ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
};

/** Nothing is drawn beside what the plan says: one payment, of its `handmade` or the plainest there is. */
export const PLAIN_WORKLOAD: WorkloadShape = {
  ...{ payments: 1, spreadMs: 0, acceptShare: 0, repeatShare: 0, conflictShare: 0 },
  ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
};
