import { describe, expect, it } from 'vitest';
import { evaluateCondition } from '#twin/iam/evaluate-condition.ts';
import type { RequestContext } from '#twin/iam/policy-variables.ts';
import type { PolicyStatement } from '#twin/region-model.ts';

type Condition = NonNullable<PolicyStatement['Condition']>;

interface Row {
  readonly name: string;
  readonly condition: Condition;
  readonly context?: RequestContext;
  readonly holds: boolean;
}

function check(rows: readonly Row[]): void {
  it.each(rows)('$name: $holds', ({ condition, context = {}, holds }) => {
    expect(evaluateCondition(condition, context, '2012-10-17')).toEqual({ holds, unsupported: [] });
  });
}

describe('conditions', () => {
  const at = (value: string): RequestContext => ({ 'aws:key': value });
  const key = (operator: string, ...values: string[]): Condition => ({
    [operator]: { 'aws:Key': values },
  });
  const rows: readonly [operator: string, value: string, request: string, boolean][] = [
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', 'a*', 'ab', false],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', 'a', 'a', false],
    ['StringEqualsIgnoreCase', 'a', 'A', true],
    ['StringNotEqualsIgnoreCase', 'a', 'A', false],
    ['StringLike', 'a*c?', 'abbbcd', true],
    ['StringLike', 'a*c?', 'abbbc', false],
    ['StringNotLike', 'a*', 'ab', false],
    ['NumericEquals', '10', '10.0', true],
    ['NumericNotEquals', '10', '10', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '9', '10', true],
    ['NumericGreaterThanEquals', '10', '9.5', false],
    ['NumericLessThan', '10', 'many', false],
    ['DateEquals', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', true],
    ['DateNotEquals', '2026-01-01', '2026-01-01T00:00:00Z', false],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z', true],
    ['DateGreaterThan', '1767225600', '2026-01-01T00:00:01Z', true],
    ['DateLessThanEquals', '2026-01-01', '2026-01-01T00:00:01Z', false],
    ['DateGreaterThanEquals', 'soon', '2026-01-01T00:00:01Z', false],
    ['Bool', 'true', 'true', true],
    ['Bool', 'false', 'true', false],
    ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', true],
    ['IpAddress', '203.0.113.0/24', '203.0.113.9', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.9', false],
    ['IpAddress', '203.0.113.9', '203.0.113.9', true],
    ['IpAddress', '2001:db8::/32', '2001:db8:1::1', true],
    ['IpAddress', '0.0.0.0/0', '2001:db8:1::1', false],
    ['IpAddress', '203.0.113.0/99', '203.0.113.9', false],
    ['IpAddress', '0.0.0.0/0', '203.0.113.9', true],
    ['NotIpAddress', '203.0.113.0/24', '203.0.113.9', false],
    ['NotIpAddress', '203.0.113.0/24', '2001:db8::1', true],
    [
      'ArnLike',
      'arn:aws:sns:*:111111111111:ops-*',
      'arn:aws:sns:us-east-1:111111111111:ops-a',
      true,
    ],
    ['ArnEquals', 'arn:aws:sns:*:*:ops', 'arn:aws:sns:us-east-1:111111111111:ops', true],
    ['ArnLike', 'arn:aws:sns:*:ops', 'arn:aws:sns:us-east-1:111111111111:ops', false],
    ['ArnNotLike', 'arn:aws:sns:*:*:*', 'arn:aws:sns:us-east-1:111111111111:ops', false],
    ['ArnNotEquals', 'arn:aws:sqs:*:*:*', 'arn:aws:sns:us-east-1:111111111111:ops', true],
  ];
  check(
    rows.map(([operator, value, request, holds]) => ({
      name: `${operator} ${value} of ${request}`,
      condition: key(operator, value),
      context: at(request),
      holds,
    })),
  );
  check([
    {
      name: 'one of several values',
      condition: key('StringEquals', 'a', 'b'),
      context: at('b'),
      holds: true,
    },
    {
      name: 'none of several values',
      condition: key('StringNotEquals', 'a', 'b'),
      context: at('b'),
      holds: false,
    },
    {
      name: 'two operators, one of which fails',
      condition: { StringEquals: { 'aws:Key': 'a' }, Bool: { 'aws:Other': 'true' } },
      context: at('a'),
      holds: false,
    },
    { name: 'an absent key', condition: key('StringEquals', 'a'), holds: false },
    {
      name: 'an absent key, negated',
      condition: key('StringNotEquals', 'a'),
      holds: true,
    },
    {
      name: 'an absent key, IfExists',
      condition: key('StringEqualsIfExists', 'a'),
      holds: true,
    },
    {
      name: 'a present key, IfExists',
      condition: key('StringEqualsIfExists', 'a'),
      context: at('b'),
      holds: false,
    },
    { name: 'Null true of an absent key', condition: key('Null', 'true'), holds: true },
    {
      name: 'Null true of a present key',
      condition: key('Null', 'true'),
      context: at('a'),
      holds: false,
    },
    {
      name: 'Null false of a present key',
      condition: key('Null', 'false'),
      context: at('a'),
      holds: true,
    },
    {
      name: 'a boolean in the policy',
      condition: { Bool: { 'aws:Key': false } },
      context: at('false'),
      holds: true,
    },
  ]);
});

describe('set operators', () => {
  const keys = (...values: string[]): RequestContext => ({ 'dynamodb:leadingkeys': values });
  const over = (operator: string): Condition => ({
    [operator]: { 'dynamodb:LeadingKeys': ['a', 'b'] },
  });
  check([
    {
      name: 'all values in the set',
      condition: over('ForAllValues:StringEquals'),
      context: keys('a', 'b'),
      holds: true,
    },
    {
      name: 'a value beyond the set',
      condition: over('ForAllValues:StringEquals'),
      context: keys('a', 'c'),
      holds: false,
    },
    {
      name: 'ForAllValues without the key',
      condition: over('ForAllValues:StringEquals'),
      holds: true,
    },
    {
      name: 'one value in the set',
      condition: over('ForAnyValue:StringEquals'),
      context: keys('c', 'b'),
      holds: true,
    },
    {
      name: 'no value in the set',
      condition: over('ForAnyValue:StringEquals'),
      context: keys('c'),
      holds: false,
    },
    {
      name: 'ForAnyValue without the key',
      condition: over('ForAnyValue:StringEquals'),
      holds: false,
    },
    {
      name: 'ForAnyValue without the key, negated',
      condition: over('ForAnyValue:StringNotEquals'),
      holds: false,
    },
    {
      name: 'ForAnyValue without the key, IfExists',
      condition: over('ForAnyValue:StringEqualsIfExists'),
      holds: true,
    },
    {
      name: 'one value outside the set, negated',
      condition: over('ForAnyValue:StringNotEquals'),
      context: keys('a', 'c'),
      holds: true,
    },
    {
      name: 'a value in the set, negated',
      condition: over('ForAllValues:StringNotEquals'),
      context: keys('a', 'c'),
      holds: false,
    },
  ]);
});
