/** GetMetricData: several metrics and expressions over them, at once. */

import type { AwsWireError } from '../endpoint/aws-service.ts';
import type { MetricQueryModel } from '../region-model.ts';
import {
  dimensionsOf,
  invalidValue,
  isObject,
  type Outcome,
  objectList,
  type Parameters,
  timeOf,
} from './cloudwatch-parameters.ts';
import { parseStatistic } from './metric-bucket.ts';
import { compileMetricQueries, evaluateMetricQueries } from './metric-math.ts';
import { MetricMathError } from './metric-math-error.ts';
import { isPeriod } from './metric-operations.ts';
import type { RegionCloudWatch } from './region-cloudwatch.ts';

/** Source: CloudWatch API reference, GetMetricData. */
const QUERIES_MAX = 500;
const DATAPOINTS_MAX = 100_800;

/**
 * All queries of one call have one period here; AWS takes several. Times in and out are the world's,
 * periods are CloudWatch's.
 */
export function getMetricData(cloudwatch: RegionCloudWatch, parameters: Parameters): Outcome {
  const list = objectList(parameters['MetricDataQueries']);
  if (list === null || list.length === 0 || list.length > QUERIES_MAX) {
    return invalidValue(`MetricDataQueries must be a list of 1 to ${QUERIES_MAX} queries.`);
  }
  const from = timeOf(parameters['StartTime']);
  const to = timeOf(parameters['EndTime']);
  if (from === null || to === null || from >= to) {
    return invalidValue('StartTime must be a time before EndTime.');
  }
  const periods = new Set(list.map(periodOf).filter((period) => period !== undefined));
  const [periodSeconds, ...others] = periods;
  if (!isPeriod(periodSeconds) || others.length > 0) {
    return invalidValue(
      'The queries of one call must have one Period: ask for others by themselves.',
    );
  }
  const queries: MetricQueryModel[] = [];
  for (const query of list) {
    const model = readQuery(query, periodSeconds);
    if ('code' in model) return model;
    queries.push(model);
  }
  const { time } = cloudwatch;
  const starts = periodStarts(time.fromWorld(from), time.fromWorld(to), periodSeconds * 1000);
  if (starts.length * queries.length > DATAPOINTS_MAX) {
    return invalidValue(`That is above ${DATAPOINTS_MAX} datapoints: ask for less time.`);
  }
  const descending = parameters['ScanBy'] !== 'TimestampAscending';
  try {
    const results = queries
      .filter(({ returnData }) => returnData)
      .map(({ id }) => resultOf(cloudwatch, id, queries, starts, descending));
    return { MetricDataResults: results, Messages: [] };
  } catch (error) {
    if (!(error instanceof MetricMathError)) throw error;
    return invalidValue(error.message);
  }
}

function resultOf(
  cloudwatch: RegionCloudWatch,
  id: string,
  queries: readonly MetricQueryModel[],
  starts: readonly number[],
  descending: boolean,
): Parameters {
  const compiled = compileMetricQueries(
    queries.map((query) => ({ ...query, returnData: query.id === id })),
  );
  const store = cloudwatch.metrics();
  const [first = 0] = starts;
  const end = (starts.at(-1) ?? 0) + 1;
  const series = evaluateMetricQueries(
    compiled,
    ({ namespace, metricName, dimensions, statistic, periodSeconds }) =>
      store.statistics({ namespace, metricName, dimensions }, statistic, periodSeconds, first, end),
    starts,
  );
  const points = [...series].toSorted(([a], [b]) => (descending ? b - a : a - b));
  return {
    Id: id,
    Label: id,
    Timestamps: points.map(([at]) => cloudwatch.time.toWorld(at) / 1000),
    Values: points.map(([, value]) => value),
    StatusCode: 'Complete',
  };
}

function periodOf(query: Parameters): unknown {
  const stat = query['MetricStat'];
  return isObject(stat) ? stat['Period'] : query['Period'];
}

function readQuery(query: Parameters, periodSeconds: number): MetricQueryModel | AwsWireError {
  const { Id: id, Expression: expression, MetricStat: stat, ReturnData: returned = true } = query;
  if (typeof id !== 'string' || !/^[a-z][a-zA-Z0-9_]*$/.test(id)) {
    return invalidValue('The Id of a query must begin with a small letter.');
  }
  const returnData = returned === true;
  if (typeof expression === 'string') {
    return { id, returnData, source: { kind: 'expression', expression, periodSeconds } };
  }
  const metric = isObject(stat) ? stat['Metric'] : null;
  if (!isObject(stat) || !isObject(metric)) {
    return invalidValue(`Query ${id} needs an Expression or a MetricStat with a Metric.`);
  }
  const { Namespace: namespace, MetricName: metricName } = metric;
  const statistic = stat['Stat'];
  const dimensions = dimensionsOf(metric['Dimensions']);
  if (typeof namespace !== 'string' || typeof metricName !== 'string' || dimensions === null) {
    return invalidValue(`The Metric of query ${id} needs Namespace, MetricName and Dimensions.`);
  }
  if (typeof statistic !== 'string' || parseStatistic(statistic) === null) {
    return invalidValue(`The twin has no statistic ${String(statistic)} (query ${id}).`);
  }
  const source = { namespace, metricName, dimensions, statistic, periodSeconds };
  return { id, returnData, source: { kind: 'metric', ...source } };
}

function periodStarts(from: number, to: number, periodMs: number): number[] {
  const first = Math.ceil(from / periodMs) * periodMs;
  const count = Math.max(0, Math.ceil((to - first) / periodMs));
  return Array.from({ length: count }, (_, index) => first + index * periodMs);
}
