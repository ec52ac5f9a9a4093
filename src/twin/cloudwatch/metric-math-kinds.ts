/** What an expression gives: found out when a template is read, so that evaluating can't fail. */

import { MetricMathError } from './metric-math-error.ts';
import type { Expression, Operator } from './metric-math-parser.ts';

export type MathKind = 'number' | 'series' | 'list';

const ARITHMETIC: readonly Operator[] = ['+', '-', '*', '/', '^'];

/**
 * The kind of an expression's value. Pure.
 *
 * `kindOfId`: of a metric or another expression; it throws for an id that is none.
 * Throws `MetricMathError` where CloudWatch documents no meaning for the kinds that meet.
 * Source: Amazon CloudWatch user guide, "Metric math syntax and functions".
 */
export function kindOfExpression(
  expression: Expression,
  kindOfId: (id: string) => MathKind,
): MathKind {
  const kindOf = (inner: Expression): MathKind => kindOfExpression(inner, kindOfId);
  switch (expression.kind) {
    case 'number':
      return 'number';
    case 'id':
      return kindOfId(expression.id);
    case 'metrics':
      return 'list';
    case 'list':
      refuseWhere(
        expression.items.some((item) => kindOf(item) === 'number'),
        'a list holds time series, no numbers',
      );
      return 'list';
    case 'negate':
      return kindOf(expression.of);
    case 'abs': {
      const kind = kindOf(expression.of);
      refuseWhere(kind === 'number', 'ABS takes a time series or a list of them, no number');
      return kind;
    }
    case 'aggregate': {
      const kind = kindOf(expression.of);
      refuseWhere(
        kind === 'number',
        `${expression.name} takes a time series or a list of them, no number`,
      );
      // Of one series: a number over all of its time. Of a list: a series, period by period.
      return kind === 'list' ? 'series' : 'number';
    }
    case 'binary':
      return kindOfBinary(expression.operator, kindOf(expression.left), kindOf(expression.right));
    case 'fill':
      return kindOfFill(expression, kindOf);
    case 'if':
      return kindOfIf(expression, kindOf);
  }
}

function kindOfBinary(operator: Operator, left: MathKind, right: MathKind): MathKind {
  if (left === 'list' || right === 'list') {
    refuseWhere(
      left === right || !ARITHMETIC.includes(operator),
      `${operator} has no meaning here for a list of time series`,
    );
    return 'list';
  }
  return left === 'number' && right === 'number' ? 'number' : 'series';
}

function kindOfFill(
  { of, filler }: Extract<Expression, { kind: 'fill' }>,
  kindOf: (inner: Expression) => MathKind,
): MathKind {
  const kind = kindOf(of);
  refuseWhere(kind === 'number', 'FILL fills a time series or a list of them, no number');
  refuseWhere(
    filler !== 'REPEAT' && kindOf(filler) === 'list',
    'FILL fills with a number, a time series or REPEAT',
  );
  return kind;
}

function kindOfIf(
  { condition, whenTrue, whenFalse }: Extract<Expression, { kind: 'if' }>,
  kindOf: (inner: Expression) => MathKind,
): MathKind {
  const kinds = [condition, whenTrue, ...(whenFalse === null ? [] : [whenFalse])].map(kindOf);
  refuseWhere(kinds.includes('list'), 'IF takes time series and numbers, no lists');
  refuseWhere(
    kinds[0] === 'number' && kinds.slice(1).includes('number'),
    'IF with a number as its condition takes time series only',
  );
  return 'series';
}

function refuseWhere(isWrong: boolean, problem: string): void {
  if (isWrong) throw new MetricMathError(`${problem}.`);
}
