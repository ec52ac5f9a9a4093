/** Queues, topics, alarms and the dashboard. */

import { describe, expect, test } from 'vitest';
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

  test('the queue has no consumer yet', () => {
    expect(resourcesOf(template, 'AWS::Lambda::EventSourceMapping')).toEqual([]);
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
    const names = resourcesOf(template, 'AWS::CloudWatch::Alarm').map((alarm) =>
      textOf(alarm.Properties['AlarmName']),
    );
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

  test.each([
    ['payment-api-errors-dev', 10],
    ['payment-lambda-errors-dev', 5],
    ['payment-dynamodb-throttle-dev', 10],
    ['payment-dlq-messages-dev', 1],
  ])('%s rings when one minute of three is at %i and tells when it is over', (name, Threshold) => {
    const { Properties } = resourceNamed(template, 'AWS::CloudWatch::Alarm', 'AlarmName', name);
    expect(Properties).toMatchObject({
      Threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 1,
      TreatMissingData: 'notBreaching',
    });
    const actions = [`\${${opsAlerts.logicalId}}`];
    expect(flat(Properties['AlarmActions'])).toEqual(actions);
    expect(flat(Properties['OKActions'])).toEqual(actions);
    const periods = JSON.stringify(Properties).match(/"Period":\d+/g);
    expect(new Set(periods)).toEqual(new Set(['"Period":60']));
  });

  test('there are no other alarms', () => {
    expect(resourcesOf(template, 'AWS::CloudWatch::Alarm')).toHaveLength(4);
  });

  test('plain alarms watch one metric of their own Region', () => {
    const alarm = (name: string) =>
      resourceNamed(template, 'AWS::CloudWatch::Alarm', 'AlarmName', name).Properties;
    expect(alarm('payment-api-errors-dev')).toMatchObject({
      Namespace: 'AWS/ApiGateway',
      MetricName: '5XXError',
      Statistic: 'Sum',
      Dimensions: [
        { Name: 'ApiName', Value: 'payment-api-dev' },
        { Name: 'Stage', Value: 'prod' },
      ],
    });
    expect(alarm('payment-dlq-messages-dev')).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Dimensions: [{ Name: 'QueueName', Value: 'payment-dlq-dev' }],
    });
  });

  test('sums count what throttles and what fails, with silence as 0', () => {
    const termsOf = (name: string) => {
      const { Metrics } = resourceNamed(
        template,
        'AWS::CloudWatch::Alarm',
        'AlarmName',
        name,
      ).Properties;
      const metrics = Metrics as readonly {
        Id: string;
        Expression?: string;
        ReturnData?: boolean;
        MetricStat?: {
          Stat: string;
          Metric: { MetricName: string; Dimensions: readonly { Value: string }[] };
        };
      }[];
      const terms = metrics.filter((metric) => metric.MetricStat !== undefined);
      const expression = metrics.find((metric) => metric.Expression !== undefined)?.Expression;
      expect(expression).toBe(terms.map(({ Id }) => Id).join(' + '));
      return terms.map(({ MetricStat }) => {
        expect(MetricStat?.Stat).toBe('Sum');
        const values = MetricStat?.Metric.Dimensions.map((it) => it.Value) ?? [];
        return [MetricStat?.Metric.MetricName, ...values].join(' ');
      });
    };
    expect(termsOf('payment-lambda-errors-dev')).toEqual([
      'Errors payment-validator-dev',
      'Errors payment-processor-dev',
      'Errors payment-reader-dev',
      'Errors payment-health-dev',
    ]);
    expect(termsOf('payment-dynamodb-throttle-dev')).toEqual([
      'ReadThrottleEvents payments-dev',
      'WriteThrottleEvents payments-dev',
      'ReadThrottleEvents customer-index payments-dev',
      'WriteThrottleEvents customer-index payments-dev',
      'ReadThrottleEvents open-index payments-dev',
      'WriteThrottleEvents open-index payments-dev',
    ]);
  });
});

describe('the dashboard', () => {
  test('belongs to the primary alone, since its name is global to the account', () => {
    expect(resourcesOf(synthesized().primary, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
    expect(resourcesOf(synthesized().secondary, 'AWS::CloudWatch::Dashboard')).toEqual([]);
  });

  test('shows both Regions in each graph of the contract', () => {
    const { Properties } = resourceNamed(
      synthesized().primary,
      'AWS::CloudWatch::Dashboard',
      'DashboardName',
      'payment-dr-dev',
    );
    const body = JSON.parse(textOf(Properties['DashboardBody'])) as {
      widgets: readonly {
        properties: { title: string; metrics: readonly (readonly unknown[])[] };
      }[];
    };
    expect(body.widgets.map(({ properties }) => properties.title)).toEqual([
      'API Gateway Requests',
      'Lambda Function Metrics',
      'DynamoDB Operations',
      'SQS Queue Metrics',
    ]);
    for (const { properties } of body.widgets) {
      const labels = properties.metrics.map((metric) =>
        String((metric.at(-1) as { label?: string }).label),
      );
      const inRegion = (region: string) =>
        labels.filter((label) => label.startsWith(region)).map((it) => it.slice(region.length));
      expect(inRegion('us-east-1')).not.toEqual([]);
      expect(inRegion('us-east-2')).toEqual(inRegion('us-east-1'));
    }
  });
});
