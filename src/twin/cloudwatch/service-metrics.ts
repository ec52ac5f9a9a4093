/** What API Gateway and Lambda report of each request and invocation of a Region. */

import type { MetricAggregator, MetricSeries } from './metric-batch.ts';

/** One request that a REST API answered. */
export interface ApiObservation {
  readonly httpMethod: string;
  /** Resource path, `/payments/{transaction_id}`; null where the request matched none. */
  readonly resource: string | null;
  readonly status: number;
  /** From the request's arrival to its answer, milliseconds. */
  readonly latencyMs: number;
  /** In the integration; null where it was not reached. */
  readonly integrationLatencyMs: number | null;
  /** When it was answered. */
  readonly atEpochMs: number;
}

/** One invocation of a function. */
export interface InvocationObservation {
  readonly functionName: string;
  readonly failed: boolean;
  readonly durationMs: number;
  /** When it began: Lambda dates its metrics so. Source: Lambda developer guide, "Using CloudWatch metrics". */
  readonly startedAtEpochMs: number;
}

const API_METRICS = ['Count', '4XXError', '5XXError', 'Latency', 'IntegrationLatency'] as const;
const FUNCTION_METRICS = ['Invocations', 'Errors', 'Throttles', 'Duration'] as const;

/**
 * Counts requests under `ApiName`, under it with the stage, and, where the request matched one, under
 * the method too. Each is reported as an error of 0 or 1, so that averages are rates.
 * Source: API Gateway developer guide, "Amazon API Gateway dimensions and metrics".
 */
export function createApiMetrics(
  api: { readonly name: string; readonly stageName: string },
  aggregator: MetricAggregator,
): (observation: ApiObservation) => void {
  const byMethod = new Map<string, Record<(typeof API_METRICS)[number], MetricSeries>>();

  function seriesOf(httpMethod: string, resource: string | null) {
    const key = resource === null ? '' : `${httpMethod} ${resource}`;
    const known = byMethod.get(key);
    if (known !== undefined) return known;
    const stage = { ApiName: api.name, Stage: api.stageName };
    const dimensionSets = [
      { ApiName: api.name },
      stage,
      ...(resource === null ? [] : [{ ...stage, Resource: resource, Method: httpMethod }]),
    ];
    const created = seriesByName('AWS/ApiGateway', API_METRICS, dimensionSets);
    byMethod.set(key, created);
    return created;
  }

  return ({ httpMethod, resource, status, latencyMs, integrationLatencyMs, atEpochMs }) => {
    const series = seriesOf(httpMethod, resource);
    aggregator.observe(series.Count, 1, atEpochMs);
    aggregator.observe(series['4XXError'], status >= 400 && status < 500 ? 1 : 0, atEpochMs);
    aggregator.observe(series['5XXError'], status >= 500 ? 1 : 0, atEpochMs);
    // Whole milliseconds, as API Gateway has them.
    aggregator.observe(series.Latency, Math.round(latencyMs), atEpochMs);
    if (integrationLatencyMs === null) return;
    aggregator.observe(series.IntegrationLatency, Math.round(integrationLatencyMs), atEpochMs);
  };
}

/** An invocation that Lambda refused because the function's concurrency was in use. */
export interface ThrottleObservation {
  readonly functionName: string;
  readonly atEpochMs: number;
}

export interface FunctionMetrics {
  invoked(observation: InvocationObservation): void;
  /** Counted as nothing else. Source: Lambda developer guide, "Using CloudWatch metrics", `Throttles`. */
  throttled(observation: ThrottleObservation): void;
}

/** Counts invocations, and those that were throttled, by function. */
export function createFunctionMetrics(aggregator: MetricAggregator): FunctionMetrics {
  const byFunction = new Map<string, Record<(typeof FUNCTION_METRICS)[number], MetricSeries>>();

  function seriesOf(functionName: string) {
    const known = byFunction.get(functionName);
    if (known !== undefined) return known;
    const dimensionSets = [{ FunctionName: functionName }];
    const created = seriesByName('AWS/Lambda', FUNCTION_METRICS, dimensionSets);
    byFunction.set(functionName, created);
    return created;
  }

  return {
    invoked({ functionName, failed, durationMs, startedAtEpochMs }) {
      const series = seriesOf(functionName);
      aggregator.observe(series.Invocations, 1, startedAtEpochMs);
      aggregator.observe(series.Errors, failed ? 1 : 0, startedAtEpochMs);
      aggregator.observe(series.Throttles, 0, startedAtEpochMs);
      aggregator.observe(series.Duration, Math.round(durationMs * 10) / 10, startedAtEpochMs);
    },
    throttled({ functionName, atEpochMs }) {
      aggregator.observe(seriesOf(functionName).Throttles, 1, atEpochMs);
    },
  };
}

function seriesByName<Name extends string>(
  namespace: string,
  names: readonly Name[],
  dimensionSets: MetricSeries['dimensionSets'],
): Record<Name, MetricSeries> {
  const entries = names.map((metricName) => [
    metricName,
    { namespace, metricName, dimensionSets, highResolution: false },
  ]);
  return Object.fromEntries(entries) as Record<Name, MetricSeries>;
}
