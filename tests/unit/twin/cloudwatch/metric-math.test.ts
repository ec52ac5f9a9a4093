import { describe, expect, it } from 'vitest';
import { compileMetricQueries, evaluateMetricQueries } from '#twin/cloudwatch/metric-math.ts';
import { MetricMathError } from '#twin/cloudwatch/metric-math-error.ts';
import type { MetricQueryModel } from '#twin/region-model.ts';
import { mathQuery, metricQuery } from './alarm-model.ts';

type Points = readonly (number | null)[];

/** Metrics m1, m2, … as queries, by values period by period; null: no data. */
function hidden(metrics: readonly Points[]): MetricQueryModel[] {
  return metrics.map((_, index) =>
    metricQuery(
      { namespace: 'Test', metricName: `m${index + 1}` },
      { id: `m${index + 1}`, returnData: false },
    ),
  );
}

/** What the expression gives, period by period, in the same notation. */
function evaluate(
  expression: string,
  metrics: readonly Points[],
  more: readonly MetricQueryModel[] = [],
): Points {
  const queries = [...hidden(metrics), ...more, mathQuery(expression)];
  const periods = Array.from({ length: metrics[0]?.length ?? 0 }, (_, index) => index * 60_000);
  const series = evaluateMetricQueries(
    compileMetricQueries(queries),
    ({ metricName }) =>
      new Map(
        periods.flatMap((at, index): [number, number][] => {
          const value = metrics[Number(metricName.slice(1)) - 1]?.[index];
          return typeof value === 'number' ? [[at, value]] : [];
        }),
      ),
    periods,
  );
  return periods.map((at) => series.get(at) ?? null);
}

function compile(expression: string, more: readonly MetricQueryModel[] = []) {
  return () => compileMetricQueries([...hidden([[1], [2]]), ...more, mathQuery(expression)]);
}

describe('arithmetic', () => {
  it.each<[string, Points]>([
    ['m1 + m2', [3, 5]],
    ['m1 - m2', [-1, 3]],
    ['m1 * m2', [2, 4]],
    ['m1 / m2', [0.5, 4]],
    ['m1 ^ m2', [1, 4]],
    ['-m1', [-1, -4]],
    ['- -m1', [1, 4]],
    ['2 + 3 * m1', [5, 14]],
    ['(2 + 3) * m1', [5, 20]],
    ['10 - 2 - m1', [7, 4]],
    ['16 / 4 / m1', [4, 1]],
    ['2 ^ 3 ^ 2 * m1', [512, 2048]],
    ['-m1 ^ 2', [-1, -16]],
    ['1.5e1*m1', [15, 60]],
    ['.5*m1', [0.5, 2]],
    ['ABS(m2 - m1)', [1, 3]],
  ])('evaluates %s', (expression, expected) => {
    expect(
      evaluate(expression, [
        [1, 4],
        [2, 1],
      ]),
    ).toEqual(expected);
  });

  it('counts a missing point as 0 beside one that exists, and has none where none exists', () => {
    const metrics = [
      [5, null, 5, null],
      [2, 2, null, null],
    ];
    expect(evaluate('m1 + m2', metrics)).toEqual([7, 2, 5, null]);
    expect(evaluate('m1 - m2', metrics)).toEqual([3, -2, 5, null]);
    expect(evaluate('m1 + 1', metrics)).toEqual([6, null, 6, null]);
  });

  it('drops a point that would divide by 0', () => {
    const metrics = [
      [1, 0, 1, 1],
      [0, 0, null, 2],
    ];
    expect(evaluate('m1 / m2', metrics)).toEqual([null, null, null, 0.5]);
    expect(evaluate('m1 / 0', metrics)).toEqual([null, null, null, null]);
  });

  it('drops a point that is no finite number', () => {
    expect(evaluate('m1 ^ 0.5', [[4, -4]])).toEqual([2, null]);
    expect(evaluate('m1 ^ 9999', [[1, 10]])).toEqual([1, null]);
  });
});

describe('comparison and logic', () => {
  // Source: Amazon CloudWatch user guide, "Comparison and logical operators".
  const documented = [
    [30, 20, 0, 0],
    [20, null, 20, null],
  ];

  it.each<[string, Points]>([
    ['m1 < m2', [0, 0, 1, 0]],
    ['m1 >= 30', [1, 0, 0, 0]],
    ['m1 > 15 AND m2 > 15', [1, 0, 0, 0]],
    ['m1 > 15 && m2 > 15', [1, 0, 0, 0]],
    ['m1 > 15 OR m2 > 15', [1, 1, 1, 0]],
    ['m1 > 15 || m2 > 15', [1, 1, 1, 0]],
    ['m1 <= 20', [0, 1, 1, 1]],
    ['m1 == 20', [0, 1, 0, 0]],
    ['m1 != 20', [1, 0, 1, 1]],
    ['m1 == 0 OR m1 > 25 AND m1 < 29', [0, 0, 1, 1]],
    ['m1 + 5 > 24', [1, 1, 0, 0]],
    ['m1 * (2 > 1)', [30, 20, 0, 0]],
  ])('evaluates %s', (expression, expected) => {
    expect(evaluate(expression, documented)).toEqual(expected);
  });
});

describe('IF', () => {
  // Source: Amazon CloudWatch user guide, "Using IF expressions".
  const documented = [
    [1, 1, 0, 0, null],
    [30, null, 0, 0, 30],
    [0, 0, 20, null, 20],
  ];

  it.each<[string, Points]>([
    ['IF(m1, m2, m3)', [30, 0, 20, null, null]],
    ['IF(m1, 5, m3)', [5, 5, 20, null, null]],
    ['IF(m1, m2, 5)', [30, 0, 5, 5, null]],
    ['IF(m1, m2)', [30, 0, null, null, null]],
    ['IF(m1 < 1, 10, 2)', [2, 2, 10, 10, null]],
    ['IF(-m1, 1, 0)', [1, 1, 0, 0, null]],
    ['IF(1, m2, m3)', [30, null, 0, 0, 30]],
    ['IF(0, m2, m3)', [0, 0, 20, null, 20]],
    ['IF(0, m2)', [null, null, null, null, null]],
    ['IF(MAX(m1) > 0, m2)', [30, null, 0, 0, 30]],
  ])('evaluates %s', (expression, expected) => {
    expect(evaluate(expression, documented)).toEqual(expected);
  });

  it('makes a rate of what has enough requests', () => {
    const faults = [9, 1, null, null];
    const requests = [100, 1, 50, null];
    const rate = 'IF(m2 >= 20, 100 * m1 / m2, 0)';
    expect(evaluate(rate, [faults, requests])).toEqual([9, 0, 0, null]);
  });
});

describe('FILL', () => {
  const metrics = [
    [null, 3, null, null, 5],
    [1, 2, 3, 4, null],
  ];

  it.each<[string, Points]>([
    ['FILL(m1, 0)', [0, 3, 0, 0, 5]],
    ['FILL(m1, -1)', [-1, 3, -1, -1, 5]],
    ['FILL(m1, REPEAT)', [null, 3, 3, 3, 5]],
    ['FILL(m1, MIN(m1))', [3, 3, 3, 3, 5]],
    ['FILL(m1, m2)', [1, 3, 3, 4, 5]],
    ['SUM(FILL(METRICS(), 10))', [11, 5, 13, 14, 15]],
  ])('evaluates %s', (expression, expected) => {
    expect(evaluate(expression, metrics)).toEqual(expected);
  });
});

describe('aggregates', () => {
  const metrics = [
    [1, 4, null, null],
    [3, null, 8, null],
  ];

  it.each<[string, Points]>([
    ['SUM([m1, m2])', [4, 4, 8, null]],
    ['SUM(METRICS())', [4, 4, 8, null]],
    ['SUM(METRICS("2"))', [3, null, 8, null]],
    ['SUM([METRICS("1"), m2])', [4, 4, 8, null]],
    ['AVG([m1, m2])', [2, 2, 4, null]],
    ['MIN([m1, m2])', [1, 4, 8, null]],
    ['MAX(METRICS())', [3, 4, 8, null]],
    ['SUM(100 * [m1, m2])', [400, 400, 800, null]],
    ['SUM([m1, m2] / m2)', [1 / 3 + 1, null, 1, null]],
    ['MAX(-[m1, m2])', [-1, -4, -8, null]],
    ['MAX(ABS(-[m1, m2]))', [3, 4, 8, null]],
    // Of one series: a number, over its own points.
    ['m1 - AVG(m1)', [-1.5, 1.5, null, null]],
    ['m1 / SUM(m1)', [0.2, 0.8, null, null]],
    ['MAX(m2) - m1', [7, 4, null, null]],
  ])('evaluates %s', (expression, expected) => {
    expect(evaluate(expression, metrics)).toEqual(expected);
  });

  it('gives nothing of a metric without any data', () => {
    const empty = [
      [1, 2],
      [null, null],
    ];
    expect(evaluate('m1 - AVG(m2)', empty)).toEqual([null, null]);
    expect(evaluate('m1 > MAX(m2)', empty)).toEqual([null, null]);
    expect(evaluate('IF(MAX(m2), m1)', empty)).toEqual([null, null]);
    expect(evaluate('m1 + m2', empty)).toEqual([1, 2]);
  });
});

describe('expressions of expressions', () => {
  it('are evaluated, whichever stands first', () => {
    const sum = mathQuery('m1 + m2', { id: 'total', returnData: false });
    expect(evaluate('total * 2', [[1], [2]], [sum])).toEqual([6]);
    const queries = [mathQuery('total * 2'), sum, ...hidden([[1], [2]])];
    expect(compileMetricQueries(queries).returned.id).toBe('e1');
  });

  it('are no part of METRICS()', () => {
    const sum = mathQuery('m1 + m2', { id: 'total', returnData: false });
    expect(evaluate('SUM(METRICS())', [[1], [2]], [sum])).toEqual([3]);
  });
});

describe('what is read', () => {
  it.each([
    ['a function it does not have', 'RATE(m1)', /no function RATE/],
    ['a function in lower case', 'sum(m1)', /no function sum/],
    ['LINEAR', 'FILL(m1, LINEAR)', /does not fill linearly/],
    ['an unknown id', 'm1 + m9', /no query with the id m9/],
    ['an id in upper case', 'M1', /begins with a lower-case letter/],
    ['a number as the result', 'SUM(m1)', /gives a number/],
    ['a list as the result', 'METRICS()', /gives a list/],
    ['numbers in a list', 'SUM([m1, 2])', /a list holds time series/],
    ['two lists', 'SUM([m1] + [m2])', /\+ has no meaning here for a list/],
    ['a comparison of a list', 'SUM([m1, m2] > 3)', /> has no meaning here for a list/],
    ['a list in IF', 'IF(m1, [m1, m2])', /no lists/],
    ['IF of numbers', 'IF(1, 2, 3)', /takes time series only/],
    ['IF without a value', 'IF(m1)', /IF takes a condition/],
    ['IF with four', 'IF(m1, 1, 2, 3)', /IF takes a condition/],
    ['ABS of a number', 'm1 + ABS(-1)', /ABS takes a time series/],
    ['SUM of a number', 'm1 + SUM(1)', /SUM takes a time series/],
    ['SUM of two', 'SUM(m1, m2)', /go into a list: SUM\(\[a, b\]\)/],
    ['FILL of a number', 'm1 + FILL(1, 2)', /FILL fills a time series/],
    ['FILL with a list', 'FILL(m1, [m2])', /FILL fills with/],
    ['nothing', '', /it ends where a value should stand/],
    ['an open parenthesis', '(m1 + 1', /it ends where \) should stand/],
    ['two values in a row', 'm1 m2', /there is "m2" where a value/],
    ['a lone operator', 'm1 +', /it ends where a value/],
    ['a sign without meaning', 'm1 % m2', /"%" has no meaning/],
    ['one = for ==', 'm1 = 3', /"=" has no meaning/],
    ['itself', 'e1 + 1', /leads back to itself: e1 → e1/],
    ['depth without end', `${'('.repeat(500)}m1${')'.repeat(500)}`, /nested too deeply/],
  ])('rejects %s', (_, expression, message) => {
    expect(compile(expression)).toThrow(MetricMathError);
    expect(compile(expression)).toThrow(message);
  });

  it('rejects expressions that lead back to themselves over others', () => {
    const other = mathQuery('e1', { id: 'e2', returnData: false });
    expect(compile('e2', [other])).toThrow(/itself: e2 → e1 → e2/);
  });

  it('rejects none and two queries that return data', () => {
    expect(() => compileMetricQueries(hidden([[1]]))).toThrow(/exactly one query/);
    expect(compile('m1', [mathQuery('m2', { id: 'e2' })])).toThrow(/exactly one query/);
  });

  it('names the query whose expression is wrong', () => {
    expect(compile('m1 +')).toThrow(/^e1: "m1 \+"/);
  });
});
