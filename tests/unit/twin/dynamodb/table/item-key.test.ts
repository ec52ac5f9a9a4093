import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalNumber,
  type KeyAttribute,
  keyAttributesOf,
  readItemKey,
} from '#twin/dynamodb/table/item-key.ts';

const partition: KeyAttribute = { name: 'p', type: 'S', bytesMax: 2_048, role: 'HASH' };
const sort = (type: 'S' | 'N' | 'B'): KeyAttribute => ({
  name: 's',
  type,
  bytesMax: 1_024,
  role: 'RANGE',
});
const idOf = (p: string, s: Record<string, string>, type: 'S' | 'N' | 'B') => {
  const reading = readItemKey([partition, sort(type)], { p: { S: p }, s });
  return reading.ok ? reading.id : reading.problem.kind;
};

describe('canonicalNumber', () => {
  it.each([
    ['1', ['1.0', '01', '+1', '1e0', '0.1e1', '10e-1', '1.']],
    ['0', ['-0', '0.00', '0e5', '.0']],
    ['-120', ['-1.2e2', '-0120', '-120.000', '-12E+1']],
    ['12345678901234567890123456789012345678', ['1.2345678901234567890123456789012345678e37']],
  ])('gives %s one text in all its spellings', (plain, others) => {
    for (const other of others) expect(canonicalNumber(other)).toBe(canonicalNumber(plain));
  });

  it('keeps different numbers apart', () => {
    const texts = ['0', '1', '-1', '10', '0.1', '11', '1e10', '1e-10'].map(canonicalNumber);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it.each(['', '.', 'e5', 'abc', '1e', '0x1', '1 ', 'NaN', 'Infinity'])('rejects %j', (text) => {
    expect(canonicalNumber(text)).toBeNull();
  });
});

describe('readItemKey', () => {
  it('takes spellings of one key for one item', () => {
    expect(idOf('a', { N: '1.0' }, 'N')).toBe(idOf('a', { N: '1' }, 'N'));
    expect(idOf('a', { B: 'QQ==' }, 'B')).toBe(idOf('a', { B: 'QQ' }, 'B'));
  });

  it('never takes two keys for one', () => {
    const text = fc.string({
      minLength: 1,
      maxLength: 4,
      unit: fc.constantFrom('1', ':', '\0', 'é'),
    });
    fc.assert(
      fc.property(text, text, text, text, (p1, s1, p2, s2) => {
        const same = idOf(p1, { S: s1 }, 'S') === idOf(p2, { S: s2 }, 'S');
        expect(same).toBe(p1 === p2 && s1 === s2);
      }),
    );
  });

  it('gives the key as a parameter, without the rest of the item', () => {
    const item = { other: { S: 'x' }, p: { S: 'a"b' }, s: { N: '7' } };
    const reading = readItemKey([partition, sort('N')], item);
    expect(reading).toMatchObject({ ok: true, keyJson: '{"p":{"S":"a\\"b"},"s":{"N":"7"}}' });
  });

  it.each([
    ['missing', {}],
    ['wrong-type', { p: { N: '1' } }],
    ['empty', { p: { S: '' } }],
    ['too-long', { p: { S: 'é'.repeat(1_025) } }],
  ])('rejects a key that is %s', (kind, item: Record<string, Record<string, string>>) => {
    expect(readItemKey([partition], item)).toMatchObject({ ok: false, problem: { kind } });
  });

  it('counts bytes, not characters', () => {
    expect(readItemKey([partition], { p: { S: 'x'.repeat(2_048) } })).toMatchObject({ ok: true });
    expect(readItemKey([partition], { p: { S: 'é'.repeat(1_024) } })).toMatchObject({ ok: true });
    expect(idOf('a', { S: 'x'.repeat(1_025) }, 'S')).toBe('too-long');
  });
});

describe('keyAttributesOf', () => {
  it('puts the partition key first', () => {
    const schema = [
      { AttributeName: 's', KeyType: 'RANGE' },
      { AttributeName: 'p', KeyType: 'HASH' },
    ] as const;
    const definitions = [
      { AttributeName: 's', AttributeType: 'N' },
      { AttributeName: 'p', AttributeType: 'S' },
    ] as const;
    expect(keyAttributesOf(schema, definitions).map(({ name }) => name)).toEqual(['p', 's']);
  });

  it('rejects a key attribute without a type', () => {
    expect(() => keyAttributesOf([{ AttributeName: 'p', KeyType: 'HASH' }], [])).toThrow(
      'Key attribute p has no attribute definition',
    );
  });
});
