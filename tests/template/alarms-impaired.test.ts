/** The alarms on which traffic leaves a Region: what raises them, and what never may. */

import { describe, expect, test } from 'vitest';
import { compileMetricQueries, evaluateMetricQueries } from '#twin/cloudwatch/metric-math.ts';
import type { MetricQueryModel } from '#twin/region-model.ts';
import { alarmNamed, childrenOf, metricsOf } from './alarm-support.ts';
import { type JsonObject, synthesized, type Template, textOf } from './support.ts';

const PERIOD = 0;
const template = synthesized().primary;

/**
 * What an alarm's expression gives for one period in which its metrics, by their ids, had these values;
 * null: no datapoint. By the twin's metric math, which has tests against AWS's examples.
 */
function valueOf(name: string, values: Readonly<Record<string, number>>): number | null {
  const { Properties } = alarmNamed(template, name);
  const metrics = metricsOf(Properties);
  const expressions = (Properties['Metrics'] as readonly JsonObject[]).filter(
    (query) => query['Expression'] !== undefined,
  );
  const unknown = Object.keys(values).filter((id) => !metrics.some((metric) => metric.id === id));
  expect(unknown).toEqual([]);
  const queries: readonly MetricQueryModel[] = [
    ...expressions.map(({ Id, Expression }) => ({
      id: textOf(Id),
      returnData: true,
      source: { kind: 'expression', expression: textOf(Expression), periodSeconds: 1 } as const,
    })),
    ...metrics.map(({ id, statistic }) => ({
      id,
      returnData: false,
      source: {
        kind: 'metric',
        namespace: id,
        metricName: id,
        dimensions: {},
        statistic,
        periodSeconds: 1,
      } as const,
    })),
  ];
  const series = evaluateMetricQueries(
    compileMetricQueries(queries),
    ({ metricName }) => {
      const value = values[metricName];
      return value === undefined ? new Map() : new Map([[PERIOD, value]]);
    },
    [PERIOD],
  );
  return series.get(PERIOD) ?? null;
}

const alarm = (name: string, of: Template = template) => alarmNamed(of, name).Properties;

describe.each(
  [synthesized(), synthesized({ consistency: 'eventual' })].flatMap(({ configuration, regions }) =>
    regions.map((it) => ({ ...it, consistency: configuration.consistency })),
  ),
)('$consistency, in $region', ({ template: own }) => {
  test('three alarms impair the Region, all on what callers of payments see', () => {
    expect(childrenOf(own, 'payment-region-impaired-dev')).toEqual([
      'payment-error-rate-dev',
      'payment-latency-dev',
      'payment-no-success-dev',
    ]);
  });

  test('no data is no breach: an idle Region is not impaired', () => {
    for (const name of childrenOf(own, 'payment-region-impaired-dev')) {
      expect(alarm(name, own)).toMatchObject({
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
      });
    }
  });
});

describe('payment-error-rate', () => {
  const name = 'payment-error-rate-dev';

  test('rings above 20 % in three of four periods of 10 s', () => {
    expect(alarm(name)).toMatchObject({
      Threshold: 20,
      EvaluationPeriods: 4,
      DatapointsToAlarm: 3,
    });
    expect(metricsOf(alarm(name))).toEqual([
      expect.objectContaining({ name: 'PaymentRequests', statistic: 'Sum', periodSeconds: 10 }),
      expect.objectContaining({ name: 'PaymentFaults', statistic: 'Sum', periodSeconds: 10 }),
    ]);
  });

  test.each([
    ['a third of many fails', { requests: 300, faults: 100 }, 100 / 3],
    ['a tenth of many fails', { requests: 300, faults: 30 }, 10],
    ['all of five fail', { requests: 5, faults: 5 }, 100],
    ['all of four fail: too few to judge', { requests: 4, faults: 4 }, 0],
    ['nothing fails', { requests: 50, faults: 0 }, 0],
    ['there is no traffic', {}, null],
  ])('%s', (_case, values, percent) => {
    expect(valueOf(name, values)).toBe(percent);
  });
});

describe('payment-latency', () => {
  const name = 'payment-latency-dev';

  test('rings above 2,000 ms in four of six periods of 10 s', () => {
    expect(alarm(name)).toMatchObject({
      Threshold: 2_000,
      EvaluationPeriods: 6,
      DatapointsToAlarm: 4,
    });
    const ofLatency = { name: 'PaymentLatency', periodSeconds: 10 };
    expect(metricsOf(alarm(name))).toEqual([
      expect.objectContaining({ ...ofLatency, id: 'samples', statistic: 'SampleCount' }),
      expect.objectContaining({ ...ofLatency, id: 'p90', statistic: 'p90' }),
    ]);
  });

  test.each([
    ['enough are slow', { samples: 5, p90: 7_000 }, 7_000],
    ['too few to judge are slow', { samples: 4, p90: 7_000 }, 0],
    ['there is no traffic, or only bad input', {}, null],
  ])('%s', (_case, values, ms) => {
    expect(valueOf(name, values)).toBe(ms);
  });
});

describe('payment-no-success', () => {
  const name = 'payment-no-success-dev';
  const minute = (asked: number, refused: number, failed: number) => ({
    asked_1: asked,
    refused_1: refused,
    failed_1: failed,
    asked_2: 0,
    refused_2: 0,
    failed_2: 0,
  });

  test('rings when two minutes of two had attempts and no success, as API Gateway counts them', () => {
    expect(alarm(name)).toMatchObject({
      Threshold: 0,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
    });
    const watched = metricsOf(alarm(name)).map((it) => `${it.name} ${it.of} ${it.periodSeconds}`);
    expect(watched).toEqual([
      'Count payment-api-dev POST /process prod 60',
      'Count payment-api-dev POST /payments prod 60',
      '4XXError payment-api-dev POST /process prod 60',
      '4XXError payment-api-dev POST /payments prod 60',
      '5XXError payment-api-dev POST /process prod 60',
      '5XXError payment-api-dev POST /payments prod 60',
      'PaymentsTurnedAway  60',
    ]);
  });

  test('the stage reports each method, without which there would be nothing to see', () => {
    const [stage] = Object.values(template.Resources).filter(
      ({ Type }) => Type === 'AWS::ApiGateway::Stage',
    );
    const settings = stage?.Properties['MethodSettings'] as readonly JsonObject[];
    expect(settings[0]).toMatchObject({ HttpMethod: '*', ResourcePath: '/*' });
    // Whatever a method has of its own, it has instead of the stage's.
    expect(settings.map((it) => it['MetricsEnabled'])).toEqual(settings.map(() => true));
  });

  test.each([
    ['all fail', minute(5, 0, 5), 1],
    ['all fail that are not bad input', minute(100, 95, 5), 1],
    ['one succeeds', minute(100, 0, 99), 0],
    ['all are bad input', minute(100, 100, 0), 0],
    ['too few fail to judge', minute(4, 0, 4), 0],
    ['too few fail to judge, and the rest is bad input', minute(100, 96, 4), 0],
    ['it is idle, and told so', minute(0, 0, 0), 0],
    ['there is no data', {}, null],
    [
      'both routes fail',
      { asked_1: 3, failed_1: 3, asked_2: 3, failed_2: 3, refused_1: 0, refused_2: 0 },
      1,
    ],
    [
      'one route still works',
      { asked_1: 50, failed_1: 50, asked_2: 3, failed_2: 2, refused_1: 0, refused_2: 0 },
      0,
    ],
    ['all are sent to the other Region', { ...minute(100, 0, 100), turned_away: 98 }, 0],
    ['most fail, some are sent elsewhere', { ...minute(100, 0, 100), turned_away: 10 }, 1],
  ])('%s', (_case, values, expected) => {
    expect(valueOf(name, values)).toBe(expected);
  });
});

describe('payment-dynamodb-throttle', () => {
  const terms = metricsOf(alarm('payment-dynamodb-throttle-dev')).map(({ id }) => id);
  const [first = '', second = ''] = terms;

  test.each([
    ['counts the table and its indexes', { [first]: 4, [second]: 6, ticking: 1 }, 10],
    ['is over in a minute in which only the sweeper reports', { ticking: 1 }, 0],
    ['does not wait for the sweeper', { [first]: 12 }, 12],
  ])('%s', (_case, values, expected) => {
    expect(valueOf('payment-dynamodb-throttle-dev', values)).toBe(expected);
  });
});

describe('payment-callers-refused, on which traffic stays', () => {
  const name = 'payment-callers-refused-dev';
  const minute = (asked: number, refused: number) => ({
    ...{ asked_1: asked, refused_1: refused },
    ...{ asked_2: 0, refused_2: 0 },
  });

  test('rings when five minutes of five had more refused than not, as API Gateway counts them', () => {
    expect(alarm(name)).toMatchObject({
      ...{ Threshold: 50, ComparisonOperator: 'GreaterThanThreshold' },
      ...{ EvaluationPeriods: 5, DatapointsToAlarm: 5, TreatMissingData: 'notBreaching' },
    });
    const watched = metricsOf(alarm(name)).map((it) => `${it.name} ${it.of} ${it.periodSeconds}`);
    expect(watched).toEqual([
      'Count payment-api-dev POST /process prod 60',
      'Count payment-api-dev POST /payments prod 60',
      '4XXError payment-api-dev POST /process prod 60',
      '4XXError payment-api-dev POST /payments prod 60',
    ]);
  });

  test.each([
    ['all are signed for another Region', minute(100, 100), 100],
    ['every other one is bad', minute(100, 50), 50],
    ['one of the two routes has all of it', { ...minute(4, 4), asked_2: 4, refused_2: 0 }, 50],
    ['too few to judge', minute(4, 4), 0],
    ['there is no traffic', {}, null],
  ])('%s', (_case, values, percent) => {
    expect(valueOf(name, values)).toBe(percent);
  });
});
