/**
 * Message move tasks of one Region: they move what is in a dead-letter queue back to where it came
 * from, or to a queue of the caller's choice, in the background.
 */

import { randomUUID } from 'node:crypto';
import type { Queue, SqsStore, StoredMessage } from './fauxqs-types.ts';
import type { QueueTraits } from './queue-traits.ts';

export type MoveTaskStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';

export interface MoveTask {
  readonly taskId: string;
  readonly sourceArn: string;
  /** Null: each message goes back to the queue that it came from. */
  readonly destinationArn: string | null;
  /** Messages a second, from 1 to 500; null: as fast as it goes. */
  readonly rate: number | null;
  readonly startedEpochMs: number;
  readonly status: MoveTaskStatus;
  /** Messages in the source when the task started. */
  readonly toMove: number;
  readonly moved: number;
  readonly failureReason: string | null;
}

export interface MoveTasksOptions {
  readonly store: SqsStore;
  readonly traits: QueueTraits;
  /** Whether the Region works now: nothing moves while it does not. */
  readonly runs: () => boolean;
  /** Epoch milliseconds. @default Date.now */
  readonly now?: () => number;
  /** Calls back once after a delay; returns the way to prevent it. @default a timer */
  readonly after?: (delayMs: number, callback: () => void) => () => void;
}

export interface MoveTasks {
  /** Starts moving; null while another task of the same source runs. The queue must exist. */
  start(order: Pick<MoveTask, 'sourceArn' | 'destinationArn' | 'rate'>): MoveTask | null;
  /** The tasks of a source, newest first, at most 10. */
  list(sourceArn: string): readonly MoveTask[];
  /** Stops a running task; null where none of that id runs. What was moved stays moved. */
  cancel(taskId: string): MoveTask | null;
  stop(): void;
}

type RunningTask = { -readonly [Key in keyof MoveTask]: MoveTask[Key] };

/** ListMessageMoveTasks returns no more. Source: SQS API reference. */
export const TASKS_LISTED_MAX = 10;
/** Moved in one turn of the event loop, so that a large queue does not hold everything else up. */
const TURN_MESSAGES = 100;
const TURN_MS = 100;
/** AWS's word for a message that was sent to the dead-letter queue by a client. */
const UNKNOWN_SOURCE = 'CouldNotDetermineMessageSource';
const QUEUE_GONE = 'AWS.SimpleQueueService.NonExistentQueue';

/**
 * Creates the tasks of a Region. A task moves as many messages as its source had when it started:
 * one that fails again meanwhile and comes back waits for another task, so that no task goes round
 * in a circle. Moved messages are new ones, with a new id and a receive count of 0.
 */
export function createMoveTasks(options: MoveTasksOptions): MoveTasks {
  const { store, traits, runs, now = Date.now, after = afterTimer } = options;
  const bySource = new Map<string, RunningTask[]>();
  const pending = new Map<RunningTask, () => void>();

  function proceed(task: RunningTask): void {
    pending.delete(task);
    const { count, delayMs } = pace(task.rate);
    const isUp = runs();
    if (isUp) moveSome(task, count);
    if (task.status !== 'RUNNING') return;
    const again = after(isUp ? delayMs : TURN_MS, () => proceed(task));
    pending.set(task, again);
  }

  function moveSome(task: RunningTask, count: number): void {
    const source = store.getQueueByArn(task.sourceArn);
    if (source === undefined) return fail(task, QUEUE_GONE);
    for (let moved = 0; moved < count && task.status === 'RUNNING'; moved += 1) {
      const message = task.moved < task.toMove ? traits.take(source) : null;
      if (message === null) task.status = 'COMPLETED';
      else moveOne(task, source, message);
    }
    if (task.status === 'RUNNING' && task.moved === task.toMove) task.status = 'COMPLETED';
    return undefined;
  }

  function moveOne(task: RunningTask, source: Queue, message: StoredMessage): void {
    const arn = task.destinationArn ?? traits.deadLetterSourceOf(message);
    const destination = arn === null ? undefined : store.getQueueByArn(arn);
    if (destination === undefined) {
      source.enqueue(message);
      return fail(task, arn === null ? UNKNOWN_SOURCE : QUEUE_GONE);
    }
    destination.enqueue(renewed(message, destination, now()));
    task.moved += 1;
    return undefined;
  }

  function active(): readonly RunningTask[] {
    return [...bySource.values()].flat().filter(({ status }) => status === 'RUNNING');
  }

  return {
    start(order) {
      const known = bySource.get(order.sourceArn) ?? [];
      if (known.some(({ status }) => status === 'RUNNING')) return null;
      const source = store.getQueueByArn(order.sourceArn);
      source?.processTimers();
      const task: RunningTask = {
        ...order,
        taskId: randomUUID(),
        startedEpochMs: now(),
        status: 'RUNNING',
        toMove: Number(source?.getAttribute('ApproximateNumberOfMessages') ?? 0),
        moved: 0,
        failureReason: null,
      };
      bySource.set(order.sourceArn, [task, ...known].slice(0, TASKS_LISTED_MAX));
      pending.set(
        task,
        after(0, () => proceed(task)),
      );
      return { ...task };
    },
    list: (sourceArn) => (bySource.get(sourceArn) ?? []).map((task) => ({ ...task })),
    cancel(taskId) {
      const task = active().find((one) => one.taskId === taskId);
      if (task === undefined) return null;
      pending.get(task)?.();
      pending.delete(task);
      task.status = 'CANCELLED';
      return { ...task };
    },
    stop() {
      for (const prevent of pending.values()) prevent();
      pending.clear();
    },
  };
}

function fail(task: RunningTask, reason: string): void {
  task.status = 'FAILED';
  task.failureReason = reason;
}

/** How many messages at once, and how long until the next: never more a second than `rate`. */
function pace(rate: number | null): { readonly count: number; readonly delayMs: number } {
  if (rate === null) return { count: TURN_MESSAGES, delayMs: 0 };
  const count = Math.max(1, Math.floor((rate * TURN_MS) / 1000));
  return { count, delayMs: (count * 1000) / rate };
}

/** The message as the destination gets it. Source: SQS developer guide, dead-letter queue redrive. */
function renewed(message: StoredMessage, destination: Queue, nowEpochMs: number): StoredMessage {
  const { approximateFirstReceiveTimestamp: _first, delayUntil: _until, ...rest } = message;
  return {
    ...rest,
    messageId: randomUUID(),
    sentTimestamp: nowEpochMs,
    approximateReceiveCount: 0,
    ...(destination.isFifo() ? { sequenceNumber: destination.nextSequenceNumber() } : {}),
  };
}

function afterTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
