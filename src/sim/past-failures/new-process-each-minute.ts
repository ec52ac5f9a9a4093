/** A lost Region that nobody left, because each minute another process began to watch it. */

import { PLAIN_TIMINGS, PLAIN_WORKLOAD, STRONG } from '../plain-world.ts';
import type { PastFailure } from './past-failures.ts';

export const NEW_PROCESS_EACH_MINUTE: PastFailure = {
  name: 'new-process-each-minute',
  found: { date: '2026-11-23', seed: 53 },
  invariant: 13,
  lesson:
    'A Region is lost when its heartbeat has been silent for longer than one invocation watches. How long that was, ' +
    'only the process knew that had watched; an invocation that met another execution environment began at zero, and ' +
    'the Region was never left. Review had said so; the simulator met it as soon as it drew environments as AWS gives ' +
    'them. What spans invocations belongs in the table: src/core/routing/presence.ts, PeerSilence.',
  undoneBy: 'silence-known-to-one-process',
  plan: {
    seed: 53,
    topology: STRONG,
    timings: { ...PLAIN_TIMINGS, silenceMs: 60_000, soakMs: 60_000 },
    workload: PLAIN_WORKLOAD,
    handmade: [{ atMs: 5_000, kind: 'process' }],
    // Not before it has said that it serves: one that never did is left for that.
    faults: [{ id: 'F1', region: 'us-east-1', atMs: 90_000, forMs: null }],
    placement: 'new',
    ...{ safetyMs: 120_000, failbackAtMs: null, crashAt: [] },
  },
};
