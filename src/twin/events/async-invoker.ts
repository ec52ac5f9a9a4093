/** Lambda's asynchronous invocations: the caller does not wait, and a failure is tried again. */

import type { InvocationOutcome } from '../region/lambda/invocation.ts';
import type { EventClock } from './event-clock.ts';
import { failureOf } from './failure-of.ts';

export interface AsyncInvocation {
  readonly region: string;
  readonly functionArn: string;
  /** JSON text. */
  readonly event: string;
  /** The same in every attempt. */
  readonly requestId: string;
}

export interface AsyncInvoker {
  /** Takes the event and returns at once. */
  submit(invocation: AsyncInvocation): void;
  /** Forgets the retries that are due. */
  stop(): void;
}

export interface AsyncInvokerOptions {
  /** One attempt. Never rejects. */
  readonly invoke: (invocation: AsyncInvocation) => Promise<InvocationOutcome>;
  /** Whether the Region could run a function now. */
  readonly isServing: (region: string) => boolean;
  readonly clock: EventClock;
  /** How many times as fast as on AWS retries follow, as schedules do. */
  readonly speed: number;
  /** Told of an event that no attempt has dealt with. */
  readonly report: (message: string) => void;
}

/**
 * Between the attempts.
 * Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
const RETRY_DELAYS_MS = [60_000, 120_000] as const;

/** Events are kept in memory: those of a Region that goes down are lost with it, and reported. */
export function createAsyncInvoker(options: AsyncInvokerOptions): AsyncInvoker {
  const { clock, report, speed } = options;
  const cancels = new Set<() => void>();
  let isStopped = false;

  async function attempt(invocation: AsyncInvocation, retries: number): Promise<void> {
    const { region, functionArn } = invocation;
    const drop = (why: string): void =>
      report(`${region} ${nameOf(functionArn)}: an asynchronous event is dropped, ${why}`);
    if (!options.isServing(region)) return drop('the Region is down');
    const failure = failureOf(await options.invoke(invocation));
    if (failure === null || isStopped) return;
    const delayMs = RETRY_DELAYS_MS[retries];
    if (delayMs === undefined) return drop(`all ${retries + 1} attempts failed: ${failure}`);
    if (!options.isServing(region)) return drop('the Region is down');
    const cancel = clock.schedule(() => {
      cancels.delete(cancel);
      void attempt(invocation, retries + 1);
    }, delayMs / speed);
    cancels.add(cancel);
  }

  return {
    submit: (invocation) => void attempt(invocation, 0),
    stop() {
      isStopped = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
}

function nameOf(functionArn: string): string {
  return functionArn.slice(functionArn.lastIndexOf(':') + 1);
}
