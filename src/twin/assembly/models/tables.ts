/** DynamoDB tables of a stack, checked as CloudFormation and DynamoDB check them. */

import type { Consistency, GlobalTableModel, KeyElement } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { excerpt, type Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';
import { assertStrongConsistencyAllowed } from './strong-consistency.ts';

/** Settings of a replica that a caller of the data plane does not notice. */
const REPLICA_KNOWN = [
  'ContributorInsightsSpecification',
  'DeletionProtectionEnabled',
  'GlobalSecondaryIndexes',
  'PointInTimeRecoverySpecification',
  'Region',
  'TableClass',
  'Tags',
];

export function buildTables(stack: Stack, notRun: NotRun): GlobalTableModel[] {
  return [
    ...resourcesOf(stack, 'AWS::DynamoDB::GlobalTable').map((table) =>
      globalTable(stack, table, notRun),
    ),
    ...resourcesOf(stack, 'AWS::DynamoDB::Table').map((table) =>
      regionalTable(stack, table, notRun),
    ),
  ];
}

function globalTable(stack: Stack, table: Resource, notRun: NotRun): GlobalTableModel {
  const { properties } = table;
  const { region } = stack.environment;
  const replicas = properties.objects('Replicas');
  const replicaRegions = replicas.map((replica) => replica.string('Region'));
  if (new Set(replicaRegions).size < replicaRegions.length) {
    throw new AssemblyError(
      `${properties.where}: a Region has two replicas: ${replicaRegions.join(', ')}.`,
    );
  }
  if (!replicaRegions.includes(region)) {
    throw new AssemblyError(
      `${properties.where}: there is no replica in ${region}, the Region of its stack. Add it.`,
    );
  }
  for (const replica of replicas) {
    notRun.addUnknown(`${table.type}.Replicas`, table.logicalId, replica, REPLICA_KNOWN);
    for (const index of replica.objects('GlobalSecondaryIndexes')) {
      const prefix = `${table.type}.Replicas.GlobalSecondaryIndexes`;
      notRun.addUnknown(prefix, table.logicalId, index, [
        'ContributorInsightsSpecification',
        'IndexName',
      ]);
    }
  }

  const consistency = consistencyOf(properties);
  const witnesses = properties
    .objects('GlobalTableWitnesses')
    .map((entry) => entry.string('Region'));
  const hasTimeToLive = timeToLiveEnabled(properties);
  const hasLocalIndexes = properties.list('LocalSecondaryIndexes').length > 0;
  if (consistency === 'STRONG') {
    assertStrongConsistencyAllowed(properties.where, {
      replicas: replicaRegions,
      witnesses,
      hasTimeToLive,
      hasLocalIndexes,
    });
  } else if (witnesses.length > 0) {
    throw new AssemblyError(
      `${properties.where}: a witness (${witnesses.join(', ')}) needs MultiRegionConsistency: STRONG.`,
    );
  }
  nameUnsupported(table, notRun);
  return {
    ...commonOf(table, stack),
    replicas: [region, ...replicaRegions.filter((replica) => replica !== region)],
    witness: witnesses[0] ?? null,
    consistency,
    deletionProtection: Object.fromEntries(
      replicas.map((replica) => [
        replica.string('Region'),
        replica.boolean('DeletionProtectionEnabled', false),
      ]),
    ),
  };
}

function regionalTable(stack: Stack, table: Resource, notRun: NotRun): GlobalTableModel {
  const { properties } = table;
  const { region } = stack.environment;
  nameUnsupported(table, notRun);
  const encryption = properties.object('SSESpecification');
  const known = ['SSEEnabled', 'SSEType'];
  notRun.addUnknown(`${table.type}.SSESpecification`, table.logicalId, encryption, known);
  return {
    ...commonOf(table, stack),
    replicas: [region],
    witness: null,
    consistency: 'EVENTUAL',
    deletionProtection: { [region]: properties.boolean('DeletionProtectionEnabled', false) },
  };
}

function commonOf(table: Resource, stack: Stack) {
  const { properties } = table;
  const keySchema = keySchemaOf(properties);
  const globalSecondaryIndexes = properties
    .objects('GlobalSecondaryIndexes')
    .map((index) => indexOf(index));
  const attributeDefinitions = properties
    .objects('AttributeDefinitions')
    .map((definition) => attributeOf(definition));
  const localKeys = properties.objects('LocalSecondaryIndexes').map((index) => keySchemaOf(index));
  assertKeysDefined(properties.where, attributeDefinitions, [
    keySchema,
    ...globalSecondaryIndexes.map((index) => index.KeySchema),
    ...localKeys,
  ]);
  return {
    name: table.id,
    keySchema,
    attributeDefinitions,
    globalSecondaryIndexes,
    streamViewType: properties.object('StreamSpecification').optionalString('StreamViewType'),
    accountId: stack.environment.accountId,
  };
}

function attributeOf(definition: Fields): GlobalTableModel['attributeDefinitions'][number] {
  const type = definition.string('AttributeType');
  if (type !== 'S' && type !== 'N' && type !== 'B') {
    throw new AssemblyError(`${definition.where}: AttributeType must be S, N or B, not ${type}.`);
  }
  return { AttributeName: definition.string('AttributeName'), AttributeType: type };
}

function indexOf(index: Fields): GlobalTableModel['globalSecondaryIndexes'][number] {
  const projection = index.object('Projection');
  return {
    IndexName: index.string('IndexName'),
    KeySchema: keySchemaOf(index),
    Projection: {
      ProjectionType: projection.string('ProjectionType'),
      ...(projection.has('NonKeyAttributes')
        ? { NonKeyAttributes: projection.strings('NonKeyAttributes') }
        : {}),
    },
  };
}

function keySchemaOf(fields: Fields): KeyElement[] {
  const keys = fields.objects('KeySchema').map((element): KeyElement => {
    const type = element.string('KeyType');
    if (type !== 'HASH' && type !== 'RANGE') {
      throw new AssemblyError(`${element.where}: KeyType must be HASH or RANGE, not ${type}.`);
    }
    return { AttributeName: element.string('AttributeName'), KeyType: type };
  });
  const shape = keys.map((key) => key.KeyType).join(' ');
  if (shape !== 'HASH' && shape !== 'HASH RANGE') {
    throw new AssemblyError(
      `${fields.where}: KeySchema must be one HASH key, then at most one RANGE key, not ` +
        `${excerpt(shape)}.`,
    );
  }
  return keys;
}

/** DynamoDB refuses a key attribute without a definition and a definition without a key. */
function assertKeysDefined(
  where: string,
  definitions: GlobalTableModel['attributeDefinitions'],
  keySchemas: readonly (readonly KeyElement[])[],
): void {
  const defined = new Set(definitions.map((definition) => definition.AttributeName));
  const used = new Set(keySchemas.flat().map((key) => key.AttributeName));
  for (const name of used) {
    if (!defined.has(name)) {
      throw new AssemblyError(`${where}: key attribute ${name} is not in AttributeDefinitions.`);
    }
  }
  for (const name of defined) {
    if (!used.has(name)) {
      throw new AssemblyError(
        `${where}: AttributeDefinitions has ${name}, which no key uses. Take it out.`,
      );
    }
  }
}

function consistencyOf(properties: Fields): Consistency {
  const consistency = properties.optionalString('MultiRegionConsistency') ?? 'EVENTUAL';
  if (consistency === 'STRONG' || consistency === 'EVENTUAL') return consistency;
  throw new AssemblyError(
    `${properties.where}: MultiRegionConsistency must be STRONG or EVENTUAL, not ${consistency}.`,
  );
}

function timeToLiveEnabled(properties: Fields): boolean {
  const timeToLive = properties.raw('TimeToLiveSpecification');
  return (
    timeToLive !== undefined &&
    properties.object('TimeToLiveSpecification').boolean('Enabled', false)
  );
}

/** Behaviour that the twin's tables do not have, wherever the consistency allows it on AWS. */
function nameUnsupported(table: Resource, notRun: NotRun): void {
  const { properties, type, logicalId } = table;
  if (timeToLiveEnabled(properties)) notRun.add(`${type}.TimeToLiveSpecification`, logicalId);
  if (properties.list('LocalSecondaryIndexes').length > 0) {
    notRun.add(`${type}.LocalSecondaryIndexes`, logicalId);
  }
  // The default of the property is PROVISIONED; the twin's capacity is the machine's.
  if (properties.optionalString('BillingMode') !== 'PAY_PER_REQUEST') {
    notRun.add(`${type}.BillingMode (PROVISIONED)`, logicalId);
  }
  for (const index of properties.objects('GlobalSecondaryIndexes')) {
    notRun.addUnknown(`${type}.GlobalSecondaryIndexes`, logicalId, index, [
      'ContributorInsightsSpecification',
      'IndexName',
      'KeySchema',
      'Projection',
      'WarmThroughput',
    ]);
  }
}
