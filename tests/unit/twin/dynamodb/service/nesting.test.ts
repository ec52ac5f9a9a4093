import { describe, expect, it } from 'vitest';
import { requireBoundedDepth, requireNestingWithin } from '#twin/dynamodb/service/nesting.ts';

const REFUSAL = 'Nesting Levels have exceeded supported limits';

/** A value with `levels` levels, the innermost string included. */
function nested(levels: number, kind: 'L' | 'M'): unknown {
  let value: unknown = { S: 'x' };
  for (let level = 1; level < levels; level++) {
    value = kind === 'L' ? { L: [{ BOOL: true }, value] } : { M: { b: { N: '1' }, a: value } };
  }
  return value;
}

describe('requireNestingWithin', () => {
  it.each(['L', 'M'] as const)('accepts 32 levels of %s and rejects 33', (kind) => {
    requireNestingWithin({ p: { S: 'a' }, v: nested(32, kind) });
    expect(() => requireNestingWithin({ p: { S: 'a' }, v: nested(33, kind) })).toThrow(REFUSAL);
  });

  it('rejects more levels than a stack has room for', () => {
    expect(() => requireNestingWithin({ v: nested(200_000, 'M') })).toThrow(REFUSAL);
  });

  it('leaves what is no attribute value to those who know better', () => {
    const values = { a: null, b: 'text', c: { L: 'no list' }, d: { M: null }, e: {} };
    expect(() => requireNestingWithin(values)).not.toThrow();
  });
});

describe('requireBoundedDepth', () => {
  it('accepts the deepest value that is valid, in a batch', () => {
    const entry = { PutRequest: { Item: { v: nested(32, 'M') } } };
    const request = { RequestItems: { things: [entry] } };
    expect(() => requireBoundedDepth(request, 10_000)).not.toThrow();
  });

  it('rejects more levels than a stack has room for', () => {
    expect(() => requireBoundedDepth({ v: nested(200_000, 'L') }, 2_000_000)).toThrow(REFUSAL);
  });
});
