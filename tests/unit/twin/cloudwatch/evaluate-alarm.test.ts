import { describe, expect, it } from 'vitest';
import { reasonDataJson } from '#twin/cloudwatch/alarm-state.ts';
import {
  evaluateAlarm,
  evaluationIntervalSeconds,
  evaluationReachMs,
} from '#twin/cloudwatch/evaluate-alarm.ts';
import { createMetricStore } from '#twin/cloudwatch/metric-store.ts';
import { alarm, FAULTS, mathQuery, metricQuery, REQUESTS } from './alarm-model.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 0, 15, 12);

function createStore() {
  const store = createMetricStore({ retainMs: 2 * HOUR });
  /** Records one sum for each minute before `NOW`, oldest first; null: nothing. */
  const minutes = (key: typeof FAULTS | typeof REQUESTS, ...values: readonly (number | null)[]) => {
    for (const [index, value] of values.entries()) {
      if (value !== null) store.record(key, value, NOW - (values.length - index) * MINUTE + SECOND);
    }
  };
  return { ...store, minutes };
}

describe('evaluateAlarm', () => {
  it.each([
    ['GreaterThanOrEqualToThreshold', 10, 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 9, 'OK'],
    ['GreaterThanThreshold', 10, 'OK'],
    ['GreaterThanThreshold', 11, 'ALARM'],
    ['LessThanOrEqualToThreshold', 10, 'ALARM'],
    ['LessThanOrEqualToThreshold', 11, 'OK'],
    ['LessThanThreshold', 9, 'ALARM'],
    ['LessThanThreshold', 10, 'OK'],
  ])('compares by %s: %d is %s', (comparisonOperator, value, expected) => {
    const store = createStore();
    store.minutes(FAULTS, value, value, value);
    const model = alarm({ comparisonOperator });
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW).state).toBe(expected);
  });

  it('looks at whole minutes alone, the newest last', () => {
    const store = createStore();
    store.minutes(FAULTS, 20, 20, 20);
    // Of the minute that is not over yet.
    store.record(FAULTS, 0, NOW + SECOND);
    const model = alarm();
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW + 59 * SECOND).state).toBe('ALARM');
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW + 60 * SECOND).state).toBe('OK');
  });

  it('is as it was where `ignore` finds nothing, and unknown where `missing` does', () => {
    const { statistics } = createStore();
    const ignoring = alarm({ treatMissingData: 'ignore' });
    expect(evaluateAlarm(ignoring, statistics, 'ALARM', NOW).state).toBe('ALARM');
    expect(evaluateAlarm(alarm(), statistics, 'ALARM', NOW).state).toBe('INSUFFICIENT_DATA');
  });

  it('looks two periods further than N, and no further', () => {
    const store = createStore();
    store.minutes(FAULTS, 20, null, null, null, null);
    const model = alarm({ datapointsToAlarm: 1, treatMissingData: 'notBreaching' });
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW).state).toBe('ALARM');
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW + MINUTE).state).toBe('OK');
  });

  it('slides a period of several minutes with each minute', () => {
    const store = createStore();
    store.minutes(FAULTS, 0, 3, 3, 3);
    const model = alarm({
      threshold: 9,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      queries: [metricQuery(FAULTS, { periodSeconds: 180 })],
    });
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW - MINUTE).state).toBe('OK');
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW).state).toBe('ALARM');
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW + MINUTE).state).toBe('OK');
  });

  it('looks each 10 s at high-resolution data', () => {
    const store = createStore();
    for (const second of [0, 10, 20]) {
      store.record(FAULTS, 20, NOW + second * SECOND, { highResolution: true });
    }
    const model = alarm({ queries: [metricQuery(FAULTS, { periodSeconds: 10 })] });
    const stateAt = (second: number) =>
      evaluateAlarm(model, store.statistics, 'OK', NOW + second * SECOND).state;
    expect(stateAt(29)).toBe('OK');
    expect(stateAt(30)).toBe('ALARM');
  });

  it('evaluates metric math over the same periods', () => {
    const store = createStore();
    store.minutes(FAULTS, 10, 1, 30, 10);
    store.minutes(REQUESTS, 100, null, 100, 100);
    const model = alarm({
      datapointsToAlarm: 2,
      queries: [
        metricQuery(FAULTS, { id: 'faults', returnData: false }),
        metricQuery(REQUESTS, { id: 'requests', returnData: false }),
        mathQuery('100 * faults / requests', { id: 'rate' }),
      ],
    });
    const { state, reasonData } = evaluateAlarm(model, store.statistics, 'OK', NOW);
    expect(state).toBe('ALARM');
    expect(reasonData?.statistic).toBeNull();
    // Without requests there is no rate.
    expect(reasonData?.datapoints.map(({ value }) => value)).toEqual([null, 10, null, 30, 10]);
  });

  it('rejects a comparison that it does not have', () => {
    const model = alarm({ comparisonOperator: 'LessThanLowerThreshold' });
    expect(() => evaluateAlarm(model, createStore().statistics, 'OK', NOW)).toThrow(RangeError);
  });
});

describe('the reason', () => {
  it('has the values, newest first, the threshold and the counts', () => {
    const store = createStore();
    store.minutes(FAULTS, 12, 3, 11);
    const model = alarm({ datapointsToAlarm: 2 });
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW).reason).toBe(
      'Threshold Crossed: 2 out of the last 3 datapoints [11, 3, 12] were greater than or equal ' +
        'to the threshold (10); 2 of 3 make an alarm.',
    );
  });

  it('says how many datapoints were missing, and as what they count', () => {
    const store = createStore();
    store.minutes(FAULTS, 12);
    const model = alarm({ treatMissingData: 'breaching' });
    expect(evaluateAlarm(model, store.statistics, 'OK', NOW).reason).toBe(
      'Threshold Crossed: 1 out of the last 1 datapoints [12] was greater than or equal to the ' +
        'threshold (10); 3 of 3 make an alarm. 2 of 3 missing, treated as breaching.',
    );
  });

  it('says that there is no data', () => {
    const { statistics } = createStore();
    expect(evaluateAlarm(alarm(), statistics, 'OK', NOW).reason).toBe(
      'Insufficient Data: none in 5 periods. 3 of 3 missing, treated as missing.',
    );
  });

  it('has data for machines, in the time of whoever reads them', () => {
    const store = createStore();
    store.minutes(FAULTS, 12, null, 11);
    const { reasonData } = evaluateAlarm(alarm(), store.statistics, 'OK', NOW);
    if (reasonData === null) throw new Error('no data');
    expect(JSON.parse(reasonDataJson(reasonData))).toEqual({
      version: '1.0',
      queryDate: '2026-01-15T12:00:00.000+0000',
      startDate: '2026-01-15T11:57:00.000+0000',
      statistic: 'Sum',
      period: 60,
      recentDatapoints: [12, 11],
      threshold: 10,
      evaluatedDatapoints: [
        { timestamp: '2026-01-15T11:59:00.000+0000', value: 11 },
        { timestamp: '2026-01-15T11:58:00.000+0000' },
        { timestamp: '2026-01-15T11:57:00.000+0000', value: 12 },
        { timestamp: '2026-01-15T11:56:00.000+0000' },
        { timestamp: '2026-01-15T11:55:00.000+0000' },
      ],
    });
    const earlier = JSON.parse(reasonDataJson(reasonData, (epochMs) => epochMs - HOUR)) as {
      queryDate: string;
    };
    expect(earlier.queryDate).toBe('2026-01-15T11:00:00.000+0000');
  });
});

describe('how often', () => {
  it.each([
    [10, 3, 10],
    [20, 3, 10],
    [30, 3, 10],
    [60, 3, 60],
    [300, 3, 60],
    [3600, 24, 60],
    [3600, 25, 3600],
    [86_400, 1, 60],
    [86_400, 2, 3600],
  ])('a period of %d s times %d is looked at each %d s', (periodSeconds, periods, expected) => {
    const model = alarm({
      evaluationPeriods: periods,
      queries: [metricQuery(FAULTS, { periodSeconds })],
    });
    expect(evaluationIntervalSeconds(model)).toBe(expected);
  });

  it('reaches as far back as its oldest period begins', () => {
    expect(evaluationReachMs(alarm())).toBe(6 * MINUTE);
    const short = alarm({ queries: [metricQuery(FAULTS, { periodSeconds: 10 })] });
    expect(evaluationReachMs(short)).toBe(MINUTE);
  });
});
