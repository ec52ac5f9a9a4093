import { describe, expect, it } from 'vitest';
import { createMetricStore, type MetricStore } from '#twin/cloudwatch/metric-store.ts';
import { FAULTS, REQUESTS } from './alarm-model.ts';

const MINUTE = 60_000;
const AT = 1_000 * MINUTE;
const TEN_MINUTES = { retainMs: 10 * MINUTE };

function storeWith(...values: readonly number[]): MetricStore {
  const store = createMetricStore(TEN_MINUTES);
  for (const value of values) store.record(FAULTS, value, AT + 30_000);
  return store;
}

function statistic(store: MetricStore, name: string): number | undefined {
  return store.statistics(FAULTS, name, 60, AT, AT + MINUTE).get(AT);
}

describe('statistics', () => {
  it.each([
    ['Sum', 12],
    ['Average', 3],
    ['Minimum', 1],
    ['Maximum', 6],
    ['SampleCount', 4],
    ['p0', 1],
    ['p50', 2],
    ['p75', 3],
    ['p75.1', 6],
    ['p100', 6],
  ])('has %s', (name, expected) => {
    expect(statistic(storeWith(6, 1, 2, 3), name)).toBe(expected);
  });

  it('counts equal observations as often as they came', () => {
    const store = createMetricStore(TEN_MINUTES);
    store.record(FAULTS, 2, AT, { count: 98 });
    store.record(FAULTS, 50, AT, { count: 2 });
    expect(statistic(store, 'Sum')).toBe(296);
    expect(statistic(store, 'SampleCount')).toBe(100);
    expect(statistic(store, 'p98')).toBe(2);
    expect(statistic(store, 'p99')).toBe(50);
  });

  it('rejects a statistic that it does not have', () => {
    for (const name of ['tm90', 'p101', 'p', 'p-1', 'sum', '']) {
      expect(() => statistic(storeWith(1), name)).toThrow(RangeError);
    }
  });

  it('keeps percentiles close and the rest exact with many distinct values', () => {
    const store = createMetricStore(TEN_MINUTES);
    for (let value = 1; value <= 20_000; value += 1) store.record(FAULTS, value, AT);
    expect(statistic(store, 'Sum')).toBe(200_010_000);
    expect(statistic(store, 'Maximum')).toBe(20_000);
    const p90 = statistic(store, 'p90') ?? 0;
    expect(Math.abs(p90 - 18_000) / 18_000).toBeLessThan(0.05);
    expect(statistic(store, 'p100')).toBeLessThanOrEqual(20_000);
  });

  it.each([
    ['no number', Number.NaN, 1],
    ['an endless one', Number.POSITIVE_INFINITY, 1],
    ['no count', 5, 0],
    ['a negative count', 5, -1],
  ])('leaves out %s', (_, value, count) => {
    const store = storeWith(1);
    store.record(FAULTS, value, AT, { count });
    expect(statistic(store, 'Sum')).toBe(1);
  });
});

describe('periods', () => {
  it('has none without data, and tells 0 from none', () => {
    const store = createMetricStore(TEN_MINUTES);
    store.record(FAULTS, 0, AT);
    store.record(FAULTS, 4, AT + 2 * MINUTE);
    const sums = store.statistics(FAULTS, 'Sum', 60, AT, AT + 4 * MINUTE);
    expect([...sums]).toEqual([
      [AT, 0],
      [AT + 2 * MINUTE, 4],
    ]);
  });

  it('slides with the start that is asked for', () => {
    const store = createMetricStore(TEN_MINUTES);
    for (const minute of [0, 1, 2, 3]) store.record(FAULTS, 1 + minute, AT + minute * MINUTE);
    const from = AT + MINUTE;
    const sums = store.statistics(FAULTS, 'Sum', 120, from, from + 2 * MINUTE);
    expect([...sums]).toEqual([[from, 5]]);
  });

  it('leaves out what is older than the start and what starts at the end', () => {
    const store = createMetricStore(TEN_MINUTES);
    for (const minute of [-1, 0, 1]) store.record(FAULTS, 1, AT + minute * MINUTE);
    expect(store.statistics(FAULTS, 'Sum', 60, AT, AT + MINUTE).size).toBe(1);
  });

  it('has high-resolution data in their second, others in the start of their minute', () => {
    const store = createMetricStore(TEN_MINUTES);
    store.record(FAULTS, 1, AT + 25_500, { highResolution: true });
    store.record(REQUESTS, 1, AT + 25_500);
    const starts = (key: typeof FAULTS | typeof REQUESTS) => [
      ...store.statistics(key, 'Sum', 10, AT, AT + MINUTE).keys(),
    ];
    expect(starts(FAULTS)).toEqual([AT + 20_000]);
    expect(starts(REQUESTS)).toEqual([AT]);
  });

  it('adds both resolutions of one metric', () => {
    const store = storeWith(3);
    store.record(FAULTS, 4, AT + 1_000, { highResolution: true });
    expect(statistic(store, 'Sum')).toBe(7);
  });
});

describe('metrics', () => {
  it('are told apart by their dimensions, in whichever order', () => {
    const store = createMetricStore(TEN_MINUTES);
    const key = (dimensions: Readonly<Record<string, string>>) => ({ ...FAULTS, dimensions });
    store.record(key({ Api: 'a', Stage: 'prod' }), 1, AT);
    store.record(key({ Stage: 'prod', Api: 'a' }), 1, AT);
    store.record(key({ Stage: 'prod' }), 5, AT);
    const sum = (dimensions: Readonly<Record<string, string>>) =>
      store.statistics(key(dimensions), 'Sum', 60, AT, AT + MINUTE).get(AT);
    expect(sum({ Api: 'a', Stage: 'prod' })).toBe(2);
    expect(sum({})).toBeUndefined();
    expect(store.list()).toHaveLength(2);
  });

  it('keep the newest buckets, whatever one observation says of its time', () => {
    const store = createMetricStore({ retainMs: 2 * MINUTE });
    store.record(FAULTS, 1, AT + 1_000_000 * MINUTE);
    for (let minute = 0; minute < 5; minute += 1) store.record(FAULTS, 1, AT + minute * MINUTE);
    const sums = store.statistics(FAULTS, 'Sum', 60, AT, AT + 10 * MINUTE);
    expect([...sums.keys()]).toEqual([AT + 3 * MINUTE, AT + 4 * MINUTE]);
  });

  it('are forgotten beyond 5,000, the one that was silent longest first', () => {
    const store = createMetricStore(TEN_MINUTES);
    const key = (id: number) => ({ ...FAULTS, dimensions: { id: String(id) } });
    for (let id = 0; id < 5_000; id += 1) store.record(key(id), 1, AT);
    store.record(key(0), 1, AT);
    store.record(key(5_000), 1, AT);
    const listed = new Set(store.list().map(({ dimensions }) => dimensions['id']));
    expect(listed.size).toBe(5_000);
    expect(listed.has('0')).toBe(true);
    expect(listed.has('1')).toBe(false);
  });
});
