/** One execution environment of a function: a worker thread that serves many invocations at once. */

import { Worker } from 'node:worker_threads';

import type { MetricBatch } from '#twin/cloudwatch/metric-batch.ts';
import { appendLine } from '#twin/region/rotating-log.ts';
import type {
  EnvironmentMessage,
  EnvironmentSettings,
  InvokeMessage,
} from './environment-messages.ts';
import type { InvocationOutcome } from './invocation.ts';

export interface ExecutionEnvironment {
  /** Resolves when the handler is loaded; rejects with an Error whose message says why not. */
  readonly ready: Promise<void>;
  /** Runs one invocation. `event` is JSON text, `requestId` unique. Never rejects. */
  invoke(event: string, requestId: string): Promise<InvocationOutcome>;
  /** Ends it. Invocations in flight answer `crashed`. Resolves when its code can run no more. */
  terminate(): Promise<void>;
}

export interface ExecutionEnvironmentOptions {
  readonly settings: EnvironmentSettings;
  /** The whole of the worker's `process.env`. */
  readonly variables: Readonly<Record<string, string>>;
  /** The function's timeout. */
  readonly timeoutMs: number;
  /** Told of the metrics in the function's log. @default nobody is */
  readonly onMetrics?: (batch: MetricBatch) => void;
  /** Told once, after the environment's code has stopped. */
  readonly onEnd: () => void;
}

/**
 * Space for new objects in one environment. V8's default grows to 48 MB in each thread, which is most of
 * the twin's memory; requests are small, and a smaller space is only collected more often.
 */
const YOUNG_GENERATION_MB = 12;
/**
 * Longest time for importing the bundle. AWS allows 10 s; here several functions load at once on
 * whatever machine this is.
 */
const INIT_TIMEOUT_MS = 30_000;

interface Pending {
  readonly resolve: (outcome: InvocationOutcome) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Starts an environment.
 *
 * When an invocation passes the function's timeout the whole environment is terminated, as on AWS,
 * and the caller is answered only after that: by then nothing of it can write any more. The other
 * invocations in it, of which AWS would have none, answer `crashed`.
 */
export function startExecutionEnvironment(
  options: ExecutionEnvironmentOptions,
): ExecutionEnvironment {
  const { settings, timeoutMs } = options;
  const pending = new Map<string, Pending>();
  let endReason: string | null = null;
  let timedOutId: string | null = null;

  const worker = new Worker(new URL('./environment-worker.ts', import.meta.url), {
    name: settings.functionName,
    env: options.variables,
    workerData: settings,
    execArgv: [],
    // Otherwise what Node itself prints of the worker would reach the terminal.
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: settings.memoryMb,
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
    },
  });
  worker.stdout.resume();
  worker.stderr.resume();

  const { promise: ready, resolve: markReady, reject: markFailed } = Promise.withResolvers<void>();
  // Whoever awaits `ready` learns of a failure; one that comes after it is nobody's.
  ready.catch(() => undefined);
  const initTimer = setTimeout(() => {
    end(`it did not finish loading within ${INIT_TIMEOUT_MS / 1000} s`);
  }, INIT_TIMEOUT_MS);

  worker.on('message', (message: EnvironmentMessage) => {
    switch (message.type) {
      case 'ready':
        clearTimeout(initTimer);
        markReady();
        return;
      case 'init-failed':
        end(message.reason);
        return;
      case 'metrics':
        options.onMetrics?.(message.batch);
        return;
      case 'answer':
        settle(message.id, { kind: 'answered', payload: message.payload });
        return;
      case 'error':
        settle(message.id, {
          kind: 'function-error',
          errorType: message.errorType,
          errorMessage: message.errorMessage,
        });
    }
  });
  worker.on('error', (error) => {
    endReason ??= error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  });
  worker.on('exit', (code) => {
    clearTimeout(initTimer);
    endReason ??= `its code ended the process with exit code ${code}`;
    markFailed(new Error(endReason));
    logEnd(endReason);
    failPending(endReason);
    options.onEnd();
  });

  function end(reason: string): void {
    endReason ??= reason;
    void worker.terminate();
  }

  function settle(id: string, outcome: InvocationOutcome): void {
    const invocation = pending.get(id);
    if (invocation === undefined) return;
    pending.delete(id);
    clearTimeout(invocation.timer);
    invocation.resolve(outcome);
  }

  function failPending(reason: string): void {
    for (const id of pending.keys()) {
      settle(
        id,
        id === timedOutId ? { kind: 'timed-out', timeoutMs } : { kind: 'crashed', reason },
      );
    }
  }

  function expire(id: string): void {
    timedOutId ??= id;
    end(`Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`);
  }

  function logEnd(reason: string): void {
    if (reason === TERMINATED) return;
    appendLine(settings.logFile, {
      time: new Date().toISOString(),
      type: 'platform.runtimeDone',
      record: {
        status: timedOutId === null ? 'failure' : 'timeout',
        requestId: timedOutId,
        inFlight: pending.size,
      },
      message: reason,
    });
  }

  return {
    ready,
    invoke(event, requestId) {
      if (endReason !== null) return Promise.resolve({ kind: 'crashed', reason: endReason });
      return new Promise((resolve) => {
        const timer = setTimeout(expire, timeoutMs, requestId);
        pending.set(requestId, { resolve, timer });
        const message: InvokeMessage = {
          id: requestId,
          event,
          deadlineEpochMs: Date.now() + timeoutMs,
        };
        worker.postMessage(message);
      });
    },
    async terminate() {
      endReason ??= TERMINATED;
      await worker.terminate();
    },
  };
}

const TERMINATED = 'the Region stopped';
