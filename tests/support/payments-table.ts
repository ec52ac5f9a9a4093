/** What the tests look up in the twin's payments table, past the API. */

import {
  type AttributeValue,
  type DynamoDBClient,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { TABLE } from './running-twin.ts';

export type Item = Record<string, AttributeValue>;

/** Items of one transaction: the journal first, then payment items. */
export async function itemsOf(
  client: DynamoDBClient,
  transactionId: unknown,
  consistentRead = false,
): Promise<readonly Item[]> {
  const { Items: items = [] } = await client.send(
    new QueryCommand({
      TableName: TABLE,
      KeyConditionExpression: 'transaction_id = :id',
      ExpressionAttributeValues: { ':id': { S: String(transactionId) } },
      ConsistentRead: consistentRead,
    }),
  );
  return items;
}

/** Every item of the table, read from the Region's own replica. */
export async function allItems(client: DynamoDBClient): Promise<readonly Item[]> {
  const all: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: TABLE,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    all.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return all;
}

/** Items in one order and with one order of attributes: DynamoDB promises neither. */
export function canonical(items: readonly Item[]): readonly string[] {
  return items.map((item) => JSON.stringify(item, sortKeys)).toSorted();
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
