/** The tables: two global tables, owned by the primary Region's stack. */

import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type GlobalSecondaryIndexPropsV2,
  MultiRegionConsistency,
  ProjectionType,
  StreamViewType,
  type TableOptionsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { CONTROL_TABLE, PAYMENTS_TABLE } from '#contract/names.ts';
import type { Configuration } from './configuration.ts';

/** A table as functions and metrics of one Region see it. */
export interface TableReference {
  readonly tableName: string;
  /** ARN of the replica in the stack's own Region: a grant on another Region's does not cover it. */
  readonly tableArn: string;
}

/**
 * Creates the payments table, with a replica in the secondary Region and, with strong consistency, a
 * witness in the third. CloudFormation gives it one owner, so only the primary's stack calls this.
 */
export function createPaymentsTable(
  scope: Construct,
  tableName: string,
  configuration: Configuration,
): TableReference {
  const { timeToLiveAttribute } = configuration;
  return new TableV2(scope, 'PaymentsTable', {
    tableName,
    partitionKey: { name: PAYMENTS_TABLE.partitionKey, type: AttributeType.STRING },
    sortKey: { name: PAYMENTS_TABLE.sortKey, type: AttributeType.NUMBER },
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    globalSecondaryIndexes: paymentsIndexes(),
    ...replication(configuration, configuration.consistency),
    ...(timeToLiveAttribute === null ? {} : { timeToLiveAttribute }),
  });
}

/**
 * Creates the control table: the lease and the audit log, small and seldom written. Strongly consistent
 * whatever the payments table is: what it decides must be decided once.
 */
export function createControlTable(
  scope: Construct,
  tableName: string,
  configuration: Configuration,
): TableReference {
  return new TableV2(scope, 'ControlTable', {
    tableName,
    partitionKey: { name: CONTROL_TABLE.partitionKey, type: AttributeType.STRING },
    sortKey: { name: CONTROL_TABLE.sortKey, type: AttributeType.NUMBER },
    ...replication(configuration, 'strong'),
  });
}

/** The replica in the secondary Region, by its name: nothing crosses from stack to stack. */
export function replicaOfTable(scope: Construct, tableName: string): TableReference {
  return {
    tableName,
    tableArn: Stack.of(scope).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: tableName,
    }),
  };
}

function paymentsIndexes(): GlobalSecondaryIndexPropsV2[] {
  return [
    {
      indexName: PAYMENTS_TABLE.customerIndex,
      partitionKey: { name: PAYMENTS_TABLE.customerKey, type: AttributeType.STRING },
      sortKey: { name: PAYMENTS_TABLE.sortKey, type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    },
    {
      // Whoever resumes an open payment reads its journal anyway; copies of it would only cost.
      indexName: PAYMENTS_TABLE.openIndex,
      partitionKey: { name: PAYMENTS_TABLE.openKey, type: AttributeType.STRING },
      sortKey: { name: PAYMENTS_TABLE.openSortKey, type: AttributeType.NUMBER },
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...PAYMENTS_TABLE.openProjection],
    },
  ];
}

/**
 * What both tables share. Retained and protected against deletion unless the environment is a throw-away
 * one; backed up continuously (PITR) in either case, in each replica's own Region.
 */
function replication(configuration: Configuration, consistency: Configuration['consistency']) {
  const strong = consistency === 'strong';
  // Settings that DynamoDB keeps for each replica: stated for both, so that neither goes without.
  const replicaSettings: TableOptionsV2 = {
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: !configuration.throwAway,
  };
  return {
    billing: Billing.onDemand(),
    multiRegionConsistency: strong
      ? MultiRegionConsistency.STRONG
      : MultiRegionConsistency.EVENTUAL,
    ...(strong ? { witnessRegion: configuration.witnessRegion } : {}),
    ...replicaSettings,
    replicas: [{ region: configuration.secondaryRegion, ...replicaSettings }],
    removalPolicy: configuration.throwAway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  };
}
