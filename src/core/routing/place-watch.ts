/** Since when traffic is where it is, and how it came there, as one process knows it. */

import type { Stopwatch } from '../lease.ts';
import type { Clock } from '../ports.ts';
import type { RoutingEntry } from './routing-log.ts';

export function createPlaceWatch(stopwatch: Stopwatch, clock: Clock) {
  let moved: RoutingEntry['moved'] | undefined;
  /** Whether this process saw the move happen: then its own stopwatch is all it needs. */
  let witnessed = false;
  let seenAtMs = 0;
  let wasReturn = false;
  return {
    see(newest: RoutingEntry | null): void {
      const last = newest?.moved ?? null;
      if (moved === undefined || moved?.epoch !== last?.epoch) {
        witnessed = moved !== undefined;
        seenAtMs = stopwatch.elapsedMs();
        wasReturn = false;
      }
      moved = last;
      // Of a move that later entries carry on nobody knows what it was, but for whoever saw it while it was newest.
      if (newest?.change === 'failback' && last?.epoch === newest.epoch) wasReturn = true;
    },
    /**
     * A new process has only the clocks to go by, its author's and its own: they may be an hour apart, so
     * that its own stopwatch counts where that says longer. What others have seen is not in it (`MoveAge`).
     */
    sinceMoveMs(): number | null {
      if (moved === null || moved === undefined) return null;
      const watchedMs = stopwatch.elapsedMs() - seenAtMs;
      return witnessed ? watchedMs : Math.max(watchedMs, clock.nowEpochMs() - moved.atEpochMs);
    },
    /** Whether this process knew the log before the newest move. */
    isWitness: () => witnessed,
    /** Whether the newest move is known to have been a `failback`. */
    wasReturn: () => wasReturn,
  };
}
