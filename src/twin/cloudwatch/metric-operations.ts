/** Operations on metrics: putting data, reading statistics, listing what there is. */

import type { AwsWireError } from '../endpoint/aws-service.ts';
import {
  dimensionList,
  dimensionsOf,
  invalidValue,
  isObject,
  isWireError,
  missing,
  type Outcome,
  objectList,
  type Parameters,
  pageOf,
  textList,
  timeOf,
} from './cloudwatch-parameters.ts';
import type { MetricPoint, MetricSeries } from './metric-batch.ts';
import { parseStatistic } from './metric-bucket.ts';
import type { MetricKey } from './metric-store.ts';
import type { RegionCloudWatch } from './region-cloudwatch.ts';

/** Source: CloudWatch API reference, PutMetricData, ListMetrics and GetMetricStatistics. */
const DATA_MAX = 1_000;
const VALUES_MAX = 150;
const LIST_MAX = 500;
const DATAPOINTS_MAX = 1_440;

type Datum = MetricSeries & { readonly points: readonly MetricPoint[] };

/** Takes data for any namespace but AWS's own. All of it or nothing. */
export function putMetricData(cloudwatch: RegionCloudWatch, parameters: Parameters): Outcome {
  const { Namespace: namespace, MetricData: data } = parameters;
  if (typeof namespace !== 'string' || namespace === '') return missing('Namespace');
  if (namespace.startsWith('AWS/')) {
    return invalidValue('The value AWS/ for parameter Namespace is invalid: it is reserved.');
  }
  const list = objectList(data);
  if (list === null || list.length === 0 || list.length > DATA_MAX) {
    return invalidValue(`MetricData must be a list of 1 to ${DATA_MAX} data.`);
  }
  const batch: Datum[] = [];
  for (const one of list) {
    const datum = readDatum(namespace, one, cloudwatch.nowEpochMs());
    if ('code' in datum) return datum;
    batch.push(datum);
  }
  cloudwatch.ingest(batch);
  return {};
}

function readDatum(namespace: string, datum: Parameters, nowEpochMs: number): Datum | AwsWireError {
  const { MetricName: metricName, StorageResolution: resolution } = datum;
  if (typeof metricName !== 'string' || metricName === '') return missing('MetricData.MetricName');
  const dimensions = dimensionsOf(datum['Dimensions']);
  if (dimensions === null) return invalidValue('Dimensions must be a list of Name and Value.');
  const atEpochMs = datum['Timestamp'] === undefined ? nowEpochMs : timeOf(datum['Timestamp']);
  if (atEpochMs === null) return invalidValue('Timestamp must be a time.');
  const values = valuesOf(datum);
  if ('code' in values) return values;
  return {
    ...{ namespace, metricName, dimensionSets: [dimensions] },
    highResolution: resolution === 1,
    points: values.map(({ value, count }) => ({ value, count, atEpochMs })),
  };
}

interface Counted {
  readonly value: number;
  readonly count: number;
}

function valuesOf(datum: Parameters): readonly Counted[] | AwsWireError {
  const { Value: value, Values: values, Counts: counts, StatisticValues: statistics } = datum;
  if (isNumber(value)) return [{ value, count: 1 }];
  if (isObject(statistics)) return fromStatistics(statistics);
  const times = counts ?? (Array.isArray(values) ? values.map(() => 1) : undefined);
  if (!isNumberList(values) || !isNumberList(times) || values.length !== times.length) {
    return invalidValue('A datum needs Value, StatisticValues, or Values with as many Counts.');
  }
  if (values.length === 0 || values.length > VALUES_MAX || times.some((count) => count <= 0)) {
    return invalidValue(`Values must be 1 to ${VALUES_MAX}, and Counts above 0.`);
  }
  return values.map((each, index) => ({ value: each, count: times[index] ?? 1 }));
}

/**
 * Values that have these statistics: the least, the greatest, and the mean of the rest. Percentiles
 * of such data are not meaningful, on AWS neither.
 */
function fromStatistics(statistics: Parameters): readonly Counted[] | AwsWireError {
  const { SampleCount: count, Sum: sum, Minimum: min, Maximum: max } = statistics;
  if (!isNumber(count) || !isNumber(sum) || !isNumber(min) || !isNumber(max) || count <= 0) {
    return invalidValue('StatisticValues needs SampleCount above 0, Sum, Minimum and Maximum.');
  }
  if (count <= 2 || min === max) return [{ value: sum / count, count }];
  const rest = count - 2;
  return [
    { value: min, count: 1 },
    { value: max, count: 1 },
    { value: (sum - min - max) / rest, count: rest },
  ];
}

/**
 * Times in and out are the world's, periods are CloudWatch's: with a speed of 12, datapoints of one
 * minute stand five seconds apart.
 */
export function getMetricStatistics(cloudwatch: RegionCloudWatch, parameters: Parameters): Outcome {
  const { Namespace: namespace, MetricName: metricName, Period: periodSeconds } = parameters;
  if (typeof namespace !== 'string') return missing('Namespace');
  if (typeof metricName !== 'string') return missing('MetricName');
  const from = timeOf(parameters['StartTime']);
  const to = timeOf(parameters['EndTime']);
  if (from === null || to === null || from >= to) {
    return invalidValue('StartTime must be a time before EndTime.');
  }
  if (!isPeriod(periodSeconds)) return WRONG_PERIOD;
  const dimensions = dimensionsOf(parameters['Dimensions']);
  const plain = textList(parameters['Statistics'] ?? []);
  const extended = textList(parameters['ExtendedStatistics'] ?? []);
  if (dimensions === null) return invalidValue('Dimensions must be a list of Name and Value.');
  const statistics = [...(plain ?? []), ...(extended ?? [])];
  const unknown = statistics.find((statistic) => parseStatistic(statistic) === null);
  if (statistics.length === 0) return missing('Statistics or ExtendedStatistics');
  if (unknown !== undefined) return invalidValue(`The twin has no statistic ${unknown}.`);

  const key: MetricKey = { namespace, metricName, dimensions };
  const { time } = cloudwatch;
  const store = cloudwatch.metrics();
  const points = new Map<number, Record<string, unknown>>();
  for (const statistic of statistics) {
    const [start, end] = [time.fromWorld(from), time.fromWorld(to)];
    for (const [at, value] of store.statistics(key, statistic, periodSeconds, start, end)) {
      const point = points.get(at) ?? { Timestamp: time.toWorld(at) / 1000, Unit: 'None' };
      points.set(at, point);
      if (plain?.includes(statistic) === true) point[statistic] = value;
      else
        point['ExtendedStatistics'] = {
          ...(point['ExtendedStatistics'] as object | undefined),
          [statistic]: value,
        };
    }
  }
  if (points.size > DATAPOINTS_MAX) {
    return invalidValue(
      `That is ${points.size} datapoints, above ${DATAPOINTS_MAX}: ask for less time.`,
    );
  }
  return { Label: metricName, Datapoints: [...points.values()] };
}

/** Every metric that had data since the start, as far as it is remembered. */
export function listMetrics(cloudwatch: RegionCloudWatch, parameters: Parameters): Outcome {
  const { Namespace: namespace, MetricName: metricName, Dimensions: dimensions } = parameters;
  const filters = objectList(dimensions ?? []);
  if (filters === null) return invalidValue('Dimensions must be a list of Name and Value.');
  const metrics = cloudwatch
    .metrics()
    .list()
    .filter(
      (key) =>
        (namespace === undefined || key.namespace === namespace) &&
        (metricName === undefined || key.metricName === metricName) &&
        filters.every(({ Name: name, Value: value }) => {
          const found = key.dimensions[String(name)];
          return found !== undefined && (value === undefined || found === value);
        }),
    )
    .map(({ dimensions: found, ...rest }) => ({
      Namespace: rest.namespace,
      MetricName: rest.metricName,
      Dimensions: dimensionList(found),
    }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const page = pageOf(metrics, (metric) => JSON.stringify(metric), {
    countMax: LIST_MAX,
    token: parameters['NextToken'],
  });
  if (isWireError(page)) return page;
  return {
    Metrics: page.page,
    ...(page.NextToken === undefined ? {} : { NextToken: page.NextToken }),
  };
}

const WRONG_PERIOD = invalidValue(
  'Period must be 1, 5, 10, 20 or 30 seconds, or a multiple of 60 seconds.',
);

/** Source: CloudWatch API reference, GetMetricStatistics. */
export function isPeriod(value: unknown): value is number {
  if (!isNumber(value) || value <= 0) return false;
  return [1, 5, 10, 20, 30].includes(value) || value % 60 === 0;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isNumberList(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isNumber);
}
