import { describe, expect, it } from 'vitest';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import { readResources, writeAssembly } from './assembly-on-disk.ts';

const KEYS = {
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' },
    { AttributeName: 'at', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'id', KeyType: 'HASH' },
    { AttributeName: 'at', KeyType: 'RANGE' },
  ],
};

function globalTable(properties: object = {}) {
  return {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      ...KEYS,
      TableName: 'payments',
      BillingMode: 'PAY_PER_REQUEST',
      MultiRegionConsistency: 'STRONG',
      GlobalTableWitnesses: [{ Region: 'us-west-2' }],
      Replicas: [
        { Region: 'us-east-2', DeletionProtectionEnabled: true },
        {
          Region: 'us-east-1',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      ],
      ...properties,
    },
  };
}

function table(properties: object = {}) {
  return {
    Type: 'AWS::DynamoDB::Table',
    Properties: { ...KEYS, TableName: 'payments', BillingMode: 'PAY_PER_REQUEST', ...properties },
  };
}

const INDEX = {
  IndexName: 'by-time',
  KeySchema: [{ AttributeName: 'at', KeyType: 'HASH' }],
  Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['amount'] },
};

describe('tables', () => {
  it('reads a global table with strong consistency', () => {
    const { model, region } = readResources({
      Payments: globalTable({
        GlobalSecondaryIndexes: [INDEX],
        StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      }),
    });
    expect(model.tables).toEqual([
      {
        name: 'payments',
        keySchema: KEYS.KeySchema,
        attributeDefinitions: KEYS.AttributeDefinitions,
        globalSecondaryIndexes: [INDEX],
        replicas: ['us-east-1', 'us-east-2'],
        witness: 'us-west-2',
        consistency: 'STRONG',
        streamViewType: 'NEW_AND_OLD_IMAGES',
        deletionProtection: { 'us-east-1': false, 'us-east-2': true },
        accountId: '111111111111',
      },
    ]);
    expect(region.notRun).toEqual([]);
  });

  it('reads a global table with eventual consistency, which may have a time to live', () => {
    const { model, region } = readResources({
      Payments: globalTable({
        MultiRegionConsistency: undefined,
        GlobalTableWitnesses: undefined,
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      }),
    });
    expect(model.tables[0]).toMatchObject({ consistency: 'EVENTUAL', witness: null });
    expect(region.notRun.map(({ type }) => type)).toEqual([
      'AWS::DynamoDB::GlobalTable.TimeToLiveSpecification',
    ]);
  });

  it('reads a table of one Region as one replica', () => {
    const { model } = readResources({ Payments: table({ DeletionProtectionEnabled: 'true' }) });
    expect(model.tables[0]).toMatchObject({
      replicas: ['us-east-1'],
      consistency: 'EVENTUAL',
      deletionProtection: { 'us-east-1': true },
    });
  });

  it('names capacity, which it does not meter', () => {
    const { region } = readResources({
      Payments: table({
        BillingMode: undefined,
        ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
      }),
    });
    expect(region.notRun.map(({ type }) => type)).toEqual([
      'AWS::DynamoDB::Table.BillingMode (PROVISIONED)',
      'AWS::DynamoDB::Table.ProvisionedThroughput',
    ]);
  });

  it('keeps tables of one name in two Regions apart', () => {
    const template = { Resources: { Payments: table() } };
    const directory = writeAssembly(
      ['us-east-1', 'us-east-2'].map((region) => ({ region, template })),
    );
    expect(readAssembly(directory).tables.map(({ replicas }) => replicas)).toEqual([
      ['us-east-1'],
      ['us-east-2'],
    ]);
  });

  it('rejects a table where another one has a replica', () => {
    const directory = writeAssembly([
      { region: 'us-east-1', template: { Resources: { Payments: globalTable() } } },
      { region: 'us-east-2', template: { Resources: { Payments: table() } } },
    ]);
    expect(() => readAssembly(directory)).toThrow(/payments exists twice in us-east-2.*by name/);
  });

  const replicasIn = (...regions: string[]) => regions.map((Region) => ({ Region }));
  const rejected: readonly [name: string, properties: object, message: RegExp][] = [
    [
      'a witness where a replica is',
      { GlobalTableWitnesses: [{ Region: 'us-east-2' }] },
      /the witness is in us-east-2, which has a replica/,
    ],
    [
      'strong consistency over two Regions',
      { GlobalTableWitnesses: undefined },
      /three replicas, or two replicas and one witness, not 2 and 0/,
    ],
    [
      'strong consistency with two witnesses',
      {
        Replicas: replicasIn('us-east-1'),
        GlobalTableWitnesses: [{ Region: 'us-east-2' }, { Region: 'us-west-2' }],
      },
      /not 1 and 2/,
    ],
    [
      'strong consistency over Regions that do not go together',
      { GlobalTableWitnesses: [{ Region: 'eu-west-1' }] },
      /not offered over us-east-2, us-east-1, eu-west-1\. Take all three from one of these sets/,
    ],
    [
      'strong consistency with a Region of no set',
      {
        Replicas: replicasIn('us-east-1', 'us-east-2', 'us-west-1'),
        GlobalTableWitnesses: undefined,
      },
      /not offered over us-east-1, us-east-2, us-west-1/,
    ],
    [
      'strong consistency with a time to live',
      { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } },
      /no time to live/,
    ],
    [
      'strong consistency with a local index',
      { LocalSecondaryIndexes: [{ ...INDEX, KeySchema: KEYS.KeySchema }] },
      /no local secondary indexes/,
    ],
    [
      'a witness without strong consistency',
      { MultiRegionConsistency: 'EVENTUAL' },
      /a witness \(us-west-2\) needs MultiRegionConsistency: STRONG/,
    ],
    [
      'another consistency',
      { MultiRegionConsistency: 'WEAK' },
      /must be STRONG or EVENTUAL, not WEAK/,
    ],
    [
      'no replica in the Region of the stack',
      { Replicas: replicasIn('us-east-2', 'us-west-2') },
      /no replica in us-east-1, the Region of its stack/,
    ],
    [
      'two replicas in a Region',
      { Replicas: replicasIn('us-east-1', 'us-east-1') },
      /two replicas/,
    ],
    [
      'a key without a definition',
      { AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }] },
      /key attribute at is not in AttributeDefinitions/,
    ],
    [
      'a definition without a key',
      { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] },
      /AttributeDefinitions has at, which no key uses/,
    ],
    [
      'keys in the wrong order',
      { KeySchema: KEYS.KeySchema.toReversed() },
      /one HASH key, then at most one RANGE key, not "RANGE HASH"/,
    ],
  ];
  it.each(rejected)('rejects %s', (_name, properties, message) => {
    expect(() => readResources({ Payments: globalTable(properties) })).toThrow(message);
  });
});
