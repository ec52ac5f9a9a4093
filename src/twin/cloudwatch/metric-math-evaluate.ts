/**
 * Evaluates a metric-math expression over periods.
 *
 * What AWS documents of missing data: arithmetic and comparisons count a missing point as 0 where
 * another operand has one, and a point whose calculation would divide by zero is dropped. Where no
 * operand has a point there is none, or silence would look like data. A result that is no finite
 * number is dropped too (AWS documents the division only).
 * Source: Amazon CloudWatch user guide, "Metric math syntax and functions".
 */

import type { Aggregate, Expression, Operator } from './metric-math-parser.ts';

/** By period start. */
export type TimeSeries = ReadonlyMap<number, number>;

export type MathValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'series'; readonly series: TimeSeries }
  | { readonly kind: 'list'; readonly list: readonly TimeSeries[] };

export interface MathContext {
  /** Every period that is looked at, oldest first. */
  readonly periodStarts: readonly number[];
  /** Of METRICS(): metrics alone, no expressions. */
  readonly metricIds: readonly string[];
  valueOf(id: string): MathValue;
}

/** The expression must have passed `kindOfExpression`. Pure. */
export function evaluateExpression(expression: Expression, context: MathContext): MathValue {
  const evaluate = (inner: Expression) => evaluateExpression(inner, context);
  switch (expression.kind) {
    case 'number':
      return { kind: 'number', value: expression.value };
    case 'id':
      return context.valueOf(expression.id);
    case 'metrics': {
      const ids = context.metricIds.filter((id) => id.includes(expression.containing));
      return { kind: 'list', list: ids.flatMap((id) => listOf(context.valueOf(id))) };
    }
    case 'list':
      return { kind: 'list', list: expression.items.flatMap((item) => listOf(evaluate(item))) };
    case 'negate':
      return eachValue(evaluate(expression.of), (value) => -value);
    case 'abs':
      return eachValue(evaluate(expression.of), Math.abs);
    case 'aggregate':
      return aggregate(expression.name, evaluate(expression.of));
    case 'binary':
      return binary(expression.operator, evaluate(expression.left), evaluate(expression.right));
    case 'fill': {
      const { filler } = expression;
      return fill(
        evaluate(expression.of),
        filler === 'REPEAT' ? filler : evaluate(filler),
        context.periodStarts,
      );
    }
    case 'if':
      return choose(
        evaluate(expression.condition),
        evaluate(expression.whenTrue),
        expression.whenFalse === null ? null : evaluate(expression.whenFalse),
      );
  }
}

function listOf(value: MathValue): readonly TimeSeries[] {
  if (value.kind === 'number') return [];
  return value.kind === 'list' ? value.list : [value.series];
}

/** Applies `change` to every series of the value. */
function eachSeries(value: MathValue, change: (series: TimeSeries) => TimeSeries): MathValue {
  if (value.kind === 'list') return { kind: 'list', list: value.list.map(change) };
  return value.kind === 'series' ? { kind: 'series', series: change(value.series) } : value;
}

function eachValue(value: MathValue, change: (value: number) => number): MathValue {
  if (value.kind === 'number') return { kind: 'number', value: change(value.value) };
  return eachSeries(
    value,
    (series) => new Map([...series].map(([at, each]) => [at, change(each)])),
  );
}

function binary(operator: Operator, left: MathValue, right: MathValue): MathValue {
  if (left.kind === 'list') {
    return eachSeries(left, (series) => seriesOf(operator, { kind: 'series', series }, right));
  }
  if (right.kind === 'list') {
    return eachSeries(right, (series) => seriesOf(operator, left, { kind: 'series', series }));
  }
  if (left.kind === 'number' && right.kind === 'number') {
    return { kind: 'number', value: apply(operator, left.value, right.value) };
  }
  return { kind: 'series', series: seriesOf(operator, left, right) };
}

function seriesOf(operator: Operator, left: MathValue, right: MathValue): TimeSeries {
  return finite(
    [...startsOf([left, right])].map((at) => [
      at,
      apply(operator, valueAt(left, at) ?? 0, valueAt(right, at) ?? 0),
    ]),
  );
}

/** Period starts at which one of them at least has a point. */
function startsOf(values: readonly MathValue[]): Set<number> {
  return new Set(values.flatMap((value) => listOf(value)).flatMap((series) => [...series.keys()]));
}

function valueAt(value: MathValue | null, at: number): number | undefined {
  if (value === null || value.kind === 'list') return undefined;
  return value.kind === 'number' ? value.value : value.series.get(at);
}

function apply(operator: Operator, left: number, right: number): number {
  // Else a comparison would make a 0 of what has no value.
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      // Not 0/0 or 1/0: AWS drops the point, and so does `finite`.
      return right === 0 ? Number.NaN : left / right;
    case '^':
      return left ** right;
    case '<':
      return Number(left < right);
    case '<=':
      return Number(left <= right);
    case '>':
      return Number(left > right);
    case '>=':
      return Number(left >= right);
    case '==':
      return Number(left === right);
    case '!=':
      return Number(left !== right);
    case 'AND':
      return Number(left !== 0 && right !== 0);
    case 'OR':
      return Number(left !== 0 || right !== 0);
  }
}

/**
 * Of a list, period by period: AVG divides by the number of series, since AWS counts missing values
 * as 0 there; the others look at the points that exist. Of one series, over its own points.
 */
function aggregate(name: Aggregate, value: MathValue): MathValue {
  if (value.kind !== 'list') {
    const values = value.kind === 'series' ? [...value.series.values()] : [];
    return { kind: 'number', value: combine(name, values, values.length) };
  }
  const { list } = value;
  return {
    kind: 'series',
    series: finite(
      [...startsOf([value])].map((at) => {
        const values = list.flatMap((series) => series.get(at) ?? []);
        return [at, combine(name, values, list.length)];
      }),
    ),
  };
}

/** NaN of nothing at all: what is calculated with it is dropped. */
function combine(name: Aggregate, values: readonly number[], count: number): number {
  if (values.length === 0) return Number.NaN;
  const sum = values.reduce((total, each) => total + each, 0);
  switch (name) {
    case 'SUM':
      return sum;
    case 'AVG':
      return sum / count;
    case 'MIN':
      return Math.min(...values);
    case 'MAX':
      return Math.max(...values);
  }
}

/** Fills every period without a point. REPEAT has nothing to repeat before the first point. */
function fill(
  value: MathValue,
  filler: MathValue | 'REPEAT',
  periodStarts: readonly number[],
): MathValue {
  return eachSeries(value, (series) => {
    let latest: number | undefined;
    return finite(
      periodStarts.flatMap((at): [number, number][] => {
        const own = series.get(at);
        const filled = own ?? (filler === 'REPEAT' ? latest : valueAt(filler, at));
        latest = own ?? latest;
        return filled === undefined ? [] : [[at, filled]];
      }),
    );
  });
}

/**
 * IF. A point that the chosen series lacks is 0 where the condition holds and dropped where it does
 * not; where a condition that is a series has no point, there is none.
 * Source: Amazon CloudWatch user guide, "Using IF expressions".
 */
function choose(condition: MathValue, whenTrue: MathValue, whenFalse: MathValue | null): MathValue {
  if (condition.kind === 'number') {
    const isKnown = !Number.isNaN(condition.value);
    const chosen = condition.value === 0 ? whenFalse : whenTrue;
    return (isKnown ? chosen : null) ?? { kind: 'series', series: new Map() };
  }
  return {
    kind: 'series',
    series: finite(
      [...startsOf([condition])].flatMap((at): [number, number][] => {
        const value =
          valueAt(condition, at) === 0 ? valueAt(whenFalse, at) : (valueAt(whenTrue, at) ?? 0);
        return value === undefined ? [] : [[at, value]];
      }),
    ),
  };
}

/** In order of time, without what is no finite number. */
function finite(points: readonly (readonly [number, number])[]): TimeSeries {
  return new Map(
    points.filter(([, value]) => Number.isFinite(value)).toSorted(([a], [b]) => a - b),
  );
}
