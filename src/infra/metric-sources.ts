/** How this project's CloudWatch metrics are named and added up, for one Region. */

import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE, type MetricName } from '#contract/metrics.ts';
import { API_STAGE, type FunctionJob, resourceNames } from '#contract/names.ts';
import { ROUTES, type RouteId } from '#contract/routes.ts';

/** AWS's services report by the minute: a shorter period would find nothing sooner. */
const MINUTE = Duration.minutes(1);

/**
 * The shortest period that an alarm can have; only for metrics that are stored by the second. Source:
 * Amazon CloudWatch API reference, PutMetricAlarm, `Period`.
 */
export const TEN_SECONDS = Duration.seconds(10);

export type MetricSources = ReturnType<typeof metricSources>;

/**
 * Metrics of the environment `environmentSuffix` in `region`: sums over a minute where nothing else is
 * said. By name and not from constructs, because the dashboard shows a Region that another stack makes.
 */
export function metricSources(environmentSuffix: string, region: string) {
  const names = resourceNames(environmentSuffix);
  const metric = (namespace: string, metricName: string, dimensionsMap: Record<string, string>) =>
    new Metric({ namespace, metricName, dimensionsMap, statistic: 'Sum', region, period: MINUTE });

  return {
    region,
    names,
    ofApi: (name: string) =>
      metric('AWS/ApiGateway', name, { ApiName: names.api, Stage: API_STAGE }),
    ofRoute: (id: RouteId, name: string) => {
      const { method, path } = routeOf(id);
      // Reported only with the stage's detailed metrics, which payment-api.ts switches on. Source: Amazon
      // API Gateway developer guide, "Amazon API Gateway dimensions and metrics".
      const dimensions = { Method: method, Resource: path, Stage: API_STAGE };
      return metric('AWS/ApiGateway', name, { ApiName: names.api, ...dimensions });
    },
    ofTable: (name: string, more: Record<string, string> = {}) =>
      metric('AWS/DynamoDB', name, { TableName: names.paymentsTable, ...more }),
    ofQueue: (QueueName: string, name: string) =>
      metric('AWS/SQS', name, { QueueName }).with({ statistic: 'Maximum' }),
    ofFunction: (job: FunctionJob, name: string) =>
      metric('AWS/Lambda', name, { FunctionName: names.functionName(job) }),
    /** Our own metrics carry no dimension: they are told apart by Region alone. */
    ofPayments: (name: MetricName) => metric(METRIC_NAMESPACE, name, {}),
    labelled: (unlabelled: Metric, subject: string) =>
      unlabelled.with({ label: `${region} ${subject} ${unlabelled.metricName}` }),

    /** An expression in which each term is named by its key. `label`: without the Region. */
    calculated: (
      label: string,
      terms: Readonly<Record<string, Metric>>,
      expression: string,
      period = MINUTE,
    ): MathExpression => {
      const ofPeriod = Object.entries(terms).map(([id, it]) => [id, it.with({ period })] as const);
      return new MathExpression({
        expression,
        usingMetrics: Object.fromEntries(ofPeriod),
        label: `${region} ${label}`,
        period,
      });
    },
  };
}

/**
 * Sums metrics that report only when there is something: arithmetic counts one that is silent as 0.
 * No FILL: with data that comes late it replaces the newest datapoint, and an alarm can then stick.
 * Source: Amazon CloudWatch user guide, "Using metric math".
 *
 * `name`: lower case; with the Region it keeps the ids of the terms apart in one graph. `ticking`, which
 * reports each minute, gives a 0 to the minutes in which all parts are silent.
 */
export function totalOf(
  sources: MetricSources,
  name: string,
  parts: readonly Metric[],
  ticking?: Metric,
): MathExpression {
  const prefix = `${name}_${sources.region.replaceAll('-', '_')}`;
  const terms = Object.fromEntries(parts.map((part, index) => [`${prefix}_${index + 1}`, part]));
  const sum = Object.keys(terms).join(' + ');
  return ticking === undefined
    ? sources.calculated(name, terms, sum)
    : sources.calculated(name, { ...terms, ticking }, `${sum} + 0 * ticking`);
}

function routeOf(id: RouteId) {
  const route = ROUTES.find((it) => it.id === id);
  if (route === undefined) throw new Error(`no route "${id}": use an id of src/contract/routes.ts`);
  return route;
}
