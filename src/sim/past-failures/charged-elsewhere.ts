/** A transaction_id that two Regions took for different payments, of which the lost one was charged. */

import type { PastFailure } from './past-failures.ts';

export const CHARGED_ELSEWHERE: PastFailure = {
  name: 'charged-elsewhere',
  found: { date: '2026-11-23', seed: 5204 },
  invariant: 2,
  lesson:
    'A Region charged a payment and was lost before it was replicated; its id came again with another amount, and the ' +
    'other Region took it. The gateway charges an id once, so that one can never be charged, and reconciling took the ' +
    'charged one out of effect because the lease holder had the other. As long as what leads is not settled, what ' +
    'does not may be the charge: src/core/reconcile/may-be-the-charge.ts.',
  undoneBy: 'charged-payment-superseded',
  plan: {
    seed: 4,
    topology: {
      ...{ consistency: 'eventual', policy: 'active-passive' },
      ...{ failback: 'manual', gateway: 'bank' },
    },
    timings: {
      ...{ probeIntervalMs: 10_000, silenceMs: 30_000, cooldownMs: 60_000, soakMs: 30_000 },
      ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 3_000 },
      ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
    },
    workload: {
      ...{ payments: 1, spreadMs: 0, acceptShare: 0, repeatShare: 0, conflictShare: 0 },
      ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
    },
    handmade: [
      {
        ...{ atMs: 19_000, kind: 'process' },
        repeats: [{ afterMs: 120_000, region: 'us-east-2', amountMinor: 2_000 }],
      },
    ],
    faults: [{ id: 'F1', region: 'us-east-1', atMs: 20_000, forMs: null }],
    ...{ safetyMs: 60_000, failbackAtMs: null, crashAt: [] },
  },
};
