/** Multi-Region strong consistency with real engines, through the AWS SDK. */

import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  clientOf,
  EAST_1,
  EAST_2,
  serveTwin,
  THINGS,
  type TwinEndpoint,
  WITNESS,
} from './serve-dynamodb.ts';

const Key = (p: string) => ({ p: { S: p }, s: { N: '1' } });
const unavailable = { name: 'InternalServerError', $metadata: { httpStatusCode: 500 } };
const failed = { name: 'ConditionalCheckFailedException' };

let twin: TwinEndpoint;
let first: DynamoDBClient;
let second: DynamoDBClient;

beforeEach(async () => {
  twin = await serveTwin();
  first = clientOf(twin, EAST_1);
  second = clientOf(twin, EAST_2);
});
afterEach(async () => {
  first.destroy();
  second.destroy();
  await twin.stop();
});

function put(client: DynamoDBClient, p: string, v: string, condition?: string) {
  return client.send(
    new PutItemCommand({
      TableName: 'things',
      Item: { ...Key(p), v: { S: v } },
      ...(condition === undefined ? {} : { ConditionExpression: condition }),
    }),
  );
}

async function get(client: DynamoDBClient, p: string, ConsistentRead = true) {
  const request = { TableName: 'things', Key: Key(p), ConsistentRead };
  return (await client.send(new GetItemCommand(request))).Item?.['v']?.S ?? null;
}

function replica(region: string) {
  const status = twin.tables.status()[0]?.replicas.find((one) => one.region === region);
  if (status === undefined) throw new Error(`no replica in ${region}`);
  return status;
}

const caughtUp = (region: string) =>
  vi.waitFor(() => expect(replica(region).caughtUp).toBe(true), { timeout: 10_000 });

describe('a table in two Regions', () => {
  it('shows a write in the other Region at once, to eventual reads too', async () => {
    await put(first, 'a', '1');
    expect(await get(second, 'a')).toBe('1');
    expect(await get(second, 'a', false)).toBe('1');
  });

  it('lets exactly one of many creators in two Regions win', async () => {
    const creators = Array.from({ length: 20 }, (_, n) =>
      put(n % 2 === 0 ? first : second, 'a', String(n), 'attribute_not_exists(p)').then(
        () => 'created',
        (error: Error) => error.name,
      ),
    );
    const ends = await Promise.all(creators);
    expect(ends.filter((end) => end === 'created')).toHaveLength(1);
    const others = new Set(ends.filter((end) => end !== 'created'));
    others.delete('ReplicatedWriteConflictException');
    others.delete('ConditionalCheckFailedException');
    expect([...others]).toEqual([]);
  });

  it('loses no increment of writers in two Regions that repeat conflicts', async () => {
    async function increment(client: DynamoDBClient): Promise<void> {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: 'things',
            Key: Key('counter'),
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          }),
        );
      } catch (error) {
        if ((error as Error).name !== 'ReplicatedWriteConflictException') throw error;
        await increment(client);
      }
    }
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => increment(n % 2 === 0 ? first : second)),
    );
    for (const client of [first, second]) {
      const request = { TableName: 'things', Key: Key('counter') };
      const { Item } = await client.send(new GetItemCommand(request));
      expect(Item?.['n']).toEqual({ N: '40' });
    }
  });

  it('spreads a batch over both replicas', async () => {
    const entries = ['a', 'b'].map((p) => ({ PutRequest: { Item: { ...Key(p), v: { S: p } } } }));
    await first.send(new BatchWriteItemCommand({ RequestItems: { things: entries } }));
    expect(await get(second, 'b', false)).toBe('b');
  });
});

describe('under faults', () => {
  it('serves on in the other Region, and brings the lost one up to date when it is healed', async () => {
    await put(first, 'a', '1');
    twin.network.set(EAST_1, 'killed');
    await put(second, 'a', '2');
    await put(second, 'b', '1');
    await expect(put(second, 'b', '2', 'attribute_not_exists(p)')).rejects.toMatchObject(failed);
    expect(await get(second, 'a')).toBe('2');
    expect(replica(EAST_1)).toMatchObject({ pendingItems: 2, caughtUp: false, quorum: false });
    twin.network.heal();
    expect(await get(first, 'a')).toBe('2');
    await caughtUp(EAST_1);
    expect(await get(first, 'a', false)).toBe('2');
    expect(await get(first, 'b', false)).toBe('1');
  });

  it('rejects writes and strong reads of an isolated Region, and serves its old state', async () => {
    await put(first, 'a', '1');
    twin.network.set(EAST_2, 'isolated');
    await put(first, 'a', '2');
    await expect(put(second, 'a', '3')).rejects.toMatchObject(unavailable);
    await expect(get(second, 'a')).rejects.toMatchObject(unavailable);
    const keys = [{ ...Key('a') }];
    const batch = { RequestItems: { things: { Keys: keys, ConsistentRead: true } } };
    await expect(second.send(new BatchGetItemCommand(batch))).rejects.toMatchObject(unavailable);
    expect(await get(second, 'a', false)).toBe('1');
    expect(await get(first, 'a')).toBe('2');
  });

  it('stops everywhere when no two Regions reach each other, and goes on when two do', async () => {
    for (const region of [EAST_1, EAST_2, WITNESS]) twin.network.set(region, 'isolated');
    await expect(put(first, 'a', '1')).rejects.toMatchObject(unavailable);
    await expect(put(second, 'a', '1')).rejects.toMatchObject(unavailable);
    twin.network.set(EAST_2, 'up');
    twin.network.set(WITNESS, 'up');
    await put(second, 'a', '2');
    expect(await get(second, 'a')).toBe('2');
    await expect(get(first, 'a')).rejects.toMatchObject(unavailable);
  });

  it('reads strongly what a lagging replica has missed when it has to lead at once', async () => {
    twin.network.set(EAST_2, 'isolated');
    for (let n = 0; n < 200; n++) await put(first, `item-${n % 100}`, String(n));
    expect(replica(EAST_2).pendingItems).toBe(100);
    twin.network.set(EAST_2, 'up');
    twin.network.set(EAST_1, 'killed');
    expect(await get(second, 'item-99')).toBe('199');
    const { Items } = await second.send(
      new QueryCommand({
        TableName: 'things',
        KeyConditionExpression: 'p = :p',
        ExpressionAttributeValues: { ':p': { S: 'item-7' } },
        ConsistentRead: true,
      }),
    );
    expect(Items?.[0]?.['v']).toEqual({ S: '107' });
    await caughtUp(EAST_2);
  });

  it('keeps every acknowledged write through kills that come and go', async () => {
    const acknowledged = new Map<string, string>();
    const faults = [EAST_1, EAST_2, EAST_1, WITNESS, EAST_2];
    for (const [round, region] of faults.entries()) {
      twin.network.set(region, 'killed');
      const writes = Array.from({ length: 20 }, async (_, n) => {
        const client = (n + round) % 2 === 0 ? first : second;
        const p = `item-${(n * 7 + round) % 13}`;
        const v = `${round}.${n}`;
        try {
          await put(client, `${p}-${n}`, v);
          acknowledged.set(`${p}-${n}`, v);
        } catch (error) {
          expect((error as Error).name).toMatch(/InternalServerError|ReplicatedWriteConflict/);
        }
      });
      await Promise.all(writes);
      twin.network.heal();
    }
    await Promise.all([caughtUp(EAST_1), caughtUp(EAST_2)]);
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const [p, v] of acknowledged) {
      expect([p, await get(first, p), await get(second, p, false)]).toEqual([p, v, v]);
    }
  });
});

describe('a storage engine that is killed', () => {
  it('is started again, with everything it had, while callers wait', async () => {
    await put(first, 'a', '1');
    const engines = [...twin.pids];
    for (const pid of engines) process.kill(pid, 'SIGKILL');
    // The call that meets the broken connection may fail; its outcome is unknown then.
    await vi.waitFor(() => put(second, 'b', '1'), { timeout: 10_000 });
    expect(await get(second, 'a')).toBe('1');
    await caughtUp(EAST_1);
    await caughtUp(EAST_2);
    expect(await get(first, 'b', false)).toBe('1');
    expect(await get(second, 'b', false)).toBe('1');
    expect(twin.pids.length).toBeGreaterThan(engines.length);
    expect(twin.reports.join()).toContain('starting it again');
  });
});

describe('what is said of the table', () => {
  it('keeps pending at zero and both replicas in the quorum while nothing is wrong', async () => {
    await put(first, 'a', '1');
    expect(twin.tables.status()).toEqual([
      {
        table: THINGS.name,
        leader: EAST_1,
        replicas: [EAST_1, EAST_2].map((region) => ({
          region,
          pendingItems: 0,
          caughtUp: true,
          quorum: true,
          engine: 'ready',
        })),
      },
    ]);
  });
});
