/** Outages as clients saw them. */

import type { DrillEvent } from '../drill-event.ts';

export interface Outage {
  /** Start of the first request that failed. */
  readonly fromEpochMs: number;
  /** Start of the last request that failed. */
  readonly lastEpochMs: number;
  /** First success after the last of them; null: there was none while anybody looked. */
  readonly untilEpochMs: number | null;
  readonly failures: number;
}

/**
 * The outages among the requests of one kind of client. Failures with less than `quietMs` between their
 * starts are one outage, whatever succeeded in between: service that comes and goes is not service.
 * `events` in any order. Pure.
 */
export function outagesOf(events: readonly DrillEvent[], quietMs: number): readonly Outage[] {
  const failed = events
    .filter(({ outcome }) => outcome === 'failed')
    .toSorted((a, b) => a.startedAtEpochMs - b.startedAtEpochMs);
  const groups: DrillEvent[][] = [];
  for (const event of failed) {
    const group = groups.at(-1);
    const previous = group?.at(-1);
    const together =
      previous !== undefined && event.startedAtEpochMs - previous.startedAtEpochMs < quietMs;
    if (group !== undefined && together) group.push(event);
    else groups.push([event]);
  }
  return groups.flatMap((group) => {
    const first = group[0];
    const last = group.at(-1);
    if (first === undefined || last === undefined) return [];
    const next = events
      .filter(
        ({ outcome, startedAtEpochMs }) =>
          outcome === 'ok' && startedAtEpochMs >= last.startedAtEpochMs,
      )
      .map(({ endedAtEpochMs }) => endedAtEpochMs);
    return [
      {
        fromEpochMs: first.startedAtEpochMs,
        lastEpochMs: last.startedAtEpochMs,
        untilEpochMs: next.length === 0 ? null : Math.min(...next),
        failures: group.length,
      },
    ];
  });
}

export interface ClientOutage {
  /** Of the longest outage, or, for calls that succeeded after a while, of the slowest call; 0: none. */
  readonly longestMs: number | null;
  readonly outages: readonly Outage[];
  readonly slowestCallMs: number;
}

/**
 * How long a client was without service. A call that succeeds late was an outage to its caller, so with
 * `slowCounts` the slowest call counts as one. Null: it had not ended by `untilEpochMs`. Pure.
 */
export function clientOutage(
  events: readonly DrillEvent[],
  { quietMs, slowCounts }: { readonly quietMs: number; readonly slowCounts: boolean },
): ClientOutage {
  const outages = outagesOf(events, quietMs);
  const slowestCallMs = Math.max(
    0,
    ...events.map(({ startedAtEpochMs, endedAtEpochMs }) => endedAtEpochMs - startedAtEpochMs),
  );
  const lengths = outages.map(({ fromEpochMs, untilEpochMs }) =>
    untilEpochMs === null ? Number.POSITIVE_INFINITY : untilEpochMs - fromEpochMs,
  );
  const longest = Math.max(0, ...lengths, ...(slowCounts ? [slowestCallMs] : []));
  return {
    longestMs: Number.isFinite(longest) ? longest : null,
    outages,
    slowestCallMs,
  };
}
