/** The payments table: where its copies are, and that none of them can be lost by accident. */

import { describe, expect, test } from 'vitest';
import { type JsonObject, resourcesOf, synthesized } from './support.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';

function tableOf(context: Record<string, unknown> = {}) {
  const [table, ...others] = resourcesOf(synthesized(context).primary, TABLE);
  if (table === undefined || others.length > 0) throw new Error('expected one global table');
  return table;
}

function replicasOf(context: Record<string, unknown> = {}): readonly JsonObject[] {
  return tableOf(context).Properties['Replicas'] as readonly JsonObject[];
}

test('the primary owns the only table; the secondary creates none', () => {
  expect(resourcesOf(synthesized().primary, TABLE)).toHaveLength(1);
  const tables = Object.values(synthesized().secondary.Resources).filter((it) =>
    it.Type.startsWith('AWS::DynamoDB::'),
  );
  expect(tables).toEqual([]);
});

test('the table has the contract schema', () => {
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
          { AttributeName: 'updated_at', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
  });
  expect(Properties['AttributeDefinitions']).toEqual([
    { AttributeName: 'transaction_id', AttributeType: 'S' },
    { AttributeName: 'timestamp', AttributeType: 'N' },
    { AttributeName: 'customer_id', AttributeType: 'S' },
    { AttributeName: 'open', AttributeType: 'S' },
    { AttributeName: 'updated_at', AttributeType: 'N' },
  ]);
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

  test('follows other Regions of one set', () => {
    const context = {
      primaryRegion: 'eu-west-1',
      secondaryRegion: 'eu-central-1',
      witnessRegion: 'eu-west-3',
    };
    expect(tableOf(context).Properties['GlobalTableWitnesses']).toEqual([{ Region: 'eu-west-3' }]);
    expect(replicasOf(context).map((replica) => replica['Region'])).toEqual([
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
  ['strong', {}],
  ['eventual', { consistency: 'eventual' }],
])('each replica with %s consistency', (_, context) => {
  test('is backed up continuously', () => {
    for (const replica of replicasOf(context)) {
      expect(replica['PointInTimeRecoverySpecification']).toEqual({
        PointInTimeRecoveryEnabled: true,
      });
    }
    expect(replicasOf(context)).toHaveLength(2);
  });

  test('is protected against deletion', () => {
    expect(replicasOf(context).map((it) => it['DeletionProtectionEnabled'])).toEqual([true, true]);
  });

  test('carries both indexes', () => {
    for (const replica of replicasOf(context)) {
      expect(replica['GlobalSecondaryIndexes']).toEqual([
        { IndexName: 'customer-index' },
        { IndexName: 'open-index' },
      ]);
    }
  });
});

test('the table outlives its stack and its replacement', () => {
  expect(tableOf().DeletionPolicy).toBe('Retain');
  expect(tableOf().UpdateReplacePolicy).toBe('Retain');
});
