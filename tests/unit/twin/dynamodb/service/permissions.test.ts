import { describe, expect, it } from 'vitest';
import type { GlobalTables } from '#twin/dynamodb/global-tables.ts';
import { permissionsOf } from '#twin/dynamodb/service/permissions.ts';
import type { ReplicatedTable } from '#twin/dynamodb/table/replicated-table.ts';
import { TABLE } from '../test-table.ts';

const MODEL = {
  ...TABLE,
  globalSecondaryIndexes: [
    {
      IndexName: 'by-owner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
};
const tables = {
  table: (name: string) =>
    name === MODEL.name ? ({ model: MODEL } as unknown as ReplicatedTable) : undefined,
} as GlobalTables;
const ARN = 'arn:aws:dynamodb:us-east-2:123456789012:table/things';

function needed(operation: string, body: unknown) {
  return permissionsOf(tables, '123456789012', {
    region: 'us-east-2',
    operation,
    headers: {},
    url: '/',
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    requestId: 'request',
    signal: new AbortController().signal,
  });
}

const leading = (...keys: string[]) => ({ context: { 'dynamodb:leadingkeys': keys } });
const Key = { p: { S: 'a' } };
const query = {
  TableName: 'things',
  KeyConditionExpression: '#k = :k AND s > :s',
  ExpressionAttributeValues: { ':k': { S: 'a' }, ':s': { N: '1' } },
};

describe('permissionsOf', () => {
  it.each([
    ['GetItem', { TableName: 'things', Key }],
    ['UpdateItem', { TableName: 'things', Key }],
    ['PutItem', { TableName: 'things', Item: { ...Key, v: { S: 'x' } } }],
    ['PutItem', { TableName: ARN, Item: Key }],
    ['Query', { ...query, ExpressionAttributeNames: { '#k': 'p' } }],
  ])('needs %s on the table of the Region, with the partition key', (operation, body) => {
    expect(needed(operation, body)).toEqual([
      { action: `dynamodb:${operation}`, resourceArn: ARN, ...leading('a') },
    ]);
  });

  it('needs the index, not the table, for a query of an index', () => {
    const request = {
      ...query,
      ExpressionAttributeNames: { '#k': 'owner' },
      IndexName: 'by-owner',
    };
    expect(needed('Query', request)).toEqual([
      { action: 'dynamodb:Query', resourceArn: `${ARN}/index/by-owner`, ...leading('a') },
    ]);
    expect(needed('Scan', { TableName: 'things', IndexName: 'by-owner' })).toEqual([
      { action: 'dynamodb:Scan', resourceArn: `${ARN}/index/by-owner` },
    ]);
  });

  it('needs one permission for each table of a batch', () => {
    const write = {
      RequestItems: {
        things: [{ PutRequest: { Item: Key } }, { DeleteRequest: { Key: { p: { S: 'b' } } } }],
        others: [{ DeleteRequest: { Key } }],
      },
    };
    expect(needed('BatchWriteItem', write)).toEqual([
      { action: 'dynamodb:BatchWriteItem', resourceArn: ARN, ...leading('a', 'b') },
      {
        action: 'dynamodb:BatchWriteItem',
        resourceArn: 'arn:aws:dynamodb:us-east-2:123456789012:table/others',
      },
    ]);
    const read = { RequestItems: { things: { Keys: [Key] } } };
    expect(needed('BatchGetItem', read)).toEqual([
      { action: 'dynamodb:BatchGetItem', resourceArn: ARN, ...leading('a') },
    ]);
  });

  it('needs ListTables on everything, because AWS knows no narrower resource for it', () => {
    expect(needed('ListTables', {})).toEqual([{ action: 'dynamodb:ListTables', resourceArn: '*' }]);
  });

  it('needs nothing for what is refused whoever asks', () => {
    expect(needed('TransactWriteItems', {})).toEqual([]);
    expect(needed('GetItem', 'not JSON')).toEqual([]);
  });
});
