/** Two customers under one id: the second payment was recorded on the first one's money. */

import { EVENTUAL, PLAIN_TIMINGS, PLAIN_WORKLOAD } from '../plain-world.ts';
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
    topology: EVENTUAL,
    timings: { ...PLAIN_TIMINGS, replicationLagMs: 3_000 },
    workload: PLAIN_WORKLOAD,
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
