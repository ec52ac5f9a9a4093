/** The alarms and the dashboard: what they watch, whom they tell, and when silence is a breach. */

import { describe, expect, test } from 'vitest';
import { METRIC_NAMESPACE, METRICS } from '#contract/metrics.ts';
import { resourceNames } from '#contract/names.ts';
import { flat, resourceNamed, resourcesOf, synthesized, type Template, textOf } from './support.ts';

const ALARM = 'AWS::CloudWatch::Alarm';

function alarmIn(template: Template, name: string) {
  return resourceNamed(template, ALARM, 'AlarmName', name).Properties;
}

describe.each(synthesized().regions)('in $region', ({ template }) => {
  const opsAlerts = resourceNamed(template, 'AWS::SNS::Topic', 'TopicName', 'ops-alerts-dev');
  const alarm = (name: string) => alarmIn(template, name);

  test.each([
    ['payment-api-errors-dev', 10],
    ['payment-lambda-errors-dev', 5],
    ['payment-dynamodb-throttle-dev', 10],
    ['payment-dlq-messages-dev', 1],
    ['payment-open-backlog-dev', 1_000],
    ['payment-open-age-dev', 900],
    ['payment-parked-dev', 1],
  ])('%s rings when one minute of three is at %i, and silence is no breach', (name, Threshold) => {
    expect(alarm(name)).toMatchObject({
      Threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  test('payment-sweeper-silent-dev rings when nothing was swept, or told, for five minutes', () => {
    expect(alarm('payment-sweeper-silent-dev')).toMatchObject({
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 5,
      DatapointsToAlarm: 5,
      TreatMissingData: 'breaching',
      Namespace: 'AWS/Lambda',
      MetricName: 'Invocations',
      Statistic: 'Sum',
      Dimensions: [{ Name: 'FunctionName', Value: 'payment-sweeper-dev' }],
    });
  });

  test('there are the alarms of the contract and no others', () => {
    const names = resourcesOf(template, ALARM).map((it) => textOf(it.Properties['AlarmName']));
    expect(names.toSorted()).toEqual(Object.values(resourceNames('dev').alarms).toSorted());
  });

  test('each tells operators when it begins and when it is over, and looks at minutes', () => {
    const actions = [`\${${opsAlerts.logicalId}}`];
    for (const { Properties } of resourcesOf(template, ALARM)) {
      expect(flat(Properties['AlarmActions'])).toEqual(actions);
      expect(flat(Properties['OKActions'])).toEqual(actions);
      const periods = JSON.stringify(Properties).match(/"Period":\d+/g);
      expect(new Set(periods)).toEqual(new Set(['"Period":60']));
    }
  });

  test.each([
    ['payment-open-backlog-dev', 'OverduePayments'],
    ['payment-open-age-dev', 'OldestOpenPaymentAge'],
    ['payment-parked-dev', 'ParkedPayments'],
  ])('%s watches the largest %s that a sweeper told, under no dimension', (name, MetricName) => {
    expect(alarm(name)).toMatchObject({
      Namespace: METRIC_NAMESPACE,
      MetricName,
      Statistic: 'Maximum',
    });
    // The functions emit it under none: with one the alarm would look at another metric, for ever empty.
    expect(alarm(name)).not.toHaveProperty('Dimensions');
  });

  test('plain alarms watch one metric of their own Region', () => {
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
      const { Metrics } = alarm(name);
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
      'Errors payment-intake-dev',
      'Errors payment-consumer-dev',
      'Errors payment-refunder-dev',
      'Errors payment-sweeper-dev',
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

/** Every metric of the project's own namespace that a template names, in alarms and graphs. */
function ownMetrics(template: Template): readonly string[] {
  const inAlarms = resourcesOf(template, ALARM)
    .filter(({ Properties }) => Properties['Namespace'] === METRIC_NAMESPACE)
    .map(({ Properties }) => textOf(Properties['MetricName']));
  const inGraphs = resourcesOf(template, 'AWS::CloudWatch::Dashboard').flatMap(({ Properties }) =>
    [...textOf(Properties['DashboardBody']).matchAll(/"PaymentProcessing","(\w+)"/g)].map(
      ([, name]) => name ?? '',
    ),
  );
  return [...inAlarms, ...inGraphs];
}

test('every metric of our own that is watched is one that the functions emit', () => {
  const watched = synthesized().regions.flatMap(({ template }) => ownMetrics(template));
  expect(new Set(watched)).toEqual(
    new Set([
      'OpenPayments',
      'OverduePayments',
      'OldestOpenPaymentAge',
      'ParkedPayments',
      'InvariantViolated',
    ]),
  );
  expect(watched.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
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
      'Open Payments',
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
