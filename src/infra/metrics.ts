/** CloudWatch metrics of one Region, by name: the same for alarms and for the dashboard of both. */

import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, type MetricName } from '#contract/metrics.ts';
import { API_STAGE, FUNCTION_JOBS, PAYMENTS_TABLE, resourceNames } from '#contract/names.ts';

/** An alarm is looked at each minute, so that a shorter period would find nothing sooner. */
const PERIOD = Duration.minutes(1);

/**
 * Builds the metrics of the environment `environmentSuffix` in `region`: `alarm`, one for each alarm,
 * and `graph`, labelled with the Region.
 *
 * By name and not from constructs, because the dashboard shows a Region that another stack makes.
 */
export function regionMetrics(environmentSuffix: string, region: string) {
  const names = resourceNames(environmentSuffix);
  const metric = (namespace: string, metricName: string, dimensionsMap: Record<string, string>) =>
    new Metric({
      namespace,
      metricName,
      dimensionsMap,
      statistic: 'Sum',
      region,
      period: PERIOD,
    });
  const ofApi = (name: string) =>
    metric('AWS/ApiGateway', name, { ApiName: names.api, Stage: API_STAGE });
  const ofTable = (name: string, index?: string) =>
    metric('AWS/DynamoDB', name, {
      TableName: names.paymentsTable,
      ...(index === undefined ? {} : { GlobalSecondaryIndexName: index }),
    });
  const ofQueue = (QueueName: string, name: string) =>
    metric('AWS/SQS', name, { QueueName }).with({ statistic: 'Maximum' });
  const ofFunctions = (name: string) =>
    FUNCTION_JOBS.map((job) =>
      metric('AWS/Lambda', name, { FunctionName: names.functionName(job) }).with({
        label: `${region} ${job} ${name}`,
      }),
    );
  const labelled = (unlabelled: Metric, subject: string) =>
    unlabelled.with({ label: `${region} ${subject} ${unlabelled.metricName}` });

  /** Our own metrics carry no dimension: they are told apart by Region alone. */
  const ofPayments = (name: MetricName) =>
    metric(METRIC_NAMESPACE, name, {}).with({ statistic: 'Maximum' });

  const dlqMessages = ofQueue(names.paymentDlq, 'ApproximateNumberOfMessagesVisible');
  /**
   * An index counts its own throttling, and one that throttles holds back the table's writes. Not
   * `UserErrors`: it counts the account's bad requests and no throttling.
   */
  const throttles = [undefined, PAYMENTS_TABLE.customerIndex, PAYMENTS_TABLE.openIndex].flatMap(
    (index) => [ofTable('ReadThrottleEvents', index), ofTable('WriteThrottleEvents', index)],
  );
  const throttlesTotal = total('throttles', throttles);

  return {
    alarm: {
      apiErrors: ofApi('5XXError'),
      functionErrors: total('errors', ofFunctions('Errors')),
      tableThrottles: throttlesTotal,
      dlqMessages,
      overduePayments: ofPayments('OverduePayments'),
      oldestOpenPaymentAge: ofPayments('OldestOpenPaymentAge'),
      parkedPayments: ofPayments('ParkedPayments'),
      invariantsViolated: ofPayments('InvariantViolated').with({ statistic: 'Sum' }),
      sweeps: metric('AWS/Lambda', 'Invocations', { FunctionName: names.functionName('sweep') }),
    },
    graph: {
      apiRequests: ['Count', '4XXError', '5XXError'].map((name) => labelled(ofApi(name), 'API')),
      apiLatency: [labelled(ofApi('Latency').with({ statistic: 'p99' }), 'API p99')],
      functionInvocations: ofFunctions('Invocations'),
      functionErrors: ofFunctions('Errors'),
      tableConsumption: ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'].map((name) =>
        labelled(ofTable(name), 'table'),
      ),
      tableThrottles: [throttlesTotal],
      queueMessages: ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'].map(
        (name) => labelled(ofQueue(names.paymentQueue, name), 'queue'),
      ),
      dlqMessages: [labelled(dlqMessages, 'dead letters')],
      openPayments: (['OpenPayments', 'OverduePayments', 'ParkedPayments'] as const).map((name) =>
        labelled(ofPayments(name), 'payments'),
      ),
      openAge: [labelled(ofPayments('OldestOpenPaymentAge'), 'payments')],
    },
  };

  /**
   * Sums metrics that report only when there is something: arithmetic counts one that is silent as 0.
   * No FILL: with data that comes late it replaces the newest datapoint, and an alarm can then stick.
   * Source: Amazon CloudWatch user guide, "Using metric math".
   * `name`: lower case; with the Region it keeps the ids of the terms apart in one graph.
   */
  function total(name: string, parts: readonly Metric[]): MathExpression {
    const prefix = `${name}_${region.replaceAll('-', '_')}`;
    const usingMetrics: Record<string, IMetric> = Object.fromEntries(
      parts.map((part, index) => [`${prefix}_${index + 1}`, part]),
    );
    const terms = Object.keys(usingMetrics);
    return new MathExpression({
      expression: terms.join(' + '),
      usingMetrics,
      label: `${region} ${name}`,
      period: PERIOD,
    });
  }
}
