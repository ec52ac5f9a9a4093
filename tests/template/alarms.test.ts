/** The alarms: what they watch, whom they tell, and when silence is a breach. */

import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, test } from 'vitest';
import { METRIC_NAMESPACE, METRICS } from '#contract/metrics.ts';
import { resourceNames } from '#contract/names.ts';
import { OrchestratorAlarms } from '#infra/alarms.ts';
import { alarmNamed, COMPOSITE, childrenOf, METRIC_ALARM, metricsOf } from './alarm-support.ts';
import { flat, resourceNamed, resourcesOf, synthesized, type Template, textOf } from './support.ts';

/** A stack with nothing but the orchestrator's alarms, as TapStackFailover makes them. */
function orchestratorTemplate(): Template {
  const app = new App();
  const stack = new Stack(app, 'OrchestratorOnly', { env: { region: 'us-east-1' } });
  const opsAlertTopic = new Topic(stack, 'Topic', { topicName: 'ops-alerts-dev' });
  const props = { environmentSuffix: 'dev', region: 'us-east-1', opsAlertTopic };
  new OrchestratorAlarms(stack, 'OrchestratorAlarms', props);
  return app.synth().getStackByName(stack.stackName).template as Template;
}

const orchestrator = orchestratorTemplate();
const ofBothModes = [synthesized(), synthesized({ consistency: 'eventual' })].flatMap(
  ({ configuration, regions }) =>
    regions.map((it) => ({ ...it, where: `${configuration.consistency} ${it.region}` })),
);
const alarmNames = (template: Template) =>
  [...resourcesOf(template, METRIC_ALARM), ...resourcesOf(template, COMPOSITE)]
    .map(({ Properties }) => textOf(Properties['AlarmName']))
    .toSorted();

describe.each([...ofBothModes, { where: 'the orchestrator’s stack', template: orchestrator }])(
  'in $where',
  ({ template }) => {
    const opsAlerts = resourceNamed(template, 'AWS::SNS::Topic', 'TopicName', 'ops-alerts-dev');

    test.each(alarmNames(template))('%s tells operators when it begins and ends', (name) => {
      const { Properties } = alarmNamed(template, name);
      const actions = [`\${${opsAlerts.logicalId}}`];
      expect(flat(Properties['AlarmActions'])).toEqual(actions);
      expect(flat(Properties['OKActions'])).toEqual(actions);
      expect(Properties['ActionsEnabled'] ?? true).toBe(true);
    });

    test.each(alarmNames(template))('%s says where the runbook has what to do', (name) => {
      const description = textOf(alarmNamed(template, name).Properties['AlarmDescription']);
      const [, anchor] = /docs\/runbook\.md#([a-z-]+)$/.exec(description) ?? [];
      const headings = readFileSync('docs/runbook.md', 'utf8').matchAll(/^## (.+)$/gm);
      const anchors = [...headings].map(([, it]) => it?.toLowerCase().replaceAll(' ', '-'));
      expect(anchors).toContain(anchor);
    });
  },
);

describe('the names', () => {
  const {
    replicationLatency,
    orchestratorErrors,
    orchestratorThrottle,
    orchestratorSilent,
    orchestratorDlq,
    ...always
  } = resourceNames('dev').alarms;

  test.each(ofBothModes)('in $where are those of the contract', ({ where, template }) => {
    const expected = [
      ...Object.values(always),
      ...(where.startsWith('eventual') ? [replicationLatency] : []),
    ];
    expect(alarmNames(template)).toEqual(expected.toSorted());
  });

  test('of the orchestrator are in its own stack', () => {
    const expected = [
      orchestratorErrors,
      orchestratorThrottle,
      orchestratorSilent,
      orchestratorDlq,
    ];
    expect(alarmNames(orchestrator)).toEqual(expected.toSorted());
  });
});

describe.each(synthesized().regions)('in $region', ({ template }) => {
  const alarm = (name: string) => alarmNamed(template, name).Properties;

  test.each([
    ['payment-api-errors-dev', 10],
    ['payment-lambda-errors-dev', 5],
    ['payment-dynamodb-throttle-dev', 10],
    ['payment-lambda-throttle-dev', 10],
    ['payment-automation-throttle-dev', 1],
    ['payment-dlq-messages-dev', 1],
    ['payment-open-backlog-dev', 1_000],
    ['payment-open-age-dev', 900],
    ['payment-parked-dev', 1],
    ['payment-invariant-dev', 1],
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

  test('only alarms on metrics that are stored by the second look more often than each minute', () => {
    const quick = resourcesOf(template, METRIC_ALARM).filter(({ Properties }) =>
      JSON.stringify(Properties).includes('"Period":10'),
    );
    const watched = quick.flatMap(({ Properties }) => metricsOf(Properties));
    expect(new Set(watched.map(({ name }) => name))).toEqual(
      new Set(['PaymentRequests', 'PaymentFaults', 'PaymentLatency']),
    );
    const stored = Object.entries(METRICS).filter(([, it]) => 'highResolution' in it);
    for (const { namespace, name, periodSeconds } of watched) {
      expect(namespace).toBe(METRIC_NAMESPACE);
      expect(stored.map(([it]) => it)).toContain(name);
      expect(periodSeconds).toBe(10);
    }
    const periods = JSON.stringify(template.Resources).match(/"Period":\d+/g);
    expect(new Set(periods)).toEqual(new Set(['"Period":60', '"Period":10']));
  });

  test.each([
    ['payment-open-backlog-dev', 'OverduePayments', 'Maximum'],
    ['payment-open-age-dev', 'OldestOpenPaymentAge', 'Maximum'],
    ['payment-parked-dev', 'ParkedPayments', 'Maximum'],
    ['payment-invariant-dev', 'InvariantViolated', 'Sum'],
  ])('%s watches %s, by its %s, under no dimension', (name, MetricName, Statistic) => {
    expect(alarm(name)).toMatchObject({ Namespace: METRIC_NAMESPACE, MetricName, Statistic });
    // The functions emit it under none: with one the alarm would look at another metric, for ever empty.
    expect(alarm(name)).not.toHaveProperty('Dimensions');
  });

  test('payment-dlq-messages-dev watches the dead-letter queue of its own Region', () => {
    expect(alarm('payment-dlq-messages-dev')).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Dimensions: [{ Name: 'QueueName', Value: 'payment-dlq-dev' }],
    });
  });

  test('sums count what throttles and what fails, with silence as 0', () => {
    const termsOf = (name: string) => metricsOf(alarm(name)).map((it) => `${it.name} ${it.of}`);
    const expressionOf = (name: string) =>
      JSON.stringify(alarm(name)).match(/"Expression":"([^"]+)"/)?.[1];
    expect(termsOf('payment-api-errors-dev')).toEqual([
      '5XXError payment-api-dev POST /validate prod',
      '5XXError payment-api-dev POST /process prod',
      '5XXError payment-api-dev POST /payments prod',
      '5XXError payment-api-dev POST /payments/{transaction_id}/refunds prod',
      '5XXError payment-api-dev GET /payments/{transaction_id} prod',
      '5XXError payment-api-dev GET /customers/{customer_id}/payments prod',
      '5XXError payment-api-dev GET /health prod',
    ]);
    expect(expressionOf('payment-api-errors-dev')).toMatch(/^\w+( \+ \w+){6}$/);
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
    expect(expressionOf('payment-lambda-errors-dev')).toMatch(/^\w+( \+ \w+){7}$/);
    expect(termsOf('payment-lambda-throttle-dev')).toEqual([
      'Throttles payment-validator-dev',
      'Throttles payment-processor-dev',
      'Throttles payment-intake-dev',
      'Throttles payment-refunder-dev',
      'Throttles payment-reader-dev',
    ]);
    expect(expressionOf('payment-lambda-throttle-dev')).toMatch(/^\w+( \+ \w+){4}$/);
    expect(termsOf('payment-automation-throttle-dev')).toEqual([
      'Throttles payment-consumer-dev',
      'Throttles payment-sweeper-dev',
      'Throttles payment-health-dev',
    ]);
    expect(expressionOf('payment-automation-throttle-dev')).toMatch(/^\w+( \+ \w+){2}$/);
    expect(termsOf('payment-dynamodb-throttle-dev')).toEqual([
      'ReadThrottleEvents payments-dev',
      'WriteThrottleEvents payments-dev',
      'ReadThrottleEvents customer-index payments-dev',
      'WriteThrottleEvents customer-index payments-dev',
      'ReadThrottleEvents open-index payments-dev',
      'WriteThrottleEvents open-index payments-dev',
      'Invocations payment-sweeper-dev',
    ]);
    // DynamoDB's alarms keep their state without data: the sweeps end this one.
    expect(expressionOf('payment-dynamodb-throttle-dev')).toMatch(
      /^\w+( \+ throttles_\w+){5} \+ 0 \* ticking$/,
    );
  });

  test('payment-region-degraded-dev sums up every alarm on which traffic stays, and no others', () => {
    expect(childrenOf(template, 'payment-region-degraded-dev')).toEqual([
      'payment-api-errors-dev',
      'payment-automation-throttle-dev',
      'payment-callers-refused-dev',
      'payment-dlq-messages-dev',
      'payment-dynamodb-throttle-dev',
      'payment-invariant-dev',
      'payment-lambda-errors-dev',
      'payment-lambda-throttle-dev',
      'payment-open-age-dev',
      'payment-open-backlog-dev',
      'payment-parked-dev',
      'payment-sweeper-silent-dev',
    ]);
  });
});

describe.each(synthesized({ consistency: 'eventual' }).regions)(
  'eventual, in $region',
  ({ region, template }) => {
    const peer = region === 'us-east-1' ? 'us-east-2' : 'us-east-1';

    test('the lag to the other Region is watched, and its missing data changes nothing', () => {
      const { Properties } = alarmNamed(template, 'payment-replication-latency-dev');
      expect(Properties).toMatchObject({
        Namespace: 'AWS/DynamoDB',
        MetricName: 'ReplicationLatency',
        Statistic: 'Average',
        Dimensions: [
          { Name: 'ReceivingRegion', Value: peer },
          { Name: 'TableName', Value: 'payments-dev' },
        ],
        Threshold: 10_000,
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 5,
        DatapointsToAlarm: 3,
        TreatMissingData: 'ignore',
      });
    });

    test('it degrades the Region and does not impair it', () => {
      const name = 'payment-replication-latency-dev';
      expect(childrenOf(template, 'payment-region-degraded-dev')).toContain(name);
      expect(childrenOf(template, 'payment-region-impaired-dev')).not.toContain(name);
    });
  },
);

describe('the orchestrator’s alarms', () => {
  const alarm = (name: string) => alarmNamed(orchestrator, name).Properties;

  test('ring at the first failure, the first throttle and the first event that was given up', () => {
    const atOnce = { Threshold: 1, DatapointsToAlarm: 1, TreatMissingData: 'notBreaching' };
    expect(alarm('failover-orchestrator-errors-dev')).toMatchObject({
      ...atOnce,
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: 'failover-orchestrator-dev' }],
    });
    expect(alarm('failover-orchestrator-throttle-dev')).toMatchObject({
      ...atOnce,
      Namespace: 'AWS/Lambda',
      MetricName: 'Throttles',
      Dimensions: [{ Name: 'FunctionName', Value: 'failover-orchestrator-dev' }],
    });
    expect(alarm('failover-orchestrator-dlq-dev')).toMatchObject({
      ...atOnce,
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: 'failover-dlq-dev' }],
    });
  });

  test('ring when it has not looked, or told, for five minutes', () => {
    expect(alarm('failover-orchestrator-silent-dev')).toMatchObject({
      Namespace: METRIC_NAMESPACE,
      MetricName: 'FailoverRounds',
      Statistic: 'Sum',
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      EvaluationPeriods: 5,
      DatapointsToAlarm: 5,
      TreatMissingData: 'breaching',
    });
    expect(alarm('failover-orchestrator-silent-dev')).not.toHaveProperty('Dimensions');
  });
});

test('every metric of our own that an alarm watches is one that the functions emit', () => {
  const templates = [...ofBothModes.map(({ template }) => template), orchestrator];
  const watched = templates
    .flatMap((template) => resourcesOf(template, METRIC_ALARM))
    .flatMap(({ Properties }) => metricsOf(Properties))
    .filter(({ namespace }) => namespace === METRIC_NAMESPACE)
    .map(({ name }) => name);
  expect(new Set(watched).size).toBe(9);
  expect(watched.filter((name) => !Object.hasOwn(METRICS, name))).toEqual([]);
});
