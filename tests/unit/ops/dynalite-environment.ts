/**
 * An environment over real DynamoDB wire: one dynalite for each Region, which replicate nothing. So two
 * of them are two replicas of an eventually consistent table whose link is down.
 */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  type AttributeValue,
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { resourceNames } from '#contract/names.ts';
import type { Environment, RegionConnection } from '#ops/connect.ts';
import { serveDynalite } from '#twin/dynamodb/engine/dynalite-child.ts';

export type Item = Record<string, AttributeValue>;

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';
export const NOW = 1_700_000_100_000;
const names = resourceNames('dev');

export interface TestRegion extends RegionConnection {
  items(table?: string): Promise<readonly Item[]>;
  put(item: Item, table?: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Region with empty tables. */
export async function startRegion(region: string): Promise<TestRegion> {
  const server = await serveDynalite(0, null);
  const dynamodb = new DynamoDBClient(clientOptions(region, server));
  await createTables(dynamodb);
  // dynalite makes them active a moment after it has answered.
  for (const TableName of [names.paymentsTable, names.controlTable]) {
    await waitUntilTableExists({ client: dynamodb, maxWaitTime: 20, minDelay: 1 }, { TableName });
  }
  return {
    region,
    dynamodb,
    // Nothing under test here asks for a queue or an alarm.
    sqs: null as unknown as SQSClient,
    cloudwatch: null as unknown as CloudWatchClient,
    async items(table = names.paymentsTable) {
      const { Items: items = [] } = await dynamodb.send(new ScanCommand({ TableName: table }));
      return items;
    },
    async put(item, table = names.paymentsTable) {
      await dynamodb.send(new PutItemCommand({ TableName: table, Item: item }));
    },
    async close() {
      dynamodb.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A Region that refuses connections. */
export function lostRegion(region: string): RegionConnection {
  const send = async (): Promise<never> => {
    throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  };
  const client = { send, destroy: () => undefined };
  return {
    region,
    dynamodb: client as unknown as DynamoDBClient,
    sqs: client as unknown as SQSClient,
    cloudwatch: client as unknown as CloudWatchClient,
  };
}

/** No waits between attempts; `slept` collects those that were asked for. */
export function environmentOf(
  regions: readonly RegionConnection[],
  slept: number[] = [],
): Environment {
  return {
    names,
    regions,
    apiUrls: {},
    attempts: {
      clock: { nowEpochMs: () => NOW },
      attemptTimeoutMs: 10_000,
      attemptsMax: 2,
      sleep: async (ms) => void slept.push(ms),
      random: () => 0,
    },
    deadline: () => ({ atEpochMs: NOW + 10_000 }),
    close: () => undefined,
  };
}

function clientOptions(region: string, server: Server): DynamoDBClientConfig {
  const { port } = server.address() as AddressInfo;
  return {
    region,
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    maxAttempts: 1,
  };
}

async function createTables(client: DynamoDBClient): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: names.paymentsTable,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'transaction_id', AttributeType: 'S' },
        { AttributeName: 'timestamp', AttributeType: 'N' },
        { AttributeName: 'open', AttributeType: 'S' },
        { AttributeName: 'due_at', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'transaction_id', KeyType: 'HASH' },
        { AttributeName: 'timestamp', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'open-index',
          KeySchema: [
            { AttributeName: 'open', KeyType: 'HASH' },
            { AttributeName: 'due_at', KeyType: 'RANGE' },
          ],
          Projection: {
            ProjectionType: 'INCLUDE',
            NonKeyAttributes: ['attempts', 'payment_timestamp'],
          },
        },
      ],
    }),
  );
  await client.send(
    new CreateTableCommand({
      TableName: names.controlTable,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'scope', AttributeType: 'S' },
        { AttributeName: 'sequence', AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: 'scope', KeyType: 'HASH' },
        { AttributeName: 'sequence', KeyType: 'RANGE' },
      ],
    }),
  );
}
