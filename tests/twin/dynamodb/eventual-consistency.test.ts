/** Multi-Region eventual consistency with real engines, through the AWS SDK. */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  clientOf,
  EAST_1,
  EAST_2,
  serveTwin,
  THINGS,
  type TwinEndpoint,
} from './serve-dynamodb.ts';

const EVENTUAL = { ...THINGS, witness: null, consistency: 'EVENTUAL' } as const;
const CONTROL = { ...THINGS, name: 'control' };
const Key = (p: string) => ({ p: { S: p }, s: { N: '1' } });

let twin: TwinEndpoint;
let first: DynamoDBClient;
let second: DynamoDBClient;

beforeEach(async () => {
  twin = await serveTwin({ tables: [EVENTUAL, CONTROL] });
  first = clientOf(twin, EAST_1);
  second = clientOf(twin, EAST_2);
});
afterEach(async () => {
  first.destroy();
  second.destroy();
  await twin.stop();
});

function create(client: DynamoDBClient, p: string, v: string, TableName = EVENTUAL.name) {
  const Item = { ...Key(p), v: { S: v } };
  const ConditionExpression = 'attribute_not_exists(p)';
  return client.send(new PutItemCommand({ TableName, Item, ConditionExpression }));
}

async function get(client: DynamoDBClient, p: string) {
  const request = { TableName: EVENTUAL.name, Key: Key(p), ConsistentRead: true };
  return (await client.send(new GetItemCommand(request))).Item?.['v']?.S ?? null;
}

describe('an eventually consistent table', () => {
  it('serves both sides of a cut, and has the last write on both after it', async () => {
    twin.network.set(EAST_1, 'isolated');
    await create(first, 'a', 'first');
    await create(second, 'a', 'second');
    await first.send(
      new UpdateItemCommand({
        TableName: EVENTUAL.name,
        Key: Key('a'),
        UpdateExpression: 'SET v = :v',
        ConditionExpression: 'v = :old',
        ExpressionAttributeValues: { ':v': { S: 'last' }, ':old': { S: 'first' } },
      }),
    );
    expect([await get(first, 'a'), await get(second, 'a')]).toEqual(['last', 'second']);
    const [behind] = twin.tables.status();
    expect(behind).toMatchObject({ table: 'things', leader: null });
    expect(behind?.replicas[1]).toMatchObject({ pendingItems: 1, caughtUp: false, quorum: true });

    twin.network.heal();
    await vi.waitFor(async () => expect(await get(second, 'a')).toBe('last'));
    expect(await get(first, 'a')).toBe('last');
    await vi.waitFor(() =>
      expect(twin.tables.status()[0]?.replicas).toMatchObject([
        { caughtUp: true, lagMs: 0 },
        { caughtUp: true, lagMs: 0 },
      ]),
    );
  });

  it('replicates a batch', async () => {
    const puts = ['a', 'b'].map((p) => ({ PutRequest: { Item: { ...Key(p), v: { S: p } } } }));
    await first.send(new BatchWriteItemCommand({ RequestItems: { [EVENTUAL.name]: puts } }));
    await vi.waitFor(async () => expect(await get(second, 'b')).toBe('b'));
    expect(await get(second, 'a')).toBe('a');
  });

  it('stands beside a strongly consistent one that keeps its quorum', async () => {
    twin.network.set(EAST_1, 'isolated');
    await expect(create(first, 'a', '1', CONTROL.name)).rejects.toMatchObject({
      name: 'InternalServerError',
    });
    await create(second, 'a', '1', CONTROL.name);
    await create(first, 'a', '1');
  });

  it('says that it is eventually consistent, and names no witness', async () => {
    const request = new DescribeTableCommand({ TableName: EVENTUAL.name });
    const { Table } = await first.send(request);
    expect(Table).toMatchObject({
      MultiRegionConsistency: 'EVENTUAL',
      Replicas: [{ RegionName: EAST_2, ReplicaStatus: 'ACTIVE' }],
    });
    expect(Table).not.toHaveProperty('GlobalTableWitnesses');
  });

  it('rejects transactions and expiry as what the twin does not run', async () => {
    const TableName = EVENTUAL.name;
    const Put = { TableName, Item: Key('a') };
    await expect(
      first.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] })),
    ).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('does not run transactions') as string,
    });
    const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
    await expect(
      first.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification })),
    ).rejects.toMatchObject({ name: 'UnknownOperationException' });
  });
});

it('rejects a folder to keep an eventually consistent table in', async () => {
  const dataDirectory = join(tmpdir(), 'never-made');
  await expect(serveTwin({ tables: [EVENTUAL], dataDirectory })).rejects.toThrow(
    /things is eventually consistent.*Start without --data, or synthesize with consistency=strong/,
  );
});
