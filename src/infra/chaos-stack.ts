/** Experiments on the real Region, with AWS Fault Injection Service. Only where `chaos=true` asks for them. */

import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnExperimentTemplate } from 'aws-cdk-lib/aws-fis';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { resourceNames, STACK_NAME } from '#contract/names.ts';
import type { Configuration } from './configuration.ts';
import { allow } from './function-rights.ts';
import { replicaOfTable } from './payments-table.ts';
import {
  type RegionStackProps,
  regionOf,
  regionStackProps,
  stackId,
} from './region-stack-props.ts';

/** Longer than the five minutes that pausing may take to bite. ISO 8601. */
const PAUSE = 'PT10M';
const CHAOS_STACK_NAME = `${STACK_NAME}Chaos`;

/**
 * `region-isolated`: the Region's replicas of both tables stop replicating. Of a strongly consistent table
 * its writes and strong reads then fail, as they would if the Region were cut off.
 *
 * The twin's other drills have no template here: FIS can't throttle DynamoDB, API Gateway or SQS, and it
 * slows down or fails functions only through an extension that would be in the functions all the time.
 */
export class ChaosStack extends Stack {
  constructor(scope: Construct, props: RegionStackProps) {
    const { configuration } = props;
    super(
      scope,
      stackId(CHAOS_STACK_NAME, regionOf(props)),
      regionStackProps(props, CHAOS_STACK_NAME, 'experiments'),
    );
    const { environmentSuffix } = configuration;
    const names = resourceNames(environmentSuffix);
    const tables = {
      payments: replicaOfTable(this, names.paymentsTable).tableArn,
      control: replicaOfTable(this, names.controlTable).tableArn,
    };
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('fis.amazonaws.com', {
        // Source: AWS FIS user guide, "Cross-service confused deputy prevention".
        conditions: {
          StringEquals: { 'aws:SourceAccount': this.account },
          ArnLike: {
            'aws:SourceArn': this.formatArn({
              service: 'fis',
              resource: 'experiment',
              resourceName: '*',
            }),
          },
        },
      }),
      inlinePolicies: {
        pause: new PolicyDocument({ statements: pauseRights(configuration, tables) }),
      },
    });
    new CfnExperimentTemplate(this, 'RegionIsolated', {
      description: `Cuts this Region's replicas off, environment ${environmentSuffix}`,
      roleArn: role.roleArn,
      targets: {
        tables: {
          resourceType: 'aws:dynamodb:global-table',
          resourceArns: Object.values(tables),
          selectionMode: 'ALL',
        },
      },
      actions: {
        pause: {
          actionId: 'aws:dynamodb:global-table-pause-replication',
          parameters: { duration: PAUSE },
          targets: { Tables: 'tables' },
        },
      },
      // Not the alarm that the Region is impaired, which is what the experiment is for.
      stopConditions: [
        {
          source: 'aws:cloudwatch:alarm',
          value: this.formatArn({
            service: 'cloudwatch',
            resource: 'alarm',
            resourceName: names.alarms.invariantViolated,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      ],
      tags: { Name: `holdfast-region-isolated-${environmentSuffix}` },
    });
  }
}

/**
 * Errors are injected into a strongly consistent table; an eventually consistent one gets a resource policy
 * that keeps replication out. Source: AWS FIS user guide, actions reference, Amazon DynamoDB.
 */
function pauseRights(
  { consistency }: Configuration,
  tables: { readonly payments: string; readonly control: string },
): PolicyStatement[] {
  const both = [tables.payments, tables.control];
  if (consistency === 'strong') {
    return [allow(['dynamodb:DescribeTable', 'dynamodb:InjectError'], both)];
  }
  return [
    allow(['dynamodb:DescribeTable'], both),
    allow(['dynamodb:InjectError'], [tables.control]),
    allow(
      ['dynamodb:GetResourcePolicy', 'dynamodb:PutResourcePolicy', 'dynamodb:DeleteResourcePolicy'],
      [tables.payments],
    ),
  ];
}
