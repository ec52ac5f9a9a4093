/** Evaluates the queries of an alarm: metrics, and metric math over them. */

import type { MetricQueryModel } from '#twin/region-model.ts';
import { MetricMathError } from './metric-math-error.ts';
import { evaluateExpression, type MathValue, type TimeSeries } from './metric-math-evaluate.ts';
import { kindOfExpression, type MathKind } from './metric-math-kinds.ts';
import { type Expression, parseMetricMath } from './metric-math-parser.ts';

export type MetricSource = Extract<MetricQueryModel['source'], { kind: 'metric' }>;

/** Queries that have been checked: evaluating them does not fail. */
export interface MetricQueries {
  /** The one query whose data are returned. */
  readonly returned: MetricQueryModel;
  readonly metrics: readonly { readonly id: string; readonly source: MetricSource }[];
  readonly expressions: ReadonlyMap<string, Expression>;
}

/**
 * Parses and checks queries. Pure.
 *
 * Throws `MetricMathError`, with the id of the query, for an expression that can't be read, for ids
 * that are no query, for expressions that lead back to themselves, and for a result that is no single
 * time series.
 */
export function compileMetricQueries(queries: readonly MetricQueryModel[]): MetricQueries {
  const [returned, ...others] = queries.filter((query) => query.returnData);
  if (returned === undefined || others.length > 0) {
    throw new MetricMathError('exactly one query of an alarm has ReturnData true.');
  }
  const expressions = new Map<string, Expression>();
  const metrics: { id: string; source: MetricSource }[] = [];
  for (const { id, source } of queries) {
    if (source.kind === 'metric') metrics.push({ id, source });
    else
      expressions.set(
        id,
        within(id, () => parseMetricMath(source.expression)),
      );
  }
  const kinds = new Map<string, MathKind>(metrics.map(({ id }) => [id, 'series']));
  const path: string[] = [];
  const kindOfId = (id: string): MathKind => {
    const known = kinds.get(id);
    if (known !== undefined) return known;
    const expression = expressions.get(id);
    if (expression === undefined) throw new MetricMathError(`there is no query with the id ${id}.`);
    if (path.includes(id)) {
      throw new MetricMathError(`it leads back to itself: ${[...path, id].join(' → ')}.`);
    }
    path.push(id);
    const kind = kindOfExpression(expression, kindOfId);
    path.pop();
    kinds.set(id, kind);
    return kind;
  };
  for (const id of expressions.keys()) within(id, () => kindOfId(id));
  if (kindOfId(returned.id) !== 'series') {
    throw new MetricMathError(
      `${returned.id}: an alarm needs one time series, and this gives a ${kinds.get(returned.id)}.`,
    );
  }
  return { returned, metrics, expressions };
}

/**
 * The returned series. `dataOf` gives a metric's data by period start; `periodStarts`: every period
 * that is looked at, oldest first, with data or without. Never throws of its own accord.
 */
export function evaluateMetricQueries(
  { returned, metrics, expressions }: MetricQueries,
  dataOf: (source: MetricSource) => TimeSeries,
  periodStarts: readonly number[],
): TimeSeries {
  const values = new Map<string, MathValue>(
    metrics.map(({ id, source }) => [id, { kind: 'series', series: dataOf(source) }]),
  );
  const context = { periodStarts, metricIds: metrics.map(({ id }) => id), valueOf };
  function valueOf(id: string): MathValue {
    const known = values.get(id);
    if (known !== undefined) return known;
    const expression = expressions.get(id);
    // Can't be: the queries have been checked. An empty series is what a metric without data gives.
    if (expression === undefined) return { kind: 'series', series: new Map() };
    const value = evaluateExpression(expression, context);
    values.set(id, value);
    return value;
  }
  const result = valueOf(returned.id);
  return result.kind === 'series' ? result.series : new Map();
}

function within<T>(id: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof MetricMathError)) throw error;
    throw new MetricMathError(`${id}: ${error.message}`, { cause: error });
  }
}
