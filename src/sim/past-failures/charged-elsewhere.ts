/** A transaction_id that two Regions took for different payments, of which the lost one was charged. */

import { EVENTUAL, PLAIN_TIMINGS, PLAIN_WORKLOAD } from '../plain-world.ts';
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
    topology: EVENTUAL,
    timings: { ...PLAIN_TIMINGS, replicationLagMs: 3_000 },
    workload: PLAIN_WORKLOAD,
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
