/** Asks a Region's API whether it can serve, from outside, as its clients reach it. */

import type { Clock, Deadline } from '#core/ports.ts';
import type { ProbeSample } from '#core/routing/judge-region.ts';

export interface HealthProberOptions {
  /** For the whole request, milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Milliseconds that only go on. */
  readonly monotonicMs: () => number;
  readonly fetch: typeof fetch;
}

/** Creates the prober; it asks `<apiUrl>/health`. An answer that breaks off counts as none. Never rejects. */
export function createHealthProber(
  options: HealthProberOptions,
): (apiUrl: string, deadline: Deadline) => Promise<ProbeSample> {
  return async (apiUrl, deadline) => {
    const leftMs = deadline.atEpochMs - options.clock.nowEpochMs();
    const timeoutMs = Math.floor(Math.min(options.timeoutMs, leftMs));
    if (timeoutMs < 1) return { kind: 'unreachable' };
    const startedAtMs = options.monotonicMs();
    try {
      const response = await options.fetch(`${apiUrl.replace(/\/+$/, '')}/health`, {
        // A connection of its own, as Route 53 makes one: a kept one that was purged while the process was frozen would
        // speak against a Region that is well.
        headers: { connection: 'close' },
        // What answers from elsewhere says nothing of this Region.
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      await response.arrayBuffer();
      const latencyMs = options.monotonicMs() - startedAtMs;
      return { kind: response.ok ? 'served' : 'refused', latencyMs };
    } catch {
      return { kind: 'unreachable' };
    }
  };
}
