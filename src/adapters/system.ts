/** The clocks and the hash of a real process. */

import { createHash } from 'node:crypto';
import type { Stopwatch } from '#core/lease.ts';
import type { Clock, Hash } from '#core/ports.ts';

export const systemClock: Clock = { nowEpochMs: () => Date.now() };

/** SHA-256 of UTF-8 text, 64 lowercase hex characters. */
export const sha256Hex: Hash = (text) => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * Time that only goes on. A frozen execution environment may miss time on the monotonic clock, and the
 * wall clock may be set back: each reading adds whichever of the two went further.
 */
export function createStopwatch(
  wallMs: () => number = () => Date.now(),
  monotonicMs: () => number = () => performance.now(),
): Stopwatch {
  let elapsed = 0;
  let wall = wallMs();
  let monotonic = monotonicMs();
  return {
    elapsedMs() {
      const wallNow = wallMs();
      const monotonicNow = monotonicMs();
      elapsed += Math.max(0, wallNow - wall, monotonicNow - monotonic);
      wall = wallNow;
      monotonic = monotonicNow;
      return elapsed;
    },
  };
}
