/** What the rows of the conformance table use to talk to DynamoDB. */

import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

/** One item, or a partition of them, that belongs to one row alone. */
export class Workbench {
  readonly client: DynamoDBClient;
  readonly p: string;

  constructor(client: DynamoDBClient, p: string) {
    this.client = client;
    this.p = p;
  }

  key(s = '1'): Item {
    return { p: { S: this.p }, s: { N: s } };
  }

  put(attributes: Item = {}, more: Partial<PutItemCommandInput> = {}) {
    const Item = { ...this.key(), ...attributes };
    return this.client.send(new PutItemCommand({ TableName: 'things', Item, ...more }));
  }

  /** The item without its key; null when there is none. */
  async get(s = '1'): Promise<Item | null> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: 'things', Key: this.key(s), ConsistentRead: true }),
    );
    if (Item === undefined) return null;
    const { p: _p, s: _s, ...rest } = Item;
    return rest;
  }

  update(UpdateExpression: string, values: Item = {}, more: Partial<UpdateItemCommandInput> = {}) {
    return this.client.send(
      new UpdateItemCommand({
        TableName: 'things',
        Key: this.key(),
        UpdateExpression,
        ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: values } : {}),
        ...more,
      }),
    );
  }

  query(more: Partial<QueryCommandInput> = {}) {
    return this.client.send(
      new QueryCommand({
        TableName: 'things',
        KeyConditionExpression: 'p = :p',
        ExpressionAttributeValues: { ':p': { S: this.p } },
        ...more,
      }),
    );
  }

  /** Items with the sort keys 1 to `n`. */
  async fill(n: number): Promise<void> {
    for (let s = 1; s <= n; s++) await this.put({ s: { N: String(s) } });
  }
}

export interface ConformanceRow {
  readonly name: string;
  readonly run: (bench: Workbench) => Promise<unknown>;
  /** What DynamoDB answers; `{ error }` is the name of the exception. */
  readonly expected: unknown;
  /** What a second implementation is known to answer instead. */
  readonly deviations?: { readonly dynalite?: unknown; readonly moto?: unknown };
}

/** The exceptions that the rows expect. */
export const INVALID = { error: 'ValidationException' };
export const FAILED = { error: 'ConditionalCheckFailedException' };

export function sortKeysOf(items: readonly Item[] | undefined) {
  return items?.map(({ s }) => s?.N);
}
