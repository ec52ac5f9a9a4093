import { describe, expect, it } from 'vitest';
import { cloudWatchTime } from '#twin/cloudwatch/cloudwatch-time.ts';
import { createMetricAggregator, type MetricSeries } from '#twin/cloudwatch/metric-batch.ts';
import { createMetricIntake } from '#twin/cloudwatch/metric-intake.ts';
import { createMetricStore } from '#twin/cloudwatch/metric-store.ts';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 15, 12);

function series(namespace: string, more: Partial<MetricSeries> = {}): MetricSeries {
  return { namespace, metricName: 'm', dimensionSets: [{}], highResolution: false, ...more };
}

describe('cloudWatchTime', () => {
  it('runs ahead from a whole minute on, and leads back', () => {
    const time = cloudWatchTime(START + 7_000, 12);
    expect(time.fromWorld(START)).toBe(START);
    expect(time.fromWorld(START + 5_000)).toBe(START + MINUTE);
    expect(time.toWorld(START + MINUTE)).toBe(START + 5_000);
    expect(cloudWatchTime(START + 7_000, 1).fromWorld(START + 9_001)).toBe(START + 9_001);
  });
});

describe('createMetricAggregator', () => {
  it('adds equal values of one moment up and keeps others apart', () => {
    const aggregator = createMetricAggregator();
    const kept = series('App');
    aggregator.observe(kept, 1, START + 1);
    aggregator.observe({ ...kept }, 1, START + 2);
    aggregator.observe(kept, 0, START + 3);
    aggregator.observe(kept, 1, START + 10, 3);
    expect(aggregator.take()).toEqual([
      {
        ...kept,
        points: [
          { atEpochMs: START, value: 1, count: 2 },
          { atEpochMs: START, value: 0, count: 1 },
          { atEpochMs: START + 10, value: 1, count: 3 },
        ],
      },
    ]);
    expect(aggregator.take()).toEqual([]);
  });

  it('calls back for the first observation after a taking', () => {
    let calls = 0;
    const aggregator = createMetricAggregator(() => void (calls += 1));
    aggregator.observe(series('A'), 1, START);
    aggregator.observe(series('B'), 1, START);
    expect(calls).toBe(1);
    const other = createMetricAggregator();
    other.add(aggregator.take());
    expect(other.take()).toHaveLength(2);
    aggregator.observe(series('A'), 1, START);
    expect(calls).toBe(2);
  });

  it('leaves out what is no number, and series beyond its bound', () => {
    const aggregator = createMetricAggregator();
    aggregator.observe(series('A'), Number.NaN, START);
    aggregator.observe(series('A'), 1, Number.NaN);
    for (let index = 0; index < 2_100; index += 1) {
      aggregator.observe(series('B', { metricName: `m${index}` }), 1, START);
    }
    expect(aggregator.take()).toHaveLength(2_000);
  });
});

describe('createMetricIntake', () => {
  const KEY = (namespace: string) => ({ namespace, metricName: 'm', dimensions: {} });

  function setUp(speed: number) {
    const store = createMetricStore({ retainMs: 60 * MINUTE });
    const intake = createMetricIntake(store, cloudWatchTime(START, speed));
    const put = (namespace: string, atEpochMs: number, nowEpochMs: number): void => {
      const points = [{ value: 2, count: 3, atEpochMs }];
      intake.take([{ ...series(namespace), points }], nowEpochMs);
    };
    const sums = (namespace: string) => [
      ...store.statistics(KEY(namespace), 'Sum', 60, START - 60 * MINUTE, START + 60 * MINUTE),
    ];
    return { intake, put, sums };
  }

  it('shows what functions report at once, in CloudWatch time', () => {
    const { put, sums } = setUp(12);
    put('App', START + 5_000, START + 5_100);
    expect(sums('App')).toEqual([[START + MINUTE, 6]]);
  });

  it('shows what AWS reports ten seconds of its time later', () => {
    const { intake, put, sums } = setUp(10);
    put('AWS/Lambda', START, START);
    intake.settle(START + 999);
    expect(sums('AWS/Lambda')).toEqual([]);
    intake.settle(START + 1_000);
    expect(sums('AWS/Lambda')).toEqual([[START, 6]]);
  });

  it('leaves out what is too old or too far ahead', () => {
    const { put, sums } = setUp(1);
    put('App', START - 15 * 24 * 60 * MINUTE, START);
    put('App', START + 3 * 60 * MINUTE, START);
    expect(sums('App')).toEqual([]);
  });
});
