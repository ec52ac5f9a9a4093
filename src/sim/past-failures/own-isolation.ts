/** A Region that was cut off itself, and holds its failed probes against the other one. */

import { EVENTUAL, PLAIN_TIMINGS, PLAIN_WORKLOAD } from '../plain-world.ts';
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
    topology: EVENTUAL,
    timings: { ...PLAIN_TIMINGS, probeIntervalMs: 5_000 },
    workload: PLAIN_WORKLOAD,
    handmade: [{ atMs: 5_000, kind: 'process' }],
    // Twice: whether a round falls right after the end of a cut is a matter of milliseconds.
    faults: [
      { id: 'F1', region: 'us-east-2', atMs: 20_000, forMs: 110_000 },
      { id: 'F1', region: 'us-east-2', atMs: 165_000, forMs: 110_000 },
    ],
    ...{ safetyMs: 310_000, failbackAtMs: null, crashAt: [] },
  },
};
