/** Observations on their way from where they are made to the Region's CloudWatch, added up. */

/** One metric, under every set of dimensions that it is published with. */
export interface MetricSeries {
  readonly namespace: string;
  readonly metricName: string;
  /** Each set makes a metric of its own; `{}`: one without dimensions. At least one. */
  readonly dimensionSets: readonly Readonly<Record<string, string>>[];
  readonly highResolution: boolean;
}

export interface MetricPoint {
  /** The world's time, not CloudWatch's; rounded down to `SLICE_MS`. */
  readonly atEpochMs: number;
  readonly value: number;
  /** How many equal ones. */
  readonly count: number;
}

/** Plain data: it travels between threads and processes. */
export type MetricBatch = readonly (MetricSeries & { readonly points: readonly MetricPoint[] })[];

export interface MetricAggregator {
  observe(series: MetricSeries, value: number, atEpochMs: number, count?: number): void;
  /** Adds what another aggregator took. */
  add(batch: MetricBatch): void;
  /** What was observed since the last time; empty when nothing was. */
  take(): MetricBatch;
}

/** Fine enough for periods of 10 s that a sped-up CloudWatch passes in less than one. */
export const SLICE_MS = 10;

/** Between two takings: dimension values may come from requests, so their number must have an end. */
const SERIES_MAX = 2_000;

interface Gathered {
  readonly series: MetricSeries;
  /** `<slice>/<value>` → point. */
  readonly points: Map<string, { atEpochMs: number; value: number; count: number }>;
}

/**
 * Adds equal values of one moment up, so that a busy Region sends few of them. Beyond 2,000 series
 * between two takings, new ones are left out. Nothing here throws.
 *
 * `onFirst` is called when something is observed after a taking: the time to plan the next one.
 */
export function createMetricAggregator(onFirst: () => void = () => undefined): MetricAggregator {
  // Callers that keep their series are found without spelling them out.
  const identities = new WeakMap<MetricSeries, string>();
  let gathered = new Map<string, Gathered>();

  function gatheredOf(series: MetricSeries): Gathered | null {
    let identity = identities.get(series);
    if (identity === undefined) {
      const { namespace, metricName, dimensionSets, highResolution } = series;
      identity = JSON.stringify([namespace, metricName, dimensionSets, highResolution]);
      identities.set(series, identity);
    }
    const known = gathered.get(identity);
    if (known !== undefined) return known;
    if (gathered.size >= SERIES_MAX) return null;
    const { namespace, metricName, dimensionSets, highResolution } = series;
    const plain = { namespace, metricName, dimensionSets, highResolution };
    const created: Gathered = { series: plain, points: new Map() };
    gathered.set(identity, created);
    if (gathered.size === 1) onFirst();
    return created;
  }

  const observe: MetricAggregator['observe'] = (series, value, atEpochMs, count = 1) => {
    if (!Number.isFinite(value) || !Number.isFinite(atEpochMs)) return;
    const points = gatheredOf(series)?.points;
    if (points === undefined) return;
    const slice = Math.floor(atEpochMs / SLICE_MS) * SLICE_MS;
    const key = `${slice}/${value}`;
    const point = points.get(key);
    if (point === undefined) points.set(key, { atEpochMs: slice, value, count });
    else point.count += count;
  };

  return {
    observe,
    add(batch) {
      for (const { points, ...series } of batch) {
        for (const { value, atEpochMs, count } of points) observe(series, value, atEpochMs, count);
      }
    },
    take() {
      const taken = [...gathered.values()];
      gathered = new Map();
      return taken.map(({ series, points }) => ({ ...series, points: [...points.values()] }));
    },
  };
}
