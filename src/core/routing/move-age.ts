/**
 * How long ago traffic was moved, at least, by the stopwatches of all who have seen the move be the newest.
 * Source: docs/adr/0017-failover-decision.md.
 */

import type { Stopwatch } from '../lease.ts';
import type { MoveAge } from './presence.ts';

/**
 * Creates the account of one process. Most live too short to see a cooldown out, and the clocks of the Regions may be
 * an hour apart, so they share it by the Region's presence.
 */
export function createMoveAge(stopwatch: Stopwatch) {
  let oldest: { readonly epoch: number; readonly sinceMs: number } | null = null;

  const see = (epoch: number, forMs: number): void => {
    if (oldest !== null && epoch < oldest.epoch) return;
    const sinceMs = stopwatch.elapsedMs() - forMs;
    const isNews = oldest === null || epoch > oldest.epoch;
    oldest = { epoch, sinceMs: isNews ? sinceMs : Math.min(oldest?.sinceMs ?? sinceMs, sinceMs) };
  };

  return {
    /** What another process of the Region had seen, up to now at least. */
    takeOver(known: MoveAge | null): void {
      if (known !== null) see(known.epoch, known.forMs);
    },
    /** Of the move of `epoch`, which is the newest now; milliseconds. */
    forMs(epoch: number): number {
      see(epoch, 0);
      return oldest?.epoch === epoch ? stopwatch.elapsedMs() - oldest.sinceMs : 0;
    },
    /** As the presence is to say it; null: this process has heard of no move. */
    account(): MoveAge | null {
      if (oldest === null) return null;
      return { epoch: oldest.epoch, forMs: Math.floor(stopwatch.elapsedMs() - oldest.sinceMs) };
    },
  };
}
