/** Keeps one execution environment of a function running, and invokes the function in it. */

import type { ExecutionEnvironment } from './execution-environment.ts';
import { EVENT_LIMIT_BYTES, type InvocationOutcome } from './invocation.ts';

export interface FunctionRuntime {
  /**
   * Starts the first environment ahead of invocations. Rejects with an Error whose message says why
   * it can't. Left out, the first invocation starts it.
   */
  start(): Promise<void>;
  /**
   * Invokes the function with `event`, JSON text; waits for an environment that is starting.
   * Never rejects.
   */
  invoke(event: string, requestId: string): Promise<InvocationOutcome>;
  stop(): Promise<void>;
}

export interface FunctionRuntimeOptions {
  /** Starts an environment; `onEnd` is to be called once, later, when its code has stopped. */
  readonly startEnvironment: (onEnd: () => void) => ExecutionEnvironment;
  /** Calls back after `delayMs`; returns the way to cancel. */
  readonly schedule: (callback: () => void, delayMs: number) => () => void;
  /** An environment without invocations for so long is ended; absent: it is kept. */
  readonly idleMs?: number;
  /** Most invocations at a time, those included that wait for an environment. @default any number */
  readonly reservedConcurrency?: number;
}

interface Running {
  readonly environment: ExecutionEnvironment;
  served: boolean;
  ended: boolean;
}

/**
 * An environment that ends is replaced at once, so that the next invocation finds a warm one. Those
 * that can't load, or end before they served anything, are replaced after a growing pause; until
 * then the function answers `crashed`. One that was idle for long is ended, as Lambda reclaims them (how
 * soon is unpublished), and the next invocation starts another: a cold start.
 */
export function createFunctionRuntime(options: FunctionRuntimeOptions): FunctionRuntime {
  let current: Running | null = null;
  /** The newest environment, which may still be loading. */
  let newest: Running | null = null;
  let starting: Promise<void> | null = null;
  let cancelRestart: (() => void) | null = null;
  let failuresInARow = 0;
  let lastFailure = 'the function is not running';
  let stopped = false;
  let inFlight = 0;
  /** Those in flight and those that wait for an environment: on AWS each would have one. */
  let taken = 0;
  let cancelIdle: (() => void) | null = null;
  /** Nothing runs and nothing is on its way: the next invocation starts an environment. */
  let isCold = true;

  async function startNext(): Promise<void> {
    const running: Running = {
      environment: options.startEnvironment(() => ended(running)),
      served: false,
      ended: false,
    };
    newest = running;
    await running.environment.ready;
    if (running.ended) throw new Error(ENDED_UNUSED);
    current = running;
    watchIdle();
  }

  function watchIdle(): void {
    cancelIdle?.();
    cancelIdle = null;
    if (options.idleMs === undefined || inFlight > 0 || current === null) return;
    const idle = current;
    cancelIdle = options.schedule(() => {
      cancelIdle = null;
      if (current !== idle || inFlight > 0 || stopped) return;
      current = null;
      isCold = true;
      void idle.environment.terminate();
    }, options.idleMs);
  }

  /** The outcome of one invocation; until it is there, the environment is not idle. */
  async function invokeIn({ environment }: Running, event: string, requestId: string) {
    inFlight += 1;
    cancelIdle?.();
    cancelIdle = null;
    const outcome = await environment.invoke(event, requestId);
    inFlight -= 1;
    watchIdle();
    return outcome;
  }

  async function invokeNow(event: string, requestId: string): Promise<InvocationOutcome> {
    if (isCold && !stopped) {
      isCold = false;
      replace();
    }
    if (current === null && starting !== null) await starting;
    if (current === null) return { kind: 'crashed', reason: lastFailure };
    current.served = true;
    return invokeIn(current, event, requestId);
  }

  function ended(running: Running): void {
    running.ended = true;
    if (current !== running) return;
    current = null;
    if (stopped) return;
    if (running.served) {
      failuresInARow = 0;
      replace();
    } else {
      replaceLater(ENDED_UNUSED);
    }
  }

  function replace(): void {
    starting = startNext()
      .catch((error: unknown) => replaceLater((error as Error).message))
      .finally(() => {
        starting = null;
      });
  }

  function replaceLater(reason: string): void {
    failuresInARow += 1;
    lastFailure = reason;
    if (stopped) return;
    cancelRestart = options.schedule(() => {
      cancelRestart = null;
      replace();
    }, restartDelayMs(failuresInARow));
  }

  return {
    start() {
      isCold = false;
      return startNext();
    },
    async invoke(event, requestId) {
      const sizeBytes = Buffer.byteLength(event);
      if (sizeBytes > EVENT_LIMIT_BYTES) return { kind: 'request-too-large', sizeBytes };
      const { reservedConcurrency } = options;
      if (reservedConcurrency !== undefined && taken >= reservedConcurrency) {
        return { kind: 'throttled', reservedConcurrency };
      }
      taken += 1;
      try {
        return await invokeNow(event, requestId);
      } finally {
        taken -= 1;
      }
    },
    async stop() {
      stopped = true;
      cancelRestart?.();
      cancelIdle?.();
      await newest?.environment.terminate();
    },
  };
}

const ENDED_UNUSED = 'its environment ended before it served an invocation';

/** Pause before the next try after `failures` (1 or more) in a row: 0.1 s, doubling, up to 10 s. */
export function restartDelayMs(failures: number): number {
  return Math.min(10_000, 100 * 2 ** Math.min(failures - 1, 10));
}
