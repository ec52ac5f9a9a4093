/**
 * Metrics and logs as lines on standard output: no AWS call, so telemetry can't fail or slow a payment.
 *
 * Metrics are CloudWatch embedded metric format. Source: Amazon CloudWatch user guide, "Specification:
 * Embedded metric format". They carry no dimension, as the contract has them; Powertools always adds
 * one (`service`), which would make them other metrics than the alarms and dashboards read.
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

export interface Telemetry {
  /** Emits one metric. `properties` can be searched in Logs Insights; they make no dimension. */
  metric(name: MetricName, value: number, properties?: Readonly<Record<string, string>>): void;
  log(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields?: LogFields): void;
}

/** Creates telemetry for one function. `write` takes one line with its line feed and returns at once. */
export function createTelemetry(options: {
  readonly service: string;
  readonly region: string;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}): Telemetry {
  const { service, region, clock, write } = options;
  return {
    metric: (name, value, properties = {}) => {
      const line = {
        _aws: {
          Timestamp: clock.nowEpochMs(),
          CloudWatchMetrics: [
            {
              Namespace: METRIC_NAMESPACE,
              Dimensions: [[]],
              Metrics: [{ Name: name, Unit: METRICS[name].unit }],
            },
          ],
        },
        ...properties,
        service,
        [name]: value,
      };
      write(`${JSON.stringify(line)}\n`);
    },
    log: (level, message, fields = {}) => {
      const timestamp = new Date(clock.nowEpochMs()).toISOString();
      write(`${JSON.stringify({ level, message, ...fields, timestamp, service, region })}\n`);
    },
  };
}
