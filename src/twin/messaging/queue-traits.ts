/**
 * What SQS has by nature and fauxqs' queues lack: a dead letter knows the queue that it came from,
 * and a message may be delivered once more although it was deleted.
 */

import { regionOf } from './arn.ts';
import type { Queue, StoredMessage } from './fauxqs-types.ts';

export interface QueueTraits {
  /** Gives the queue these traits. Once for each queue, before it is used. */
  adopt(queue: Queue): void;
  /** ARN of the queue whose redrive policy moved the message; null: it was sent by a client. */
  deadLetterSourceOf(message: StoredMessage): string | null;
  /**
   * While on, the first deletion of each message makes it receivable once more. Standard queues
   * only: a FIFO queue does not do this.
   */
  setDuplicates(queue: Queue, on: boolean): void;
  /** Removes the oldest message that can be received, for good; null when there is none. */
  take(queue: Queue): StoredMessage | null;
}

/** The visibility timeout is over before anybody could notice: the message is removed at once. */
const TAKING_SECONDS = 30;

/** Creates the traits of one Region's queues. */
export function createQueueTraits(): QueueTraits {
  const sources = new WeakMap<StoredMessage, string>();
  const duplicated = new WeakSet<StoredMessage>();
  const duplicating = new WeakSet<Queue>();
  const removals = new WeakMap<Queue, Queue['deleteMessage']>();

  function adopt(queue: Queue): void {
    const dequeue = queue.dequeue.bind(queue);
    const remove = queue.deleteMessage.bind(queue);
    removals.set(queue, remove);

    queue.dequeue = (countMax, visibilitySeconds, resolve) =>
      dequeue(countMax, visibilitySeconds, (arn) => {
        // A dead-letter queue is in its queue's Region. Source: SQS developer guide.
        const target = regionOf(arn) === regionOf(queue.arn) ? resolve?.(arn) : undefined;
        return target === undefined ? undefined : noting(target, queue.arn);
      });

    queue.deleteMessage = (receiptHandle) => {
      const message = queue.inflightMessages.get(receiptHandle)?.message;
      if (message === undefined || !duplicating.has(queue) || duplicated.has(message)) {
        return remove(receiptHandle);
      }
      duplicated.add(message);
      // The consumer did its work: the repetition must not bring the message closer to the DLQ.
      message.approximateReceiveCount -= 1;
      queue.changeVisibility(receiptHandle, 0);
      return true;
    };
  }

  /** `target`, but what is put into it is noted as coming from `sourceArn`. */
  function noting(target: Queue, sourceArn: string): Queue {
    const sink = Object.create(target) as Queue;
    sink.enqueue = (message) => {
      sources.set(message, sourceArn);
      target.enqueue(message);
    };
    return sink;
  }

  return {
    adopt,
    deadLetterSourceOf: (message) => sources.get(message) ?? null,
    setDuplicates(queue, on) {
      if (on) duplicating.add(queue);
      else duplicating.delete(queue);
    },
    take(queue) {
      const [received] = queue.dequeue(1, TAKING_SECONDS);
      if (received === undefined) return null;
      const { ReceiptHandle: handle } = received;
      const message = queue.inflightMessages.get(handle)?.message ?? null;
      removals.get(queue)?.(handle);
      return message;
    },
  };
}
