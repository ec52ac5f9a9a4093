/** A Region that was cut off itself, and holds its failed probes against the other one. */

import type { PastFailure } from './past-failures.ts';

export const OWN_ISOLATION: PastFailure = {
  name: 'own-isolation',
  found: { date: '2026-11-23', seed: 6748 },
  invariant: 14,
  lesson:
    'With replicas of its own (eventual) an isolated Region goes on being healthy in its own eyes. Its probes of the ' +
    'other Region failed all the while; the moment it was back, they made that Region look as if it came and went, ' +
    'and traffic left a healthy Region. A probe from within a cut says nothing of the other side: ' +
    'src/core/routing/judge-region.ts, isBad.',
  undoneBy: 'own-isolation-counts-against-peer',
  plan: {
    seed: 2,
    topology: {
      ...{ consistency: 'eventual', policy: 'active-passive' },
      ...{ failback: 'manual', gateway: 'bank' },
    },
    timings: {
      ...{ probeIntervalMs: 5_000, silenceMs: 30_000, cooldownMs: 60_000, soakMs: 30_000 },
      ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 50 },
      ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
    },
    workload: {
      ...{ payments: 1, spreadMs: 0, acceptShare: 0, repeatShare: 0, conflictShare: 0 },
      ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
    },
    handmade: [{ atMs: 5_000, kind: 'process' }],
    // Twice: whether a round falls right after the end of a cut is a matter of milliseconds.
    faults: [
      { id: 'F1', region: 'us-east-2', atMs: 20_000, forMs: 110_000 },
      { id: 'F1', region: 'us-east-2', atMs: 165_000, forMs: 110_000 },
    ],
    ...{ safetyMs: 310_000, failbackAtMs: null, crashAt: [] },
  },
};
