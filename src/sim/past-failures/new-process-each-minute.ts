/** A lost Region that nobody left, because each minute another process began to watch it. */

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
    topology: {
      ...{ consistency: 'strong', policy: 'active-passive' },
      ...{ failback: 'manual', gateway: 'bank' },
    },
    timings: {
      ...{ probeIntervalMs: 10_000, silenceMs: 60_000, cooldownMs: 60_000, soakMs: 60_000 },
      ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 50 },
      ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
    },
    workload: {
      ...{ payments: 1, spreadMs: 0, acceptShare: 0, repeatShare: 0, conflictShare: 0 },
      ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
    },
    handmade: [{ atMs: 5_000, kind: 'process' }],
    // Not before it has said that it serves: one that never did is left for that.
    faults: [{ id: 'F1', region: 'us-east-1', atMs: 90_000, forMs: null }],
    placement: 'new',
    ...{ safetyMs: 120_000, failbackAtMs: null, crashAt: [] },
  },
};
