/** What an alarm watches: one metric, or metrics and metric math over them. */

import { parseStatistic } from '#twin/cloudwatch/metric-bucket.ts';
import { compileMetricQueries } from '#twin/cloudwatch/metric-math.ts';
import { MetricMathError } from '#twin/cloudwatch/metric-math-error.ts';
import type { MetricQueryModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import type { Resource } from '../stack.ts';

type MetricSource = Extract<MetricQueryModel['source'], { kind: 'metric' }>;

/** The members of an alarm on one metric, which one with `Metrics` must not have. */
const OF_ONE_METRIC = [
  'Dimensions',
  'ExtendedStatistic',
  'MetricName',
  'Namespace',
  'Period',
  'Statistic',
];
/** Metrics of one alarm. Source: Amazon CloudWatch user guide, "Alarms on math expressions". */
const METRICS_MAX = 10;
const SHORT_PERIODS_SECONDS = [10, 20, 30];
const DEFAULT_PERIOD_SECONDS = 300;

/**
 * The queries of an alarm, checked. Pure but for what it names in `notRun`.
 * Throws `AssemblyError`, with the alarm, for what PutMetricAlarm refuses, for statistics and
 * functions that the twin does not have, and for expressions that could not be evaluated.
 */
export function metricQueriesOf(resource: Resource, notRun: NotRun): MetricQueryModel[] {
  const { properties } = resource;
  if (!properties.has('Metrics')) {
    const source = metricSource(properties, properties, 'Statistic', properties.string('Period'));
    return [{ id: 'm1', returnData: true, source }];
  }
  const stray = OF_ONE_METRIC.find((name) => properties.has(name));
  if (stray !== undefined) {
    throw new AssemblyError(
      `${properties.where}: an alarm with Metrics must not have ${stray}: it goes into MetricStat.`,
    );
  }
  const entries = properties.objects('Metrics');
  const periodSeconds = commonPeriod(properties.where, entries);
  const ids = new Set<string>();
  const queries = entries.map((entry) => {
    const id = entry.string('Id');
    if (!/^[a-z]\w*$/.test(id)) {
      throw new AssemblyError(
        `${entry.where}: Id must begin with a lower-case letter and go on with letters, digits or _, not ${id}.`,
      );
    }
    if (ids.has(id)) throw new AssemblyError(`${entry.where}: there is a query ${id} already.`);
    ids.add(id);
    return queryOf(entry, periodSeconds, resource, notRun);
  });
  if (queries.filter(({ source }) => source.kind === 'metric').length > METRICS_MAX) {
    throw new AssemblyError(`${properties.where}: an alarm reads up to ${METRICS_MAX} metrics.`);
  }
  requireEvaluable(queries, properties.where);
  return queries;
}

function queryOf(
  entry: Fields,
  periodSeconds: number,
  { type, logicalId }: Resource,
  notRun: NotRun,
): MetricQueryModel {
  const known = ['Expression', 'Id', 'Label', 'MetricStat', 'Period', 'ReturnData'];
  notRun.addUnknown(`${type}.Metrics`, logicalId, entry, known);
  const expression = entry.optionalString('Expression');
  if ((expression === null) !== entry.has('MetricStat')) {
    throw new AssemblyError(`${entry.where}: a query has a MetricStat or an Expression.`);
  }
  const base = { id: entry.string('Id'), returnData: entry.boolean('ReturnData', true) };
  if (expression !== null)
    return { ...base, source: { kind: 'expression', expression, periodSeconds } };
  const stat = entry.object('MetricStat');
  notRun.addUnknown(`${type}.Metrics.MetricStat`, logicalId, stat, ['Metric', 'Period', 'Stat']);
  return {
    ...base,
    source: metricSource(stat.object('Metric'), stat, 'Stat', String(periodSeconds)),
  };
}

/**
 * `stat`: where the statistic stands, under `statisticName`; an alarm on one metric may have it in
 * ExtendedStatistic instead.
 */
function metricSource(
  metric: Fields,
  stat: Fields,
  statisticName: 'Stat' | 'Statistic',
  period: string,
): MetricSource {
  const plain = stat.optionalString(statisticName);
  const extended = statisticName === 'Stat' ? null : stat.optionalString('ExtendedStatistic');
  if (plain !== null && extended !== null) {
    throw new AssemblyError(`${stat.where}: Statistic and ExtendedStatistic exclude each other.`);
  }
  const statistic = plain ?? extended ?? stat.string(statisticName);
  if (parseStatistic(statistic) === null) {
    throw new AssemblyError(
      `${stat.where}: the twin has no statistic ${statistic}. It has Sum, Average, Minimum, ` +
        'Maximum, SampleCount and percentiles (p99).',
    );
  }
  return {
    kind: 'metric',
    namespace: metric.string('Namespace'),
    metricName: metric.string('MetricName'),
    dimensions: dimensionsOf(metric),
    statistic,
    periodSeconds: requirePeriod(period, stat.where),
  };
}

function dimensionsOf(metric: Fields): Record<string, string> {
  return Object.fromEntries(
    metric.objects('Dimensions').map((each) => [each.string('Name'), each.string('Value')]),
  );
}

/** CloudWatch evaluates an alarm over one period, that of all its metrics. */
function commonPeriod(where: string, entries: readonly Fields[]): number {
  const stated = entries.flatMap((entry) => {
    const holder = entry.has('MetricStat') ? entry.object('MetricStat') : entry;
    if (entry.has('MetricStat')) return [requirePeriod(holder.string('Period'), holder.where)];
    const period = holder.optionalString('Period');
    return period === null ? [] : [requirePeriod(period, holder.where)];
  });
  const [first = DEFAULT_PERIOD_SECONDS, ...others] = [...new Set(stated)];
  if (others.length === 0) return first;
  throw new AssemblyError(
    `${where}: the queries of an alarm have one period; these have ${[first, ...others].join(', ')} s.`,
  );
}

function requirePeriod(text: string, where: string): number {
  const period = Number(text);
  const isWholeMinutes = Number.isInteger(period) && period >= 60 && period % 60 === 0;
  if (isWholeMinutes || SHORT_PERIODS_SECONDS.includes(period)) return period;
  throw new AssemblyError(
    `${where}: Period must be 10, 20, 30 or a multiple of 60 seconds, not ${text}.`,
  );
}

function requireEvaluable(queries: readonly MetricQueryModel[], where: string): void {
  try {
    compileMetricQueries(queries);
  } catch (error) {
    if (!(error instanceof MetricMathError)) throw error;
    throw new AssemblyError(`${where}: Metrics: ${error.message}`);
  }
}
