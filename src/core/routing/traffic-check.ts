/** Whether the routing log sends traffic to this Region: asked often, read seldom, and fail-static. */

import { AppError } from '../app-error.ts';
import type { Clock, Deadline } from '../ports.ts';
import { type RoutingLog, type RoutingState, stateAfter } from './routing-log.ts';

/** How long one reading serves: Route 53's checkers together ask more than once a second. */
export const TRAFFIC_CACHE_MS = 1_000;

/**
 * Creates the check. When the log can't be read, the last state that was known stands, and before any was
 * known the configured one: losing the control table moves no traffic.
 */
export function createTrafficCheck(
  region: string,
  first: RoutingState,
  ports: { readonly log: Pick<RoutingLog, 'newest'>; readonly clock: Clock },
): (deadline: Deadline) => Promise<'here' | 'elsewhere'> {
  let known = first;
  let readAtEpochMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async (deadline: Deadline): Promise<void> => {
    try {
      const state = stateAfter(await ports.log.newest(deadline), first);
      // Answers may overtake each other; an epoch that was seen is never unseen.
      if (state.epoch >= known.epoch) known = state;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  };

  return async (deadline) => {
    const ageMs = ports.clock.nowEpochMs() - readAtEpochMs;
    // A clock that was set back must not keep a reading alive.
    if (reading !== null || ageMs < 0 || ageMs >= TRAFFIC_CACHE_MS) {
      if (reading === null) {
        readAtEpochMs = ports.clock.nowEpochMs();
        reading = read(deadline).finally(() => {
          reading = null;
        });
      }
      await reading;
    }
    return known.active.includes(region) ? 'here' : 'elsewhere';
  };
}
