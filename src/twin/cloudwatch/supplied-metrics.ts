/** Which of AWS's own metrics the twin has, so that an alarm on another one is named at start. */

import type { NotRunResource } from '../control/twin-status.ts';
import type { MetricQueryModel, RegionModel } from '../region-model.ts';

/** By namespace: metric name → sets of dimension names that it is reported with. */
const SUPPLIED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'AWS/ApiGateway': ofAll(
    ['Count', '4XXError', '5XXError', 'Latency', 'IntegrationLatency'],
    ['ApiName', 'ApiName,Stage', 'ApiName,Method,Resource,Stage'],
  ),
  'AWS/Lambda': ofAll(['Invocations', 'Errors', 'Throttles', 'Duration'], ['FunctionName']),
  'AWS/DynamoDB': {
    ...ofAll(
      ['ReadThrottleEvents', 'WriteThrottleEvents'],
      ['TableName', 'GlobalSecondaryIndexName,TableName'],
    ),
    ...ofAll(['ThrottledRequests', 'SystemErrors'], ['Operation,TableName']),
    ...ofAll(['ConditionalCheckFailedRequests'], ['TableName']),
    ...ofAll(['UserErrors'], ['']),
    ...ofAll(['ReplicationLatency'], ['ReceivingRegion,TableName']),
  },
  'AWS/SQS': ofAll(
    [
      'ApproximateNumberOfMessagesVisible',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
      'ApproximateAgeOfOldestMessage',
    ],
    ['QueueName'],
  ),
};

function ofAll(names: readonly string[], dimensionSets: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, dimensionSets]));
}

/**
 * The metrics that alarms read and nothing here reports, with the alarms, each as one entry. Pure.
 * Namespaces other than AWS's are fed by functions and by PutMetricData: any of them may have data.
 */
export function metricsNotSupplied(
  regions: readonly Pick<RegionModel, 'region' | 'alarms'>[],
): readonly NotRunResource[] {
  return regions.flatMap(({ region, alarms }) => {
    const readers = new Map<string, string[]>();
    for (const { name, queries } of alarms) {
      for (const query of queries) {
        const missing = notSupplied(query);
        if (missing === null) continue;
        const known = readers.get(missing) ?? [];
        if (!known.includes(name)) readers.set(missing, [...known, name]);
      }
    }
    return [...readers].map(([metric, names]) => ({
      region,
      type: `AWS::CloudWatch::Alarm (${metric})`,
      logicalIds: names,
    }));
  });
}

function notSupplied({ source }: MetricQueryModel): string | null {
  if (source.kind === 'expression' || !source.namespace.startsWith('AWS/')) return null;
  const { namespace, metricName, dimensions } = source;
  const names = Object.keys(dimensions).toSorted().join(',');
  if (SUPPLIED[namespace]?.[metricName]?.includes(names) === true) return null;
  return `${namespace} ${metricName}${names === '' ? '' : ` by ${names}`}`;
}
