/** Messages between a function's execution environment (a worker thread) and its Region. */

/** What the worker needs to know of its function; passed once, as `workerData`. */
export interface EnvironmentSettings {
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  /** Absolute path of the module that exports the handler. */
  readonly handlerFile: string;
  readonly handlerExport: string;
  readonly logFile: string;
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
  | { readonly type: 'answer'; readonly id: string; readonly payload: string }
  | {
      readonly type: 'error';
      readonly id: string;
      readonly errorType: string;
      readonly errorMessage: string;
    };
