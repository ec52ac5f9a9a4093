/** An assembly of two Regions with a queue, a schedule, and a function that does what messages say. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Logs each event. Messages: `fail` is reported as failed, `throw` fails the batch, `hold` takes
 * until its environment ends.
 */
const HANDLER = `
export const handler = async (event, context) => {
  console.log(JSON.stringify({ event, id: context.awsRequestId, pid: process.pid }));
  const records = event.Records ?? [];
  const bodies = records.map(({ body }) => body);
  if (event.do === 'throw' || bodies.includes('throw')) throw new TypeError('as asked');
  if (bodies.includes('hold')) await new Promise(() => undefined);
  const failed = records.filter(({ body }) => body === 'fail');
  if (event.Records === undefined) return { got: event };
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
`;

export interface EventAssemblyOptions {
  /** SQS actions that the function's role has on its queue. */
  readonly actions?: readonly string[];
  readonly visibilityTimeoutSeconds?: number;
  /** @default rate(1 minute) */
  readonly schedule?: string;
  /** Whether the rule may invoke the function. @default true */
  readonly permission?: boolean;
}

export const CONSUMER = 'consumer';
export const QUEUE = 'jobs';
export const DLQ = 'dead';

/** Writes the assembly into `directory` and returns its folder. */
export function writeEventAssembly(directory: string, options: EventAssemblyOptions = {}): string {
  const folder = join(directory, 'assembly');
  mkdirSync(join(folder, 'asset.code'), { recursive: true });
  writeFileSync(join(folder, 'asset.code', 'index.mjs'), HANDLER);
  const write = (file: string, content: object): void =>
    writeFileSync(join(folder, file), JSON.stringify(content));
  const artifacts: Record<string, object> = {
    Assets: { type: 'cdk:asset-manifest', properties: { file: 'assets.json' } },
  };
  for (const region of ['us-east-1', 'us-east-2']) {
    const templateFile = `${region}.template.json`;
    write(templateFile, { Resources: resources(region, options) });
    artifacts[region] = {
      type: 'aws:cloudformation:stack',
      environment: `aws://123456789012/${region}`,
      properties: { templateFile, stackName: `Events-${region}` },
    };
  }
  write('assets.json', {
    version: '55.0.0',
    files: {
      code: {
        source: { path: 'asset.code', packaging: 'zip' },
        destinations: { here: { bucketName: 'assets', objectKey: 'code.zip' } },
      },
    },
  });
  write('manifest.json', { version: '55.0.0', artifacts });
  return folder;
}

function resources(region: string, options: EventAssemblyOptions): Record<string, object> {
  const {
    actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    visibilityTimeoutSeconds = 2,
    schedule = 'rate(1 minute)',
    permission = true,
  } = options;
  const arnOf = (logicalId: string): object => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
  return {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        RoleName: `consumer-${region}`,
        AssumeRolePolicyDocument: policy('sts:AssumeRole', null, {
          Principal: { Service: 'lambda.amazonaws.com' },
        }),
        Policies: [{ PolicyName: 'queue', PolicyDocument: policy(actions, arnOf('Queue')) }],
      },
    },
    Consumer: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: CONSUMER,
        Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
        Handler: 'index.handler',
        Role: arnOf('Role'),
        Runtime: 'nodejs24.x',
        Timeout: 2,
      },
    },
    Dlq: { Type: 'AWS::SQS::Queue', Properties: { QueueName: DLQ } },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: QUEUE,
        VisibilityTimeout: visibilityTimeoutSeconds,
        RedrivePolicy: { deadLetterTargetArn: arnOf('Dlq'), maxReceiveCount: 2 },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        EventSourceArn: arnOf('Queue'),
        FunctionName: { Ref: 'Consumer' },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: 'tick',
        ScheduleExpression: schedule,
        Targets: [{ Id: 'consumer', Arn: arnOf('Consumer') }],
      },
    },
    ...(permission
      ? {
          Permission: {
            Type: 'AWS::Lambda::Permission',
            Properties: {
              Action: 'lambda:InvokeFunction',
              FunctionName: { Ref: 'Consumer' },
              Principal: 'events.amazonaws.com',
              SourceArn: arnOf('Rule'),
            },
          },
        }
      : {}),
  };
}

function policy(action: string | readonly string[], resource: object | null, more: object = {}) {
  const statement = { Effect: 'Allow', Action: action, ...more };
  const Statement = [resource === null ? statement : { ...statement, Resource: resource }];
  return { Version: '2012-10-17', Statement };
}
