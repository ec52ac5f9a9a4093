/** Messages between a function's execution environment (a worker thread) and its Region. */

import type { MetricBatch } from '#twin/cloudwatch/metric-batch.ts';
import type { EgressSettings } from '#twin/egress/known-host-fetch.ts';

/** What the worker needs to know of its function; passed once, as `workerData`. */
export interface EnvironmentSettings {
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  /** Absolute path of the module that exports the handler. */
  readonly handlerFile: string;
  readonly handlerExport: string;
  readonly logFile: string;
  readonly egress: EgressSettings;
}

/** Start one invocation. `event` is JSON text. */
export interface InvokeMessage {
  readonly id: string;
  readonly event: string;
  /** When the function's timeout ends it, epoch milliseconds. */
  readonly deadlineEpochMs: number;
}

export type EnvironmentMessage =
  | { readonly type: 'ready' }
  /** The module can't be imported or exports no handler. */
  | { readonly type: 'init-failed'; readonly reason: string }
  /** Metrics that the function wrote to its log. */
  | { readonly type: 'metrics'; readonly batch: MetricBatch }
  | { readonly type: 'answer'; readonly id: string; readonly payload: string }
  | {
      readonly type: 'error';
      readonly id: string;
      readonly errorType: string;
      readonly errorMessage: string;
    };
