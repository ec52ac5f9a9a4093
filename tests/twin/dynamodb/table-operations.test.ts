/** What the twin says of its tables, and what it refuses, through the AWS SDK. */

import {
  CreateTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ExecuteStatementCommand,
  ListTablesCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clientOf,
  EAST_1,
  EAST_2,
  serveTwin,
  THINGS,
  type TwinEndpoint,
  WITNESS,
} from './serve-dynamodb.ts';

const TableName = THINGS.name;
let twin: TwinEndpoint;
let client: DynamoDBClient;
let witness: DynamoDBClient;

beforeAll(async () => {
  const local = { ...THINGS, name: 'local', replicas: [EAST_2], witness: null };
  twin = await serveTwin({ tables: [THINGS, { ...local, consistency: 'EVENTUAL' }] });
  client = clientOf(twin, EAST_2);
  witness = clientOf(twin, WITNESS);
});
afterAll(async () => {
  client.destroy();
  witness.destroy();
  await twin.stop();
});

describe('DescribeTable', () => {
  it('describes the replica of the Region, with the other replicas and the witness', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const arn = 'arn:aws:dynamodb:us-east-2:123456789012:table/things';
    expect(Table).toMatchObject({
      TableName,
      TableArn: arn,
      TableStatus: 'ACTIVE',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      DeletionProtectionEnabled: true,
      GlobalTableVersion: '2019.11.21',
      MultiRegionConsistency: 'STRONG',
      Replicas: [{ RegionName: EAST_1, ReplicaStatus: 'ACTIVE' }],
      GlobalTableWitnesses: [{ RegionName: WITNESS, WitnessStatus: 'ACTIVE' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(Table?.GlobalSecondaryIndexes?.[0]?.IndexArn).toBe(`${arn}/index/by-owner`);
    expect(Table?.LatestStreamArn).toMatch(/\/stream\/20\d\d-\d\d-\d\dT/);
  });

  it('takes the ARN for a name, as every operation does', async () => {
    const arn = 'arn:aws:dynamodb:us-east-2:123456789012:table/things';
    const { Table } = await client.send(new DescribeTableCommand({ TableName: arn }));
    expect(Table?.TableName).toBe(TableName);
    const Item = { p: { S: 'by-arn' }, s: { N: '1' } };
    await client.send(new PutItemCommand({ TableName: arn, Item }));
  });

  it('says nothing of replicas where there is one only', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'local' }));
    expect(Table?.Replicas).toBeUndefined();
    expect(Table?.MultiRegionConsistency).toBeUndefined();
  });

  it('rejects a table that is not there, and every table in the witness Region', async () => {
    const missing = { name: 'ResourceNotFoundException' };
    const nothing = client.send(new DescribeTableCommand({ TableName: 'nothing' }));
    await expect(nothing).rejects.toMatchObject({
      ...missing,
      message: 'Requested resource not found: Table: nothing not found',
    });
    await expect(witness.send(new DescribeTableCommand({ TableName }))).rejects.toMatchObject(
      missing,
    );
  });
});

describe('the other table operations', () => {
  it('lists the tables that have a replica in the Region, page by page', async () => {
    const page = await client.send(new ListTablesCommand({ Limit: 1 }));
    expect(page).toMatchObject({ TableNames: ['local'], LastEvaluatedTableName: 'local' });
    const rest = await client.send(new ListTablesCommand({ ExclusiveStartTableName: 'local' }));
    expect(rest.TableNames).toEqual([TableName]);
    expect(rest.LastEvaluatedTableName).toBeUndefined();
    expect((await witness.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });

  it('has no time to live and keeps no backups', async () => {
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    expect(ttl.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' });
    const backups = await client.send(new DescribeContinuousBackupsCommand({ TableName }));
    expect(
      backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription
        ?.PointInTimeRecoveryStatus,
    ).toBe('DISABLED');
  });
});

describe('operations that are refused', () => {
  it('rejects what multi-Region strong consistency does not support', async () => {
    const Put = { TableName, Item: { p: { S: 'a' }, s: { N: '1' } } };
    const transaction = client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }));
    await expect(transaction).rejects.toMatchObject({ name: 'ValidationException' });
    const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
    await expect(
      client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('rejects what the twin does not run, and says so', async () => {
    const create = client.send(
      new CreateTableCommand({
        TableName: 'new',
        KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await expect(create).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('come from the synthesized template') as string,
    });
    const partiql = client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM things' }));
    await expect(partiql).rejects.toMatchObject({
      message: expect.stringContaining('does not run PartiQL') as string,
    });
  });

  it('rejects a body that is not a JSON object', async () => {
    const response = await fetch(twin.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' },
      body: '[1',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      __type: 'com.amazon.coral.service#SerializationException',
    });
  });
});
