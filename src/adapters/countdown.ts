/** The time left until a deadline, whatever is done to the wall clock meanwhile. */

import type { Clock, Deadline } from '#core/ports.ts';
import { createStopwatch } from './system.ts';

export interface Countdown extends Deadline {
  /** Milliseconds; negative when it is past. */
  readonly leftMs: () => number;
}

/**
 * Starts counting now. A wall clock that is set back during a call must not give it more time: under a
 * lease, its deadline is the lease's end.
 */
export function createCountdown(deadline: Deadline, clock: Clock): Countdown {
  const budgetMs = deadline.atEpochMs - clock.nowEpochMs();
  const stopwatch = createStopwatch(() => clock.nowEpochMs());
  return { atEpochMs: deadline.atEpochMs, leftMs: () => budgetMs - stopwatch.elapsedMs() };
}
