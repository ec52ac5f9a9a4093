/** What alarms' messages say of Regions whose alarms can't be asked. */

import type { Stopwatch } from '../lease.ts';
import type { Clock } from '../ports.ts';
import type { AlarmEvidence } from './judge-region.ts';
import type { AlarmHint } from './observer.ts';

/**
 * How old an alarm's message may be to count. Late and repeated ones count for nothing; the alarm's own
 * state does, where it can be asked.
 */
const HINT_VALID_MS = 120_000;

/** Creates the memory of one process: of each Region its newest message, for as long as it counts. */
export function createAlarmHints(clock: Clock, stopwatch: Stopwatch) {
  /** By Region. `untilMs`: of the stopwatch, so that no clock that is set keeps one alive. */
  const newest = new Map<string, { readonly hint: AlarmHint; readonly untilMs: number }>();
  return {
    hear(hint: AlarmHint | null): void {
      if (hint === null) return;
      const { region, changedAtEpochMs } = hint;
      const ageMs = Math.abs(clock.nowEpochMs() - changedAtEpochMs);
      const known = newest.get(region);
      // Messages come again and out of order; both times are of that Region's CloudWatch.
      if (known !== undefined && known.hint.changedAtEpochMs >= changedAtEpochMs) return;
      newest.set(region, { hint, untilMs: stopwatch.elapsedMs() + HINT_VALID_MS - ageMs });
    },
    of(region: string): AlarmEvidence {
      const known = newest.get(region);
      if (known === undefined || stopwatch.elapsedMs() > known.untilMs) return 'unknown';
      return known.hint.impaired ? 'impaired' : 'clear';
    },
  };
}
