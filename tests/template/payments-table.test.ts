/** Both tables: where their copies are, and that none of them can be lost by accident. */

import { describe, expect, test } from 'vitest';
import { type JsonObject, resourceNamed, resourcesOf, synthesized } from './support.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';

type Table = 'payments' | 'payments-control';

function tableOf(context: Record<string, unknown> = {}, table: Table = 'payments') {
  const { configuration, primary } = synthesized(context);
  const tableName = `${table}-${configuration.environmentSuffix}`;
  return resourceNamed(primary, TABLE, 'TableName', tableName);
}

function replicasOf(context: Record<string, unknown> = {}, table: Table = 'payments') {
  return tableOf(context, table).Properties['Replicas'] as readonly JsonObject[];
}

test('the primary owns both tables; the secondary creates none', () => {
  const names = resourcesOf(synthesized().primary, TABLE).map((it) => it.Properties['TableName']);
  expect(names).toEqual(['payments-dev', 'payments-control-dev']);
  const tables = Object.values(synthesized().secondary.Resources).filter((it) =>
    it.Type.startsWith('AWS::DynamoDB::'),
  );
  expect(tables).toEqual([]);
});

test('the payments table has the contract schema', () => {
  const { Properties } = tableOf({ environmentSuffix: 'pr123' });
  expect(Properties).toMatchObject({
    TableName: 'payments-pr123',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'transaction_id', KeyType: 'HASH' },
      { AttributeName: 'timestamp', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'customer-index',
        KeySchema: [
          { AttributeName: 'customer_id', KeyType: 'HASH' },
          { AttributeName: 'timestamp', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
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
  });
  expect(Properties['AttributeDefinitions']).toEqual([
    { AttributeName: 'transaction_id', AttributeType: 'S' },
    { AttributeName: 'timestamp', AttributeType: 'N' },
    { AttributeName: 'customer_id', AttributeType: 'S' },
    { AttributeName: 'open', AttributeType: 'S' },
    { AttributeName: 'due_at', AttributeType: 'N' },
  ]);
});

test.each([
  ['strong', {}],
  ['eventual', { consistency: 'eventual', timeToLiveAttribute: 'expires_at' }],
])('the control table is the same with %s consistency: strong, with a witness', (_, context) => {
  const { Properties } = tableOf(context, 'payments-control');
  expect(Properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'scope', KeyType: 'HASH' },
      { AttributeName: 'sequence', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'scope', AttributeType: 'S' },
      { AttributeName: 'sequence', AttributeType: 'N' },
    ],
    MultiRegionConsistency: 'STRONG',
    GlobalTableWitnesses: [{ Region: 'us-west-2' }],
  });
  for (const refused of ['TimeToLiveSpecification', 'LocalSecondaryIndexes']) {
    expect(Properties).not.toHaveProperty(refused);
  }
  const regions = replicasOf(context, 'payments-control').map((replica) => replica['Region']);
  expect(regions).toEqual(['us-east-2', 'us-east-1']);
});

describe('strong consistency', () => {
  test('has two replicas and a witness in the third Region', () => {
    expect(tableOf().Properties['MultiRegionConsistency']).toBe('STRONG');
    expect(tableOf().Properties['GlobalTableWitnesses']).toEqual([{ Region: 'us-west-2' }]);
    expect(replicasOf().map((replica) => replica['Region'])).toEqual(['us-east-2', 'us-east-1']);
  });

  test('has none of what DynamoDB refuses with it', () => {
    expect(tableOf().Properties).not.toHaveProperty('TimeToLiveSpecification');
    expect(tableOf().Properties).not.toHaveProperty('LocalSecondaryIndexes');
  });

  test.each(['payments', 'payments-control'] as const)('%s follows other Regions', (table) => {
    const context = {
      primaryRegion: 'eu-west-1',
      secondaryRegion: 'eu-central-1',
      witnessRegion: 'eu-west-3',
    };
    const { Properties } = tableOf(context, table);
    expect(Properties['GlobalTableWitnesses']).toEqual([{ Region: 'eu-west-3' }]);
    expect(replicasOf(context, table).map((replica) => replica['Region'])).toEqual([
      'eu-central-1',
      'eu-west-1',
    ]);
  });
});

describe('eventual consistency', () => {
  const context = { consistency: 'eventual', timeToLiveAttribute: 'expires_at' };

  test('has two replicas and no witness', () => {
    expect(tableOf(context).Properties['MultiRegionConsistency']).toBe('EVENTUAL');
    expect(tableOf(context).Properties).not.toHaveProperty('GlobalTableWitnesses');
    expect(replicasOf(context)).toHaveLength(2);
  });

  test('expires items by the attribute that was asked for', () => {
    expect(tableOf(context).Properties['TimeToLiveSpecification']).toEqual({
      AttributeName: 'expires_at',
      Enabled: true,
    });
  });
});

// The usual rule packs look at AWS::DynamoDB::Table only and miss a replica that goes without.
describe.each([
  ['payments', 'strong'],
  ['payments', 'eventual'],
  ['payments-control', 'strong'],
  ['payments-control', 'eventual'],
] as const)('each replica of %s with %s consistency', (table, consistency) => {
  const context = { consistency };

  test('is backed up continuously', () => {
    for (const replica of replicasOf(context, table)) {
      expect(replica['PointInTimeRecoverySpecification']).toEqual({
        PointInTimeRecoveryEnabled: true,
      });
    }
    expect(replicasOf(context, table)).toHaveLength(2);
  });

  test('is protected against deletion', () => {
    const protection = replicasOf(context, table).map((it) => it['DeletionProtectionEnabled']);
    expect(protection).toEqual([true, true]);
  });

  test('carries every index of its table', () => {
    const indexes = table === 'payments' ? ['customer-index', 'open-index'] : [];
    for (const replica of replicasOf(context, table)) {
      const carried = (replica['GlobalSecondaryIndexes'] ?? []) as readonly JsonObject[];
      expect(carried.map((it) => it['IndexName'])).toEqual(indexes);
    }
  });

  test('outlives its stack and its replacement', () => {
    expect(tableOf(context, table).DeletionPolicy).toBe('Retain');
    expect(tableOf(context, table).UpdateReplacePolicy).toBe('Retain');
  });
});
