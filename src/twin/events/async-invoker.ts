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
  /** How often an event of a function is tried again, 0 to RETRIES_MAX. */
  readonly retriesMaxOf: (functionArn: string) => number;
  /** Takes the events with which every attempt failed. */
  readonly onExhausted: (failed: FailedInvocation) => void;
  /** Told of an event that no attempt has dealt with. */
  readonly report: (message: string) => void;
}

/** An asynchronous invocation that is given up. */
export interface FailedInvocation extends AsyncInvocation {
  readonly attempts: number;
  /** Of the last attempt. */
  readonly outcome: Exclude<InvocationOutcome, { kind: 'answered' }>;
}

/**
 * Between the attempts.
 * Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
 */
const RETRY_DELAYS_MS = [60_000, 120_000] as const;

/** Source: as above. */
export const RETRIES_MAX = RETRY_DELAYS_MS.length;

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
    const outcome = await options.invoke(invocation);
    if (outcome.kind === 'answered' || isStopped) return;
    const delayMs =
      retries < options.retriesMaxOf(functionArn) ? RETRY_DELAYS_MS[retries] : undefined;
    if (delayMs === undefined) {
      const attempts = retries + 1;
      report(
        `${region} ${nameOf(functionArn)}: an asynchronous event is given up, ` +
          `all ${attempts} attempts failed: ${failureOf(outcome)}`,
      );
      // With its process the Region's Lambda is gone too: nobody is left to give the event away.
      if (options.isServing(region)) options.onExhausted({ ...invocation, attempts, outcome });
      return;
    }
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
