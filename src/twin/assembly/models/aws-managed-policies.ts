/**
 * AWS managed policies that CDK attaches by itself. The twin has no copy of the others: a role that
 * uses one is named at start and lacks what it grants.
 *
 * Source: AWS Managed Policy Reference Guide.
 */

import type { PolicyDocument } from '#twin/region-model.ts';

const LOG_WRITE = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];

/** By the part of the ARN after `policy/`. */
export const AWS_MANAGED_POLICIES: ReadonlyMap<string, PolicyDocument> = new Map([
  ['service-role/AWSLambdaBasicExecutionRole', allow(LOG_WRITE)],
  [
    'service-role/AWSLambdaSQSQueueExecutionRole',
    allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...LOG_WRITE]),
  ],
  [
    'service-role/AmazonAPIGatewayPushToCloudWatchLogs',
    allow([
      ...LOG_WRITE,
      'logs:DescribeLogGroups',
      'logs:DescribeLogStreams',
      'logs:FilterLogEvents',
      'logs:GetLogEvents',
    ]),
  ],
  [
    'AWSXRayDaemonWriteAccess',
    allow([
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      'xray:GetSamplingRules',
      'xray:GetSamplingTargets',
      'xray:GetSamplingStatisticSummaries',
    ]),
  ],
]);

function allow(actions: readonly string[]): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
  };
}
