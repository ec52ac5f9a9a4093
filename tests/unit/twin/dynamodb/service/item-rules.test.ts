import { describe, expect, it } from 'vitest';
import { itemBytes, requireItem, requireKey } from '#twin/dynamodb/service/item-rules.ts';
import { TABLE } from '../test-table.ts';

const MODEL = {
  ...TABLE,
  keySchema: [...TABLE.keySchema, { AttributeName: 's', KeyType: 'RANGE' as const }],
  attributeDefinitions: [
    ...TABLE.attributeDefinitions,
    { AttributeName: 's', AttributeType: 'S' as const },
    { AttributeName: 'owner', AttributeType: 'B' as const },
  ],
  globalSecondaryIndexes: [
    {
      IndexName: 'by-owner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};
const key = { p: { S: 'a' }, s: { S: 'b' } };

describe('requireKey', () => {
  it('accepts the key and nothing but the key', () => {
    expect(requireKey(MODEL, key)).toMatchObject({ id: '1:ab' });
  });

  it.each([
    ['an attribute too few', { p: { S: 'a' } }],
    ['an attribute too many', { ...key, v: { S: 'x' } }],
    ['another attribute', { p: { S: 'a' }, t: { S: 'b' } }],
    ['another type', { p: { S: 'a' }, s: { N: '1' } }],
  ])('rejects %s', (_, wrong) => {
    expect(() => requireKey(MODEL, wrong)).toThrow(
      'The provided key element does not match the schema',
    );
  });

  it('rejects a request without a key', () => {
    expect(() => requireKey(MODEL, undefined)).toThrow("Value null at 'key'");
  });
});

describe('requireItem', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['no sort key', { p: { S: 'a' } }, 'Missing the key s in the item'],
    ['a sort key of another type', { ...key, s: { N: '1' } }, 'key s expected: S actual: N'],
    ['an empty partition key', { ...key, p: { S: '' } }, 'empty string value. Key: p'],
    ['a long partition key', { ...key, p: { S: 'x'.repeat(2_049) } }, 'Size of hashkey'],
    ['a long sort key', { ...key, s: { S: 'é'.repeat(513) } }, 'size limit of 1024 bytes'],
    ['an empty index key', { ...key, owner: { B: '' } }, 'IndexName: by-owner, IndexKey: owner'],
    ['an index key of another type', { ...key, owner: { S: 'x' } }, 'Expected: B Actual: S'],
  ])('rejects an item with %s', (_, item, message) => {
    expect(() => requireItem(MODEL, item, 100)).toThrow(message);
  });

  it('measures an item only when its request is long enough to hold one too large', () => {
    const item = { ...key, v: { S: 'é'.repeat(204_800) } };
    expect(() => requireItem(MODEL, item, JSON.stringify(item).length)).toThrow(
      'Item size has exceeded the maximum allowed size',
    );
    const largest = { ...key, v: { S: 'x'.repeat(409_600 - 5) } };
    expect(requireItem(MODEL, largest, JSON.stringify(largest).length)).toMatchObject({ ok: true });
  });
});

describe('itemBytes', () => {
  // The formats of the developer guide's "Item sizes and formats".
  it.each<[Record<string, unknown>, number]>([
    [{ name: { S: 'é' } }, 4 + 2],
    [{ n: { N: '-123' } }, 1 + 2 + 1 + 1],
    [{ n: { N: '0.00100' } }, 1 + 2 + 1],
    [{ b: { B: 'AAAA' } }, 1 + 3],
    [{ yes: { BOOL: true }, no: { NULL: true } }, 4 + 3],
    [{ set: { SS: ['a', 'bc'] } }, 3 + 3],
    [{ l: { L: [{ S: 'a' }, { S: 'b' }] } }, 1 + 3 + 2 * 2],
    [{ m: { M: { k: { S: 'v' } } } }, 1 + 3 + 1 + 2],
  ])('measures %j', (item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });
});
