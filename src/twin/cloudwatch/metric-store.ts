/**
 * The metrics of one Region, in memory, by CloudWatch's own time.
 *
 * Nothing here reads a clock. Where the twin's CloudWatch runs faster than the world, the caller
 * converts before it records and before it asks.
 */

import {
  addToBucket,
  createBucket,
  type MetricBucket,
  mergeBuckets,
  parseStatistic,
  statisticOf,
} from './metric-bucket.ts';

export interface MetricKey {
  readonly namespace: string;
  readonly metricName: string;
  /** Dimension name → value, all of them: a metric with other dimensions is another metric. */
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricStore {
  /**
   * Adds one observation, or `count` equal ones. A high-resolution one is kept for its second,
   * every other for its minute. What CloudWatch refuses (no finite value, no positive count) is
   * left out. Never throws.
   */
  record(
    key: MetricKey,
    value: number,
    atEpochMs: number,
    options?: { readonly count?: number; readonly highResolution?: boolean },
  ): void;
  /**
   * The statistic of each period that has data, by period start, oldest first. Periods follow one
   * another from `fromEpochMs`, so that an alarm's window can slide; whoever wants them where
   * GetMetricStatistics has them passes a multiple of the period. Those that start before
   * `toEpochMs` are returned, with all their data. For a period below a minute, data of standard
   * resolution stand in the one with the start of their minute.
   * Throws `RangeError` for a statistic that `parseStatistic` does not know.
   */
  statistics(
    key: MetricKey,
    statistic: string,
    periodSeconds: number,
    fromEpochMs: number,
    toEpochMs: number,
  ): ReadonlyMap<number, number>;
  /** Every metric that has data, the one that was silent longest first. */
  list(): readonly MetricKey[];
}

interface Series {
  readonly key: MetricKey;
  /** By start, one second or one minute long. Insertion order is not order in time. */
  readonly seconds: Map<number, MetricBucket>;
  readonly minutes: Map<number, MetricBucket>;
}

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** Dimension values may come from requests, so the number of metrics must have an end. */
const SERIES_MAX = 5000;

/**
 * `retainMs`: how far back the longest evaluation looks.
 *
 * A metric keeps as many buckets of each length as `retainMs` has, the newest. Bounding the number
 * instead of the age means that one observation dated far ahead costs one bucket, not all others.
 * Above 5,000 metrics, the one that was silent longest is forgotten.
 */
export function createMetricStore(options: { readonly retainMs: number }): MetricStore {
  const { retainMs } = options;
  const series = new Map<string, Series>();

  function seriesToWrite(key: MetricKey): Series {
    const id = identityOf(key);
    const known = series.get(id) ?? { key, seconds: new Map(), minutes: new Map() };
    // Set anew so that the map's order is the order of the last observation.
    series.delete(id);
    series.set(id, known);
    const [silent] = series.keys();
    if (series.size > SERIES_MAX && silent !== undefined) series.delete(silent);
    return known;
  }

  return {
    record(key, value, atEpochMs, { count = 1, highResolution = false } = {}) {
      if (!Number.isFinite(value) || !Number.isFinite(atEpochMs)) return;
      if (!Number.isFinite(count) || count <= 0) return;
      const { seconds, minutes } = seriesToWrite(key);
      const [buckets, lengthMs] = highResolution ? [seconds, SECOND_MS] : [minutes, MINUTE_MS];
      const start = startOf(atEpochMs, lengthMs);
      let bucket = buckets.get(start);
      if (bucket === undefined) {
        bucket = createBucket();
        buckets.set(start, bucket);
        // One more than fits: the stretch that is looked at need not begin where a bucket does.
        dropOldest(buckets, Math.ceil(retainMs / lengthMs) + 1);
      }
      // Its own bucket may have been the oldest, and gone.
      addToBucket(bucket, value, count);
    },
    statistics(key, statistic, periodSeconds, fromEpochMs, toEpochMs) {
      const wanted = parseStatistic(statistic);
      if (wanted === null) throw new RangeError(`The twin has no statistic ${statistic}.`);
      const found = series.get(identityOf(key));
      const periods = new Map<number, MetricBucket[]>();
      if (found === undefined) return new Map();
      const periodMs = periodSeconds * SECOND_MS;
      for (const [at, bucket] of [...found.minutes, ...found.seconds]) {
        const start = fromEpochMs + startOf(at - fromEpochMs, periodMs);
        if (start < fromEpochMs || start >= toEpochMs) continue;
        const members = periods.get(start);
        if (members === undefined) periods.set(start, [bucket]);
        else members.push(bucket);
      }
      return new Map(
        [...periods]
          .toSorted(([a], [b]) => a - b)
          .map(([start, buckets]) => [start, statisticOf(mergeBuckets(buckets), wanted)]),
      );
    },
    list: () => [...series.values()].map(({ key }) => key),
  };
}

/** Equal for equal metrics, in whichever order their dimensions are named. Pure. */
function identityOf({ namespace, metricName, dimensions }: MetricKey): string {
  const sorted = Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, metricName, sorted]);
}

function startOf(atEpochMs: number, lengthMs: number): number {
  return Math.floor(atEpochMs / lengthMs) * lengthMs;
}

function dropOldest(buckets: Map<number, MetricBucket>, keep: number): void {
  if (buckets.size <= keep) return;
  let oldest = Number.POSITIVE_INFINITY;
  for (const start of buckets.keys()) oldest = Math.min(oldest, start);
  buckets.delete(oldest);
}
