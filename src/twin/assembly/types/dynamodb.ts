/** DynamoDB tables: names, attributes and the properties that are acted on. */

import { uuid } from '../physical-name.ts';
import type { ResourceSubject, ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

function tableAttribute(subject: ResourceSubject, name: string): string | undefined {
  const { environment, logicalId } = subject;
  const arn = regionalArn(environment, 'dynamodb', `table/${subject.nameFrom('TableName')}`);
  switch (name) {
    case 'Arn':
      return arn;
    case 'StreamArn':
      // AWS puts the time of creation here; the twin's is fixed so that the same template gives
      // the same ARN at every start.
      return `${arn}/stream/2000-01-01T00:00:00.000`;
    case 'TableId':
      return uuid(environment, logicalId);
    default:
      return undefined;
  }
}

const READ = [
  'AttributeDefinitions',
  'GlobalSecondaryIndexes',
  'KeySchema',
  'StreamSpecification',
  'TableName',
  'TimeToLiveSpecification',
  'LocalSecondaryIndexes',
];

export const DYNAMODB_TYPES: ResourceTypes = {
  'AWS::DynamoDB::GlobalTable': {
    ref: (subject) => subject.nameFrom('TableName'),
    attribute: tableAttribute,
    read: [...READ, 'BillingMode', 'GlobalTableWitnesses', 'MultiRegionConsistency', 'Replicas'],
    inert: ['SSESpecification', 'WarmThroughput'],
  },
  'AWS::DynamoDB::Table': {
    ref: (subject) => subject.nameFrom('TableName'),
    attribute: tableAttribute,
    read: [...READ, 'BillingMode', 'DeletionProtectionEnabled', 'SSESpecification'],
    inert: [
      'ContributorInsightsSpecification',
      'PointInTimeRecoverySpecification',
      'TableClass',
      'Tags',
      'WarmThroughput',
    ],
  },
};
