import { describe, expect, it } from 'vitest';
import { percentile, seriesOf } from '#ops/drill/analysis/series.ts';
import { EAST_1, EAST_2, eventAt, failureAt } from './drill-world-fixture.ts';

describe('seriesOf', () => {
  const events = [
    eventAt(8_100),
    eventAt(8_900, { endedAtEpochMs: 9_000 }),
    failureAt(10_000, { endedAtEpochMs: 13_000 }),
    eventAt(10_500, { client: 'retrying', region: EAST_2 }),
  ];
  const series = seriesOf(events, [EAST_1, EAST_2], 10_000);

  it('counts seconds from the strike, those without a request too', () => {
    expect(series.byClient.dns).toEqual([
      { second: -2, requests: 2, succeeded: 2, p50Ms: 20, p99Ms: 100 },
      { second: -1, requests: 0, succeeded: 0, p50Ms: null, p99Ms: null },
      { second: 0, requests: 1, succeeded: 0, p50Ms: 3_000, p99Ms: 3_000 },
    ]);
  });

  it('has every Region on the same seconds', () => {
    expect(series.byRegion[EAST_2]?.map(({ second, requests }) => [second, requests])).toEqual([
      [-2, 0],
      [-1, 0],
      [0, 1],
    ]);
    expect(series.byRegion[EAST_1]).toHaveLength(3);
  });

  it('is empty without events', () => {
    expect(seriesOf([], [EAST_1], 0)).toMatchObject({ byRegion: { [EAST_1]: [] } });
  });
});

describe('percentile', () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.99, 7],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4], 0.99, 4],
  ])('of %j at %d is %s, by nearest rank', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });
});
