/** Metrics that are looked up once a minute: the depth of queues and the lag of replicas. */

import type { TableStatus } from '../dynamodb/table/replica.ts';
import type { QueueBacklog } from '../messaging/region-messaging.ts';
import type { MetricAggregator, MetricSeries } from './metric-batch.ts';

/**
 * Reports each queue of a Region. The age counts messages in flight too; an empty queue has age 0.
 * Source: SQS developer guide, "Available CloudWatch metrics for Amazon SQS".
 */
export function sampleQueues(
  backlogs: readonly QueueBacklog[],
  aggregator: MetricAggregator,
  nowEpochMs: number,
): void {
  for (const { name, visible, inFlight, delayed, oldestSentEpochMs } of backlogs) {
    const ageMs = oldestSentEpochMs === null ? 0 : Math.max(0, nowEpochMs - oldestSentEpochMs);
    const values = {
      ApproximateNumberOfMessagesVisible: visible,
      ApproximateNumberOfMessagesNotVisible: inFlight,
      ApproximateNumberOfMessagesDelayed: delayed,
      ApproximateAgeOfOldestMessage: Math.floor(ageMs / 1000),
    };
    for (const [metricName, value] of Object.entries(values)) {
      const series = seriesOf('AWS/SQS', metricName, { QueueName: name });
      aggregator.observe(series, value, nowEpochMs);
    }
  }
}

/**
 * Reports how far behind the other Regions' replicas of eventually consistent tables are, as the
 * Region that they replicate from does: the age of the oldest write that a replica lacks. AWS
 * averages over the writes of a minute and is silent without any; here an idle table reports 0.
 * Source: DynamoDB developer guide, "Monitoring global tables".
 */
export function sampleReplication(
  region: string,
  tables: readonly TableStatus[],
  aggregator: MetricAggregator,
  nowEpochMs: number,
): void {
  for (const { table, replicas } of tables) {
    if (!replicas.some((replica) => replica.region === region)) continue;
    for (const { region: receiver, lagMs } of replicas) {
      if (receiver === region || lagMs === undefined) continue;
      const dimensions = { TableName: table, ReceivingRegion: receiver };
      const series = seriesOf('AWS/DynamoDB', 'ReplicationLatency', dimensions);
      aggregator.observe(series, lagMs, nowEpochMs);
    }
  }
}

function seriesOf(
  namespace: string,
  metricName: string,
  dimensions: Readonly<Record<string, string>>,
): MetricSeries {
  return { namespace, metricName, dimensionSets: [dimensions], highResolution: false };
}
