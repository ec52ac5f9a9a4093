/** What a stretch of time holds of one metric, and the statistics read from it. */

export interface MetricBucket {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Observed value → how often, for percentiles; rounded once there are too many of them. */
  values: Map<number, number>;
  /** Significant digits to which values are rounded; null: kept as they came. */
  digits: number | null;
}

/** Distinct values of a bucket that are kept apart. One second of a busy twin has fewer. */
const DISTINCT_VALUES_MAX = 500;
const COARSENING_DIGITS = [3, 2, 1] as const;

type Statistic =
  | { readonly kind: 'Sum' | 'Average' | 'Minimum' | 'Maximum' | 'SampleCount' }
  | { readonly kind: 'percentile'; readonly percent: number };

export function createBucket(): MetricBucket {
  return {
    count: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    values: new Map(),
    digits: null,
  };
}

/**
 * Adds `count` observations of `value`.
 *
 * Above 500 distinct values, they are rounded to three significant digits, then to two and to one,
 * as few as it takes: a percentile is then off by at most 0.5, 5 or 50 percent. The other
 * statistics stay exact.
 */
export function addToBucket(bucket: MetricBucket, value: number, count: number): void {
  bucket.count += count;
  bucket.sum += value * count;
  bucket.min = Math.min(bucket.min, value);
  bucket.max = Math.max(bucket.max, value);
  addValue(bucket, value, count);
}

/** One bucket that holds what all of them hold. */
export function mergeBuckets(buckets: readonly MetricBucket[]): MetricBucket {
  const merged = createBucket();
  for (const bucket of buckets) {
    merged.count += bucket.count;
    merged.sum += bucket.sum;
    merged.min = Math.min(merged.min, bucket.min);
    merged.max = Math.max(merged.max, bucket.max);
    for (const [value, count] of bucket.values) addValue(merged, value, count);
  }
  return merged;
}

function addValue(bucket: MetricBucket, value: number, count: number): void {
  const kept = rounded(value, bucket.digits);
  bucket.values.set(kept, (bucket.values.get(kept) ?? 0) + count);
  for (const digits of COARSENING_DIGITS) {
    if (bucket.values.size <= DISTINCT_VALUES_MAX) return;
    if (bucket.digits !== null && digits >= bucket.digits) continue;
    bucket.digits = digits;
    const coarse = new Map<number, number>();
    for (const [each, times] of bucket.values) {
      const key = rounded(each, digits);
      coarse.set(key, (coarse.get(key) ?? 0) + times);
    }
    bucket.values = coarse;
  }
}

function rounded(value: number, digits: number | null): number {
  return digits === null ? value : Number(value.toPrecision(digits));
}

/**
 * Reads `Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount` or a percentile (`p0` to `p100`, up
 * to ten decimals). Null for every other statistic: CloudWatch has more, the twin does not. Pure.
 * Source: Amazon CloudWatch user guide, "CloudWatch statistics definitions".
 */
export function parseStatistic(text: string): Statistic | null {
  switch (text) {
    case 'Sum':
    case 'Average':
    case 'Minimum':
    case 'Maximum':
    case 'SampleCount':
      return { kind: text };
    default: {
      const percent = /^p(\d{1,3}(?:\.\d{1,10})?)$/.exec(text)?.[1];
      if (percent === undefined || Number(percent) > 100) return null;
      return { kind: 'percentile', percent: Number(percent) };
    }
  }
}

/** The statistic of a bucket with at least one observation. Percentiles are by nearest rank. */
export function statisticOf(bucket: MetricBucket, statistic: Statistic): number {
  switch (statistic.kind) {
    case 'Sum':
      return bucket.sum;
    case 'Average':
      return bucket.sum / bucket.count;
    case 'Minimum':
      return bucket.min;
    case 'Maximum':
      return bucket.max;
    case 'SampleCount':
      return bucket.count;
    case 'percentile':
      return percentile(bucket, statistic.percent);
  }
}

/** AWS does not publish how it interpolates; the nearest rank always is a value that occurred. */
function percentile(bucket: MetricBucket, percent: number): number {
  const rank = (percent / 100) * bucket.count;
  let seen = 0;
  for (const [value, count] of [...bucket.values].toSorted(([a], [b]) => a - b)) {
    seen += count;
    // Rounded values may stand outside of what was observed.
    if (seen >= rank) return Math.min(Math.max(value, bucket.min), bucket.max);
  }
  return bucket.max;
}
