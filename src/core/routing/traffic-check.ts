/** Whether the routing log sends traffic to this Region: asked often, read seldom, and fail-static. */

import { AppError } from '../app-error.ts';
import type { Stopwatch } from '../lease.ts';
import type { Clock, Deadline } from '../ports.ts';
import { type RoutingLog, type RoutingState, stateAfter } from './routing-log.ts';

/** How long one reading serves: Route 53's checkers together ask more than once a second. */
export const TRAFFIC_CACHE_MS = 1_000;

interface TrafficCheckOptions {
  readonly region: string;
  /** The configured state: what an empty log means. */
  readonly first: RoutingState;
  /**
   * After how long without a strong reading traffic is no longer sent here, milliseconds; null: never. Where
   * tables are eventually consistent, a Region that can't reach the control table can't renew its lease
   * either, and refuses every payment.
   */
  readonly blindMsMax: number | null;
}

/**
 * Creates the check. When the log can't be read strongly, what this Region's own replica has stands, or the
 * last state that was known, whichever is newer; before any is known, the configured one. So losing the
 * quorum of the control table moves no traffic, and brings none back to a Region that it was moved away from.
 *
 * With `blindMsMax` a check is blind, and says `elsewhere`, until its first strong reading, and again whenever the last
 * one is older than that.
 */
export function createTrafficCheck(
  { region, first, blindMsMax }: TrafficCheckOptions,
  ports: {
    readonly log: Pick<RoutingLog, 'newest' | 'newestHere'>;
    readonly clock: Clock;
    readonly stopwatch: Stopwatch;
  },
): (deadline: Deadline) => Promise<'here' | 'elsewhere'> {
  const { log, clock, stopwatch } = ports;
  let known = first;
  let readAtEpochMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  // Nothing was seen yet: a process that was started blind must not take the configured state for what it saw.
  let sawAtMs = Number.NEGATIVE_INFINITY;

  const learn = (state: RoutingState): void => {
    // Answers may overtake each other; an epoch that was seen is never unseen.
    if (state.epoch >= known.epoch) known = state;
  };

  const read = async (deadline: Deadline): Promise<void> => {
    // Half the time for each: a strong read that hangs must leave some for the other.
    const now = clock.nowEpochMs();
    const halfway = { atEpochMs: now + Math.max(0, (deadline.atEpochMs - now) / 2) };
    // An answer is as old as its question: a process that was frozen in between hears of a state long past.
    const askedAtMs = stopwatch.elapsedMs();
    try {
      learn(stateAfter(await log.newest(halfway), first));
      sawAtMs = askedAtMs;
      return;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
    try {
      learn(stateAfter(await log.newestHere(deadline), first));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  };

  return async (deadline) => {
    const ageMs = clock.nowEpochMs() - readAtEpochMs;
    // A clock that was set back must not keep a reading alive.
    if (reading !== null || ageMs < 0 || ageMs >= TRAFFIC_CACHE_MS) {
      if (reading === null) {
        readAtEpochMs = clock.nowEpochMs();
        reading = read(deadline).finally(() => {
          reading = null;
        });
      }
      await reading;
    }
    const isBlind = blindMsMax !== null && stopwatch.elapsedMs() - sawAtMs > blindMsMax;
    return known.active.includes(region) && !isBlind ? 'here' : 'elsewhere';
  };
}
