import { describe, expect, it } from 'vitest';
import { likenessOf, strippedMessage } from '#cli/simulate/likeness-of.ts';
import type { Failure } from '#cli/simulate/worker-messages.ts';
import { resultOf } from './fake-simulator.ts';

function violation(...messages: readonly (readonly [number, string])[]): Failure {
  const violations = messages.map(([invariant, message]) => ({ invariant, message, atMs: 1 }));
  return { kind: 'violation', seed: 1, result: { ...resultOf({ seed: 1 }), violations } };
}

describe('strippedMessage', () => {
  it.each([
    ['t2: charged twice, now from us-east-1', 't31: charged twice, now from us-east-2'],
    [
      't2: process (operation 64 of sdk-1): answered 402, and its journal is PROCESSED',
      't12: process (operation 7 of slow-22): answered 200, and its journal is PROCESSED',
    ],
    ['USD: 1050 minor units more', 'USD: 3 minor units more'],
    [
      'not at rest 600 s after the heal: open: t1 (OPEN, open), t9-2 (OPEN, open), t3 (OPEN, open) (3)',
      'not at rest 1200 s after the heal: open: t7 (OPEN, open) (1)',
    ],
    ['left: messages in us-east-1; messages in us-east-2', 'left: messages in us-east-1'],
    ['a notification t2#PROCESSED went twice', 'a notification t11#PROCESSED went twice'],
  ])('is the same for %s', (one, other) => {
    expect(strippedMessage(one)).toBe(strippedMessage(other));
  });

  it.each([
    ['t2: charged twice, now from us-east-1', 't2: has two payment items, now from us-east-1'],
    ['t2#PROCESSED went twice', 't2#DECLINED went twice'],
    ['USD: 5 minor units more', 'EUR: 5 minor units more'],
  ])('is another for %s and %s', (one, other) => {
    expect(strippedMessage(one)).not.toBe(strippedMessage(other));
  });
});

describe('likenessOf', () => {
  const twice = violation([2, 't2: charged twice'], [16, 'USD: 5 more']);

  it('goes by the first violation alone', () => {
    expect(likenessOf(violation([2, 't9: charged twice']))).toBe(likenessOf(twice));
    expect(likenessOf(violation([2, 't9: has two payment items']))).not.toBe(likenessOf(twice));
    const later = violation([16, 'USD: 5 more'], [2, 't2: charged twice']);
    expect(likenessOf(later)).not.toBe(likenessOf(twice));
    expect(likenessOf(violation([16, 't2: charged twice']))).not.toBe(likenessOf(twice));
  });

  it('goes by name and message of an error', () => {
    const error = {
      kind: 'error',
      seed: 1,
      name: 'RangeError',
      message: 'at 31',
      stack: '',
    } as const;
    expect(likenessOf({ ...error, message: 'at 7', seed: 9 })).toBe(likenessOf(error));
    expect(likenessOf({ ...error, name: 'TypeError' })).not.toBe(likenessOf(error));
    expect(likenessOf({ ...error, message: 'beyond 31' })).not.toBe(likenessOf(error));
  });

  it('is null where nothing tells of a cause', () => {
    expect(likenessOf({ kind: 'hung', seed: 1, seconds: 60 })).toBeNull();
    expect(likenessOf(violation())).toBeNull();
  });
});
