/**
 * Queries, indexes and batches of DynamoDB, as documented.
 *
 * Source: DynamoDB developer guide, "Querying tables" and "Global secondary indexes", and the API
 * reference of the batch operations.
 */

import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type QueryCommandInput,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type ConformanceRow,
  INVALID,
  type Item,
  sortKeysOf,
  type Workbench,
} from './workbench.ts';

export const QUERY_ROWS: readonly ConformanceRow[] = [
  {
    name: 'a query sorts numbers by value, both ways',
    run: async (b) => {
      for (const s of ['10', '9', '-1', '0.5']) await b.put({ s: { N: s } });
      const up = await b.query();
      const down = await b.query({ ScanIndexForward: false });
      return [sortKeysOf(up.Items), sortKeysOf(down.Items)];
    },
    expected: [
      ['-1', '0.5', '9', '10'],
      ['10', '9', '0.5', '-1'],
    ],
  },
  {
    name: 'pages follow on each other until there is no last key',
    run: async (b) => {
      await b.fill(5);
      const pages: unknown[] = [];
      let from: Item | undefined;
      do {
        const page = await b.query({ Limit: 2, ExclusiveStartKey: from });
        pages.push(sortKeysOf(page.Items));
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return pages;
    },
    expected: [['1', '2'], ['3', '4'], ['5']],
  },
  {
    name: 'a filter is applied after the limit',
    run: async (b) => {
      await b.fill(4);
      const { Count, ScannedCount, LastEvaluatedKey } = await b.query({
        Limit: 2,
        FilterExpression: 'attribute_exists(nobody)',
      });
      return { Count, ScannedCount, last: LastEvaluatedKey?.['s'] };
    },
    expected: { Count: 0, ScannedCount: 2, last: { N: '2' } },
  },
  {
    name: 'a page ends at 1 MB, and the next one goes on',
    run: async (b) => {
      for (const s of ['1', '2', '3', '4', '5', '6']) {
        await b.put({ s: { N: s }, v: { S: 'x'.repeat(300_000) } });
      }
      const first = await b.query();
      const second = await b.query({ ExclusiveStartKey: first.LastEvaluatedKey });
      // Whether the item that passes the limit is still in the page is not documented.
      const enough = (first.Count ?? 0) >= 3 && (first.Count ?? 0) <= 4;
      return [enough, [first, second].flatMap(({ Items }) => sortKeysOf(Items) ?? [])];
    },
    expected: [true, ['1', '2', '3', '4', '5', '6']],
  },
  {
    name: 'a range condition on the sort key',
    run: async (b) => {
      await b.fill(5);
      const { Items } = await b.query({
        KeyConditionExpression: 'p = :p AND s BETWEEN :two AND :four',
        ExpressionAttributeValues: { ':p': { S: b.p }, ':two': { N: '2' }, ':four': { N: '4' } },
      });
      return sortKeysOf(Items);
    },
    expected: ['2', '3', '4'],
  },
  {
    name: 'a projection returns what it names',
    run: async (b) => {
      await b.put({ a: { S: '1' }, m: { M: { x: { N: '1' }, y: { N: '2' } } } });
      const { Items } = await b.query({ ProjectionExpression: 'm.x' });
      return Items;
    },
    expected: [{ m: { M: { x: { N: '1' } } } }],
  },
  {
    name: 'Select COUNT returns no items',
    run: async (b) => {
      await b.fill(3);
      const { Count, Items } = await b.query({ Select: 'COUNT' });
      return { Count, items: Items ?? null };
    },
    expected: { Count: 3, items: null },
  },
  {
    name: 'a query without the partition key is refused',
    run: (b) =>
      b.query({
        KeyConditionExpression: 's = :s',
        ExpressionAttributeValues: { ':s': { N: '1' } },
      }),
    expected: INVALID,
  },
  {
    name: 'a scan finds what its filter asks for',
    run: async (b) => {
      await b.fill(2);
      let found = 0;
      let from: Item | undefined;
      do {
        const page = await b.client.send(
          new ScanCommand({
            TableName: 'things',
            FilterExpression: 'p = :p',
            ExpressionAttributeValues: { ':p': { S: b.p } },
            ConsistentRead: true,
            ExclusiveStartKey: from,
          }),
        );
        found += page.Count ?? 0;
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return found;
    },
    expected: 2,
  },
];

function byOwner(bench: Workbench): Partial<QueryCommandInput> {
  return {
    IndexName: 'by-owner',
    KeyConditionExpression: '#o = :o',
    ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':o': { S: bench.p } },
  };
}

export const INDEX_ROWS: readonly ConformanceRow[] = [
  {
    name: 'an index holds only the items that have its key',
    run: async (b) => {
      await b.put({ s: { N: '1' }, owner: { S: b.p }, rank: { N: '2' } });
      await b.put({ s: { N: '2' }, owner: { S: b.p }, rank: { N: '1' } });
      await b.put({ s: { N: '3' }, owner: { S: b.p } });
      await b.put({ s: { N: '4' } });
      return sortKeysOf((await b.query(byOwner(b))).Items);
    },
    expected: ['2', '1'],
  },
  {
    name: 'an item leaves the index when its key is removed',
    run: async (b) => {
      await b.put({ owner: { S: b.p }, rank: { N: '1' } });
      await b.update('REMOVE #o', {}, { ExpressionAttributeNames: { '#o': 'owner' } });
      return (await b.query(byOwner(b))).Count;
    },
    expected: 0,
  },
  {
    name: 'a page of an index is followed by index key and table key',
    run: async (b) => {
      for (const s of ['1', '2']) await b.put({ s: { N: s }, owner: { S: b.p }, rank: { N: '7' } });
      const first = await b.query({ ...byOwner(b), Limit: 1 });
      const second = await b.query({
        ...byOwner(b),
        ExclusiveStartKey: first.LastEvaluatedKey,
      });
      return [Object.keys(first.LastEvaluatedKey ?? {}).toSorted(), second.Count];
    },
    expected: [['owner', 'p', 'rank', 's'], 1],
  },
  {
    name: 'a strong read of an index is refused',
    run: (b) => b.query({ ...byOwner(b), ConsistentRead: true }),
    expected: INVALID,
  },
  {
    name: 'an index key of the wrong type is refused',
    run: (b) => b.put({ owner: { N: '1' }, rank: { N: '1' } }),
    expected: INVALID,
    deviations: { moto: 'accepted' },
  },
  {
    name: 'an index key is measured in bytes',
    run: (b) => b.put({ owner: { S: 'é'.repeat(1_025) }, rank: { N: '1' } }),
    expected: INVALID,
    deviations: { dynalite: 'accepted' },
  },
];

export const BATCH_ROWS: readonly ConformanceRow[] = [
  {
    name: 'a batch puts, deletes and reads',
    run: async (b) => {
      await b.put({ s: { N: '9' } });
      const { UnprocessedItems } = await b.client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            things: [
              { PutRequest: { Item: { ...b.key('1'), v: { S: 'x' } } } },
              { DeleteRequest: { Key: b.key('9') } },
            ],
          },
        }),
      );
      const { Responses } = await b.client.send(
        new BatchGetItemCommand({
          RequestItems: { things: { Keys: [b.key('1'), b.key('9')], ConsistentRead: true } },
        }),
      );
      return [UnprocessedItems, sortKeysOf(Responses?.['things'])];
    },
    expected: [{}, ['1']],
  },
  {
    name: 'a batch with one item twice is refused, and writes nothing',
    run: async (b) => {
      const twice = [b.key('1'), b.key('1')].map((Item) => ({ PutRequest: { Item } }));
      const end = await b.client
        .send(new BatchWriteItemCommand({ RequestItems: { things: twice } }))
        .catch((error: Error) => error.name);
      return [end, await b.get()];
    },
    expected: ['ValidationException', null],
  },
  {
    name: 'a batch of 26 writes is refused',
    run: (b) =>
      b.client.send(
        new BatchWriteItemCommand({
          RequestItems: {
            things: Array.from({ length: 26 }, (_, s) => ({
              PutRequest: { Item: b.key(String(s)) },
            })),
          },
        }),
      ),
    expected: INVALID,
    deviations: { moto: 'accepted' },
  },
  {
    name: 'a batch read of one key twice is refused',
    run: (b) =>
      b.client.send(
        new BatchGetItemCommand({ RequestItems: { things: { Keys: [b.key(), b.key()] } } }),
      ),
    expected: INVALID,
  },
];
