/** Work whose due time was written by a clock an hour ahead, and whose Region is then lost. */

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
    topology: {
      ...{ consistency: 'strong', policy: 'active-passive' },
      ...{ failback: 'manual', gateway: 'bank' },
    },
    timings: {
      ...{ probeIntervalMs: 10_000, silenceMs: 30_000, cooldownMs: 60_000, soakMs: 30_000 },
      ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 50 },
      ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
    },
    workload: {
      ...{ payments: 1, spreadMs: 0, acceptShare: 1, repeatShare: 0, conflictShare: 0 },
      ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
    },
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
