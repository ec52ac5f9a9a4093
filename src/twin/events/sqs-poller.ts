/** Polls one queue for one function, as Lambda's event source mapping does. */

import { randomUUID } from 'node:crypto';
import type { InvocationOutcome } from '../region/lambda/invocation.ts';
import type { EventSourceModel } from '../region-model.ts';
import { batchResult } from './batch-result.ts';
import { type EventClock, pause } from './event-clock.ts';
import type { RegionPresence } from './region-presence.ts';
import type { SqsCalls, SqsResult } from './sqs-calls.ts';
import { type SqsMessage, splitBySize, sqsEvent } from './sqs-event.ts';

export interface SqsPollerOptions {
  readonly source: EventSourceModel;
  readonly calls: SqsCalls;
  readonly presence: RegionPresence;
  readonly clock: EventClock;
  /** Invokes the function with `event`, JSON text. Never rejects. */
  readonly invoke: (event: string, requestId: string) => Promise<InvocationOutcome>;
}

export interface SqsPoller {
  /** Polls from now on, whenever the Region runs. */
  start(): void;
  /** Resolves when nothing is polled any more; invocations in flight are left to the Region. */
  stop(): Promise<void>;
  /** What went wrong last and has not gone well since; null when nothing has. */
  lastError(): string | null;
}

/** Concurrent invocations that Lambda begins with while there is a backlog, and the twin's bound. */
const CONCURRENCY_DEFAULT = 5;
/** Most messages of one receive or delete. Source: SQS API reference. */
const MESSAGES_MAX = 10;
/** The longest long poll. Source: SQS API reference, ReceiveMessage. */
const WAIT_SECONDS = 20;
/** How soon AWS polls again is unpublished: soon after a fault, rarely while the role forbids it. */
const FAILED_PAUSE_MS = 1_000;
const REFUSED_PAUSE_MS = 60_000;

/**
 * Creates the poller. One receive at a time gathers a batch and hands it to an invocation that
 * nobody waits for, up to the mapping's concurrency: so a backlog is worked off in parallel and an
 * empty queue costs one long poll.
 *
 * Messages of a failed batch are left alone: they reappear after their visibility timeout, and the
 * queue's redrive policy counts them. A delete that fails is not repeated, so that its messages come
 * again, as they may on AWS.
 */
export function createSqsPoller(options: SqsPollerOptions): SqsPoller {
  const { source, calls, presence, clock } = options;
  const concurrencyMax = source.maximumConcurrency ?? CONCURRENCY_DEFAULT;
  const stopping = new AbortController();
  const queue = { arn: source.queueArn, region: source.queueArn.split(':')[3] ?? '' };
  let running: Promise<void> | null = null;
  let inFlight = 0;
  let pollError: string | null = null;
  let batchError: string | null = null;
  /** Wakes the one loop that polls; it looks again at whatever it waits for. */
  let wake = (): void => undefined;

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (presence.isServing()) await pollWhileServing();
      else await change();
    }
  }

  /** Until the Region goes down: its messages must not be received by nobody. */
  async function pollWhileServing(): Promise<void> {
    const down = new AbortController();
    const stopListening = presence.onChange(() => {
      if (!presence.isServing()) down.abort();
    });
    const signal = AbortSignal.any([down.signal, stopping.signal]);
    signal.addEventListener('abort', () => wake());
    let isChecked = false;
    while (!signal.aborted) {
      const step: SqsResult<unknown> = isChecked
        ? await pollOnce(signal)
        : await calls.check(signal);
      if (signal.aborted) break;
      pollError = step.kind === 'done' ? null : step.reason;
      isChecked = step.kind === 'done' || (isChecked && step.kind === 'failed');
      if (step.kind === 'done') continue;
      await pause(clock, step.kind === 'refused' ? REFUSED_PAUSE_MS : FAILED_PAUSE_MS, signal);
    }
    stopListening();
  }

  async function pollOnce(signal: AbortSignal): Promise<SqsResult<unknown>> {
    await slot(signal);
    const gathered = await gather(signal);
    if (gathered.kind !== 'done') return gathered;
    for (const part of splitBySize(gathered.value)) {
      await slot(signal);
      if (signal.aborted) break;
      inFlight += 1;
      void work(part).finally(() => {
        inFlight -= 1;
        wake();
      });
    }
    return gathered;
  }

  /** A batch: full, or all that came in one receive or within the window. */
  async function gather(signal: AbortSignal): Promise<SqsResult<readonly SqsMessage[]>> {
    const messages: SqsMessage[] = [];
    const lack = (): number => Math.min(MESSAGES_MAX, source.batchSize - messages.length);
    const first = await calls.receive(lack(), WAIT_SECONDS, signal);
    if (first.kind !== 'done' || first.value.length === 0) return first;
    messages.push(...first.value);
    const closesAtEpochMs = clock.nowEpochMs() + source.maximumBatchingWindowSeconds * 1_000;
    while (lack() > 0) {
      const leftSeconds = (closesAtEpochMs - clock.nowEpochMs()) / 1_000;
      if (leftSeconds <= 0) break;
      const more = await calls.receive(lack(), Math.min(WAIT_SECONDS, leftSeconds), signal);
      // What is in hand is in flight already: it must not wait for a fault to end.
      if (more.kind !== 'done') break;
      messages.push(...more.value);
    }
    return { kind: 'done', value: messages };
  }

  async function work(messages: readonly SqsMessage[]): Promise<void> {
    const outcome = await options.invoke(sqsEvent(messages, queue), randomUUID());
    const ids = messages.map(({ MessageId: id }) => id);
    const { failed, reason } = batchResult(outcome, ids, source.reportBatchItemFailures);
    batchError = reason ?? (failed.size > 0 ? `${failed.size} of a batch failed` : null);
    const done = messages.filter(({ MessageId: id }) => !failed.has(id));
    for (let from = 0; from < done.length; from += MESSAGES_MAX) {
      const some = done.slice(from, from + MESSAGES_MAX);
      const removed = await calls.remove(some, stopping.signal);
      if (removed.kind !== 'done') batchError = removed.reason;
    }
  }

  async function slot(signal: AbortSignal): Promise<void> {
    while (inFlight >= concurrencyMax && !signal.aborted) await change();
  }

  function change(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }

  const stopListening = presence.onChange(() => wake());
  return {
    start() {
      running ??= poll();
    },
    async stop() {
      stopping.abort();
      stopListening();
      wake();
      await running;
    },
    lastError: () => pollError ?? batchError,
  };
}
