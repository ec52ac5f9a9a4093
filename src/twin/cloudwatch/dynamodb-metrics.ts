/** What DynamoDB reports of the calls that it turned away. */

import { isRecord, parseRequest, plainTableName } from '../dynamodb/service/request.ts';
import type { CallObservation } from '../endpoint/call-pipeline.ts';
import type { MetricAggregator, MetricSeries } from './metric-batch.ts';

const READS: ReadonlySet<string> = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan']);
const WRITES: ReadonlySet<string> = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
]);

/** Of one table in a call: how many items of it, and the index that was asked. */
interface Target {
  readonly table: string;
  readonly index: string | null;
  readonly items: number;
}

/**
 * Counts what failed; a call that went well costs one look, and AWS too reports these metrics only
 * when there is something. One throttled call is a `ThrottledRequests` of its table and operation
 * and a throttle event for each item, of the index where one was queried. `UserErrors` is the
 * account's, without dimensions; failed conditions and throttling are none.
 * Source: DynamoDB developer guide, "DynamoDB metrics and dimensions".
 */
export function observeDynamoDb(
  { call, throttled, answer }: Omit<CallObservation, 'service'>,
  aggregator: MetricAggregator,
  nowEpochMs: number,
): void {
  if (answer.status < 400) return;
  const { operation: Operation } = call;
  const count = (metricName: string, dimensions: Record<string, string>, times = 1): void =>
    aggregator.observe(seriesOf(metricName, dimensions), 1, nowEpochMs, times);

  if (!throttled && answer.status < 500) {
    const isCondition = String(answer.body).includes('ConditionalCheckFailedException');
    if (!isCondition) return count('UserErrors', {});
    for (const { table } of targetsOf(call)) {
      count('ConditionalCheckFailedRequests', { TableName: table });
    }
    return;
  }
  for (const { table, index, items } of targetsOf(call)) {
    const ofOperation = { TableName: table, Operation };
    if (!throttled) {
      count('SystemErrors', ofOperation);
      continue;
    }
    count('ThrottledRequests', ofOperation);
    const place = {
      TableName: table,
      ...(index === null ? {} : { GlobalSecondaryIndexName: index }),
    };
    if (READS.has(Operation)) count('ReadThrottleEvents', place, items);
    if (WRITES.has(Operation)) count('WriteThrottleEvents', place, items);
  }
}

function seriesOf(metricName: string, dimensions: Record<string, string>): MetricSeries {
  return {
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionSets: [dimensions],
    highResolution: false,
  };
}

/** The tables that a call names; none where its body can't be read. */
function targetsOf(call: CallObservation['call']): readonly Target[] {
  let request: Readonly<Record<string, unknown>>;
  try {
    ({ request } = parseRequest(call));
  } catch {
    return [];
  }
  const byTable = request['RequestItems'];
  if (isRecord(byTable)) {
    return Object.entries(byTable).map(([name, part]) => ({
      table: plainTableName(name),
      index: null,
      items: Math.max(1, itemsIn(part)),
    }));
  }
  const { TableName: table, IndexName: index } = request;
  if (typeof table !== 'string') return [];
  return [{ table, index: typeof index === 'string' ? index : null, items: 1 }];
}

/** Writes of one table are a list; reads have it under `Keys`. */
function itemsIn(part: unknown): number {
  if (Array.isArray(part)) return part.length;
  const keys = isRecord(part) ? part['Keys'] : null;
  return Array.isArray(keys) ? keys.length : 0;
}
