/**
 * Metrics and logs as lines on standard output: no AWS call, so telemetry can't fail or slow a payment.
 *
 * Metrics are CloudWatch embedded metric format. Source: Amazon CloudWatch user guide, "Specification:
 * Embedded metric format". They carry no dimension but those that the caller gives, as the contract has
 * them; Powertools always adds one (`service`), which would make them other metrics than the alarms and
 * dashboards read.
 */

import { METRIC_NAMESPACE, METRICS, type MetricName } from '#contract/metrics.ts';
import type { Clock } from '#core/ports.ts';

/** What a log line may say besides its message: never an amount, a name or a caller's id. */
export interface LogFields {
  readonly request_id?: string;
  readonly route?: string;
  readonly status?: number;
  readonly code?: string;
  readonly duration_ms?: number;
  /** First 16 hex characters of the SHA-256 of the transaction_id: joins lines, tells nothing. */
  readonly transaction_ref?: string;
  readonly replayed?: boolean;
  /** Counts of a sweep, and whether it came to the end of what was due. */
  readonly finished?: number;
  readonly failed?: number;
  readonly parked?: number;
  readonly passed?: number;
  readonly complete?: boolean;
  /** Kind of the error and the step it came from; see `describe` in aws-attempts.ts. */
  readonly reason?: string;
}

export interface MetricDetails {
  /** Can be searched in Logs Insights; they make no dimension. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Each set of values makes a metric of its own: few values, and none that a caller can choose. */
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** Nothing here throws, whatever becomes of the line. */
export interface Telemetry {
  metric(name: MetricName, value: number, details?: MetricDetails): void;
  /** Emits several metrics in one line, of one moment and without dimensions. */
  metrics(values: Readonly<Partial<Record<MetricName, number>>>): void;
  log(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields?: LogFields): void;
}

/** Creates telemetry for one function. `write` takes one line with its line feed and returns at once. */
export function createTelemetry(options: {
  readonly service: string;
  readonly region: string;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}): Telemetry {
  const { service, region, clock } = options;
  const write = (line: object): void => {
    try {
      options.write(`${JSON.stringify(line)}\n`);
    } catch {
      // A line that can't be written is lost; the payment that it tells of must not be.
    }
  };
  const emit = (values: MetricValues, { properties, dimensions }: MetricDetails = {}): void =>
    write({
      _aws: {
        Timestamp: clock.nowEpochMs(),
        CloudWatchMetrics: [
          {
            Namespace: METRIC_NAMESPACE,
            Dimensions: [Object.keys(dimensions ?? {})],
            Metrics: (Object.keys(values) as MetricName[]).map(definitionOf),
          },
        ],
      },
      ...properties,
      ...dimensions,
      service,
      ...values,
    });
  return {
    metric: (name, value, details) => emit({ [name]: value }, details),
    metrics: (values) => emit(values),
    log: (level, message, fields = {}) => {
      const timestamp = new Date(clock.nowEpochMs()).toISOString();
      write({ level, message, ...fields, timestamp, service, region });
    },
  };
}

type MetricValues = Parameters<Telemetry['metrics']>[0];

/** Stored by the minute unless the definition says otherwise: 1 is one second, the only other choice. */
function definitionOf(name: MetricName) {
  const metric: { readonly unit: string; readonly highResolution?: true } = METRICS[name];
  return {
    Name: name,
    Unit: metric.unit,
    ...(metric.highResolution === true ? { StorageResolution: 1 } : {}),
  };
}
