/** An acceptance that another Region's overwrote, and of which only a message was left. */

import { EVENTUAL, PLAIN_TIMINGS, PLAIN_WORKLOAD } from '../plain-world.ts';
import type { PastFailure } from './past-failures.ts';

export const OVERWRITTEN_ACCEPTANCE: PastFailure = {
  name: 'overwritten-acceptance',
  found: { date: '2026-11-23', seed: 70843 },
  invariant: 1,
  lesson:
    'A Region that was then cut off accepted a payment and answered 202; its id came again with another amount, and the ' +
    'other Region took it. Healed, the later journal stayed, and nothing but a message in a queue knew of the first, ' +
    'which was deleted because the payment with its id was done. A message says what it was sent for: ' +
    'src/core/consume-payments.ts, replaced.',
  undoneBy: 'message-of-another-request-done',
  plan: {
    seed: 5,
    topology: EVENTUAL,
    timings: { ...PLAIN_TIMINGS, replicationLagMs: 3_000, visibilityTimeoutMs: 200_000 },
    workload: PLAIN_WORKLOAD,
    handmade: [
      {
        ...{ atMs: 19_500, kind: 'accept' },
        repeats: [{ afterMs: 90_000, region: 'us-east-2', amountMinor: 2_000 }],
      },
    ],
    // Held with the message in hand, which comes again when all is over.
    faults: [
      { id: 'F10', region: 'us-east-1', process: 'consume', atMs: 18_000, forMs: 102_000 },
      { id: 'F1', region: 'us-east-1', atMs: 20_000, forMs: 100_000 },
    ],
    ...{ safetyMs: 120_000, failbackAtMs: null, crashAt: [] },
  },
};
