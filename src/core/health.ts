/** Whether this Region reads its payments table consistently, asked often and probed seldom. Proves no write. */

import { AppError } from './app-error.ts';
import type { Clock, Deadline, HealthProbe } from './ports.ts';

export type Health =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'unhealthy'; readonly because: AppError };

/** How long one probe's result serves. Route 53's checkers together ask more than once a second. */
const HEALTH_CACHE_MS = 1_000;

/**
 * Creates the check: one probe at a time, its result shared for `HEALTH_CACHE_MS`.
 *
 * A bad result is not kept longer than a good one, so that recovery shows as fast as failure.
 */
export function createHealthCheck(
  probe: HealthProbe,
  clock: Clock,
): (deadline: Deadline) => Promise<Health> {
  let latest: { readonly result: Promise<Health>; readonly atEpochMs: number } | null = null;
  return (deadline) => {
    const now = clock.nowEpochMs();
    // A clock that was set back must not keep a result alive.
    const ageMs = latest === null ? Number.POSITIVE_INFINITY : now - latest.atEpochMs;
    if (latest === null || ageMs < 0 || ageMs >= HEALTH_CACHE_MS) {
      latest = { result: ask(probe, deadline), atEpochMs: now };
    }
    return latest.result;
  };
}

async function ask(probe: HealthProbe, deadline: Deadline): Promise<Health> {
  try {
    await probe.probe(deadline);
    return { kind: 'healthy' };
  } catch (error) {
    if (error instanceof AppError) return { kind: 'unhealthy', because: error };
    throw error;
  }
}
