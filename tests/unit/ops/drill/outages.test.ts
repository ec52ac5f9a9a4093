import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOutage, outagesOf } from '#ops/drill/analysis/outages.ts';
import { eventAt, failureAt } from './drill-world-fixture.ts';

describe('outagesOf', () => {
  it('counts from the start of the first failure to the first success after the last', () => {
    const events = [eventAt(0), failureAt(1_000), failureAt(1_500), eventAt(2_000), eventAt(9_000)];
    expect(outagesOf(events, 3_000)).toEqual([
      { fromEpochMs: 1_000, lastEpochMs: 1_500, untilEpochMs: 2_020, failures: 2 },
    ]);
  });

  it('takes service that comes and goes for one outage', () => {
    const events = [failureAt(1_000), eventAt(2_000), failureAt(3_500), eventAt(4_000)];
    expect(outagesOf(events, 3_000)).toMatchObject([{ fromEpochMs: 1_000, untilEpochMs: 4_020 }]);
  });

  it('tells two outages apart by the quiet time between them', () => {
    const events = [failureAt(1_000), eventAt(2_000), failureAt(4_000), eventAt(5_000)];
    expect(outagesOf(events, 3_000)).toMatchObject([
      { fromEpochMs: 1_000, untilEpochMs: 2_020 },
      { fromEpochMs: 4_000, untilEpochMs: 5_020 },
    ]);
  });

  it('has no end where nothing succeeded any more', () => {
    expect(outagesOf([eventAt(0), failureAt(1_000)], 3_000)).toMatchObject([
      { fromEpochMs: 1_000, untilEpochMs: null },
    ]);
  });

  it('covers every failure once, whatever the order of the events', () => {
    const drawn = fc.array(fc.record({ at: fc.nat(60_000), ok: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(drawn, (requests) => {
        const events = requests.map(({ at, ok }) => (ok ? eventAt(at) : failureAt(at)));
        const outages = outagesOf(events, 3_000);
        const failures = requests.filter(({ ok }) => !ok).map(({ at }) => at);
        const within = failures.filter((at) =>
          outages.some(({ fromEpochMs, lastEpochMs }) => at >= fromEpochMs && at <= lastEpochMs),
        );
        expect(within).toEqual(failures);
        expect(outages.reduce((sum, { failures: count }) => sum + count, 0)).toBe(failures.length);
        expect(outagesOf(events.toReversed(), 3_000)).toEqual(outages);
      }),
    );
  });
});

describe('clientOutage', () => {
  const quietMs = 3_000;
  const slow = eventAt(1_000, { endedAtEpochMs: 2_400 });

  it('is the slowest call of a client whose calls try again', () => {
    expect(clientOutage([eventAt(0), slow], { quietMs, slowCounts: true }).longestMs).toBe(1_400);
  });

  it('is nothing for a client that waits once, however long', () => {
    expect(clientOutage([eventAt(0), slow], { quietMs, slowCounts: false })).toMatchObject({
      longestMs: 0,
      slowestCallMs: 1_400,
    });
  });

  it('is the longest of several', () => {
    const events = [
      ...[failureAt(1_000), eventAt(1_500), failureAt(10_000), failureAt(12_000), eventAt(13_000)],
    ];
    expect(clientOutage(events, { quietMs, slowCounts: false }).longestMs).toBe(3_020);
  });

  it('is unknown while one has not ended', () => {
    const events = [failureAt(1_000)];
    expect(clientOutage(events, { quietMs, slowCounts: true }).longestMs).toBeNull();
  });
});
