/** The payments table: one global table, owned by the primary Region's stack. */

import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  MultiRegionConsistency,
  ProjectionType,
  StreamViewType,
  type TableOptionsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { PAYMENTS_TABLE } from '#contract/names.ts';
import type { Configuration } from './configuration.ts';

/** The payments table as functions and metrics of one Region see it. */
export interface TableReference {
  readonly tableName: string;
  /** ARN of the replica in the stack's own Region: a grant on another Region's does not cover it. */
  readonly tableArn: string;
}

/**
 * Creates the global table with a replica in the secondary Region and, with strong consistency, a
 * witness in the third. CloudFormation gives it one owner, so only the primary's stack calls this.
 *
 * Retained and protected against deletion unless the environment is a throw-away one; backed up
 * continuously (PITR) in either case, in each replica's own Region.
 */
export function createPaymentsTable(
  scope: Construct,
  tableName: string,
  configuration: Configuration,
): TableReference {
  const strong = configuration.consistency === 'strong';
  // Settings that DynamoDB keeps for each replica: stated for both, so that neither goes without.
  const replicaSettings: TableOptionsV2 = {
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: !configuration.throwAway,
  };
  return new TableV2(scope, 'PaymentsTable', {
    tableName,
    partitionKey: { name: PAYMENTS_TABLE.partitionKey, type: AttributeType.STRING },
    sortKey: { name: PAYMENTS_TABLE.sortKey, type: AttributeType.NUMBER },
    billing: Billing.onDemand(),
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    globalSecondaryIndexes: [
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
        projectionType: ProjectionType.KEYS_ONLY,
      },
    ],
    multiRegionConsistency: strong
      ? MultiRegionConsistency.STRONG
      : MultiRegionConsistency.EVENTUAL,
    ...(configuration.witnessRegion === null ? {} : { witnessRegion: configuration.witnessRegion }),
    ...(configuration.timeToLiveAttribute === null
      ? {}
      : { timeToLiveAttribute: configuration.timeToLiveAttribute }),
    ...replicaSettings,
    replicas: [{ region: configuration.secondaryRegion, ...replicaSettings }],
    removalPolicy: configuration.throwAway ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });
}

/** The replica in the secondary Region, by its name: nothing crosses from stack to stack. */
export function replicaOfPaymentsTable(scope: Construct, tableName: string): TableReference {
  return {
    tableName,
    tableArn: Stack.of(scope).formatArn({
      service: 'dynamodb',
      resource: 'table',
      resourceName: tableName,
    }),
  };
}
