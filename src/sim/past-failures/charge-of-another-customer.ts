/** Two customers under one id: the second payment was recorded on the first one's money. */

import type { PastFailure } from './past-failures.ts';

export const CHARGE_OF_ANOTHER_CUSTOMER: PastFailure = {
  name: 'charge-of-another-customer',
  found: { date: '2026-11-23', seed: 3471 },
  invariant: 16,
  lesson:
    'A Region that fell silent had charged one customer; the other Region took the id again, for another customer and ' +
    'the same amount. The gateway refused that charge, and the sweep that looked it up found one of the right amount: it ' +
    'was recorded for somebody who never paid. A look-up says whose money moved as well: src/core/found-by-key.ts.',
  undoneBy: 'look-up-of-any-customer',
  plan: {
    seed: 5,
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
        repeats: [{ afterMs: 120_000, region: 'us-east-2', customerId: 'c2' }],
      },
    ],
    faults: [{ id: 'F1', region: 'us-east-1', atMs: 20_000, forMs: null }],
    ...{ safetyMs: 60_000, failbackAtMs: null, crashAt: [] },
  },
};
