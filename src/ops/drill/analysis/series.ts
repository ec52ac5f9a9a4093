/** What the plots show: each second of a drill, by Region and client. */

import { CLIENT_KINDS, type ClientKind, type DrillEvent, latencyMsOf } from '../drill-event.ts';

/** One second. Requests count in the second in which they began: that is when their callers were hurt. */
export interface SecondFigures {
  /** From the strike; negative before it. */
  readonly second: number;
  readonly requests: number;
  readonly succeeded: number;
  /** Of all requests, milliseconds; null: there were none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface DrillSeries {
  readonly byClient: Readonly<Record<ClientKind, readonly SecondFigures[]>>;
  /** By the Region that answered or was asked. */
  readonly byRegion: Readonly<Record<string, readonly SecondFigures[]>>;
}

/** Figures of each second from the first event to the last, seconds without requests included. Pure. */
export function seriesOf(
  events: readonly DrillEvent[],
  regions: readonly string[],
  strikeAtEpochMs: number,
): DrillSeries {
  const secondOf = ({ startedAtEpochMs }: DrillEvent): number =>
    Math.floor((startedAtEpochMs - strikeAtEpochMs) / 1_000);
  const seconds = events.map(secondOf);
  const first = Math.min(...seconds);
  const length = events.length === 0 ? 0 : Math.max(...seconds) - first + 1;
  const figures = (own: readonly DrillEvent[]): readonly SecondFigures[] => {
    const groups = Map.groupBy(own, secondOf);
    return Array.from({ length }, (_unused, index) => {
      const group = groups.get(first + index) ?? [];
      const latencies = group.map(latencyMsOf).toSorted((a, b) => a - b);
      return {
        second: first + index,
        requests: group.length,
        succeeded: group.filter(({ outcome }) => outcome === 'ok').length,
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
      };
    });
  };
  const byClient = Object.fromEntries(
    CLIENT_KINDS.map((kind) => [kind, figures(events.filter(({ client }) => client === kind))]),
  );
  return {
    byClient: byClient as DrillSeries['byClient'],
    byRegion: Object.fromEntries(
      regions.map((name) => [name, figures(events.filter(({ region }) => region === name))]),
    ),
  };
}

/** Nearest rank, of sorted values; null: there are none. Pure. */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
