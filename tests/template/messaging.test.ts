/** Queues and topics. What watches them is in alarms.test.ts. */

import { describe, expect, test } from 'vitest';
import { resourceNames } from '#contract/names.ts';
import {
  flat,
  type JsonObject,
  listOf,
  resourceNamed,
  resourcesOf,
  synthesized,
  type Template,
  textOf,
} from './support.ts';

const both = synthesized().regions;

function statementsFor(template: Template, type: string, target: string): readonly JsonObject[] {
  return resourcesOf(template, type)
    .filter(({ Properties }) =>
      listOf(flat(Properties['Queues'] ?? Properties['Topics'])).includes(`\${${target}}`),
    )
    .flatMap(({ Properties }) => {
      const document = flat(Properties['PolicyDocument']) as JsonObject;
      return listOf(document['Statement']) as readonly JsonObject[];
    });
}

describe.each(both)('in $region', ({ region, template }) => {
  const queue = (name: string) =>
    resourceNamed(template, 'AWS::SQS::Queue', 'QueueName', `${name}-dev`);
  const topic = (name: string) =>
    resourceNamed(template, 'AWS::SNS::Topic', 'TopicName', `${name}-dev`);
  const opsAlerts = topic('ops-alerts');

  test('a message fails three times before it is a dead letter', () => {
    const dlq = queue('payment-dlq').logicalId;
    expect(flat(queue('payment-queue').Properties['RedrivePolicy'])).toEqual({
      deadLetterTargetArn: `\${${dlq}.Arn}`,
      maxReceiveCount: 3,
    });
    expect(queue('payment-queue').Properties['VisibilityTimeout']).toBe(300);
    expect(queue('payment-dlq').Properties['MessageRetentionPeriod']).toBe(14 * 24 * 60 * 60);
  });

  test.each(['payment-queue', 'payment-dlq'])('%s is encrypted and refuses plain HTTP', (name) => {
    const { logicalId, Properties } = queue(name);
    expect(Properties['SqsManagedSseEnabled']).toBe(true);
    expect(statementsFor(template, 'AWS::SQS::QueuePolicy', logicalId)).toEqual([
      {
        Effect: 'Deny',
        Principal: { AWS: '*' },
        Action: 'sqs:*',
        Resource: `\${${logicalId}.Arn}`,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  test('topics have the contract names and refuse plain HTTP', () => {
    expect(opsAlerts.Properties['DisplayName']).toBe('Operational Alerts for Payment Processing');
    expect(topic('transactions').Properties['DisplayName']).toBe(
      'Payment Transaction Notifications',
    );
    for (const name of ['ops-alerts', 'transactions']) {
      const { logicalId } = topic(name);
      expect(statementsFor(template, 'AWS::SNS::TopicPolicy', logicalId)).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'sns:Publish',
          Resource: `\${${logicalId}}`,
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    }
  });

  test('payments are encrypted at rest; alarms are not, since CloudWatch could not publish', () => {
    expect(textOf(topic('transactions').Properties['KmsMasterKeyId'])).toBe(
      `arn:aws:kms:${region}:\${AWS::AccountId}:alias/aws/sns`,
    );
    expect(opsAlerts.Properties).not.toHaveProperty('KmsMasterKeyId');
  });

  test("only this environment's alarms may publish to ops-alerts as CloudWatch", () => {
    const allowed = statementsFor(template, 'AWS::SNS::TopicPolicy', opsAlerts.logicalId).filter(
      (statement) => statement['Effect'] === 'Allow',
    );
    // By name, so that the alarms of other stacks and other configurations are among them.
    const names = Object.values(resourceNames('dev').alarms);
    expect(allowed).toEqual([
      {
        Sid: 'AlarmsOfThisRegionPublish',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: `\${${opsAlerts.logicalId}}`,
        Condition: {
          StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' },
          ArnEquals: {
            'aws:SourceArn': names.map(
              (name) => `arn:aws:cloudwatch:${region}:\${AWS::AccountId}:alarm:${name}`,
            ),
          },
        },
      },
    ]);
  });
});
