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
  /** Throttled ones are none: the function never saw them. */
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

/** An event that is throttled goes back: for 1 s, doubling, up to 5 minutes; 6 hours in all. Source: as above. */
const THROTTLE_DELAY_MS = { first: 1_000, max: 300_000 } as const;
const EVENT_AGE_MAX_MS = 21_600_000;

/** How an event has fared so far. */
interface Progress {
  readonly submittedAtEpochMs: number;
  /** Attempts that failed. */
  readonly failures: number;
  /** How often in a row it was throttled. */
  readonly throttles: number;
}

/** Events are kept in memory: those of a Region that goes down are lost with it, and reported. */
export function createAsyncInvoker(options: AsyncInvokerOptions): AsyncInvoker {
  const { clock, report, speed } = options;
  const cancels = new Set<() => void>();
  let isStopped = false;

  async function attempt(invocation: AsyncInvocation, progress: Progress): Promise<void> {
    const { region, functionArn } = invocation;
    const drop = (why: string): void =>
      report(`${region} ${nameOf(functionArn)}: an asynchronous event is dropped, ${why}`);
    if (!options.isServing(region)) return drop('the Region is down');
    const outcome = await options.invoke(invocation);
    if (outcome.kind === 'answered' || isStopped) return;
    const { delayMs, next } = nextAttempt(outcome, progress, functionArn);
    if (delayMs === null) {
      report(
        `${region} ${nameOf(functionArn)}: an asynchronous event is given up, ` +
          (outcome.kind === 'throttled'
            ? `it was throttled for too long: ${failureOf(outcome)}`
            : `all ${next.failures} attempts failed: ${failureOf(outcome)}`),
      );
      // With its process the Region's Lambda is gone too: nobody is left to give the event away.
      if (options.isServing(region)) {
        options.onExhausted({ ...invocation, attempts: next.failures, outcome });
      }
      return;
    }
    if (!options.isServing(region)) return drop('the Region is down');
    const cancel = clock.schedule(() => {
      cancels.delete(cancel);
      void attempt(invocation, next);
    }, delayMs / speed);
    cancels.add(cancel);
  }

  /** `delayMs`: as on AWS; null: no attempt is left. */
  function nextAttempt(
    outcome: FailedInvocation['outcome'],
    { submittedAtEpochMs, failures, throttles }: Progress,
    functionArn: string,
  ): { readonly delayMs: number | null; readonly next: Progress } {
    if (outcome.kind === 'throttled') {
      const next = { submittedAtEpochMs, failures, throttles: throttles + 1 };
      const ageMs = (clock.nowEpochMs() - submittedAtEpochMs) * speed;
      const { first, max } = THROTTLE_DELAY_MS;
      const delayMs = Math.min(max, first * 2 ** throttles);
      return { delayMs: ageMs + delayMs > EVENT_AGE_MAX_MS ? null : delayMs, next };
    }
    const next = { submittedAtEpochMs, failures: failures + 1, throttles: 0 };
    const delayMs =
      failures < options.retriesMaxOf(functionArn) ? RETRY_DELAYS_MS[failures] : undefined;
    return { delayMs: delayMs ?? null, next };
  }

  return {
    submit: (invocation) =>
      void attempt(invocation, {
        submittedAtEpochMs: clock.nowEpochMs(),
        failures: 0,
        throttles: 0,
      }),
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
