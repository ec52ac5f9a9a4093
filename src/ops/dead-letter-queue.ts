/** The dead-letter queue of one Region, and the payment queue that its messages go back to. */

import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { attemptAws } from '#adapters/aws-attempts.ts';
import type { Environment, RegionConnection } from './connect.ts';
import { isFault } from './ops-error.ts';

export interface DeadMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly sentAtEpochMs: number;
  /** Of this queue and of the one that it came from. */
  readonly receives: number;
  /** SQS's own attributes and the message's, as text. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Every method throws `AppError`. */
export interface DeadLetterQueue {
  readonly region: string;
  /** Up to ten messages, kept from other receivers for `visibilitySeconds`. */
  receive(visibilitySeconds: number): Promise<readonly DeadMessage[]>;
  /**
   * Messages that a receiver could have now, and those that receivers keep from others, as SQS guesses: it may be a
   * minute behind.
   */
  count(): Promise<{ readonly visible: number; readonly hidden: number }>;
  /** Makes messages visible at once. */
  giveBack(receiptHandles: readonly string[]): Promise<void>;
  /** Sends a body to the payment queue of this Region. */
  resend(body: string): Promise<void>;
  remove(receiptHandle: string): Promise<void>;
}

/** Messages of one batch. Source: SQS API reference, ReceiveMessage and batch operations. */
const BATCH_MAX = 10;
/** Any wait is long polling, which asks all servers of a queue; without it a few are sampled. */
const WAIT_SECONDS = 1;

/** Creates the queue of one Region. */
export function createDeadLetterQueue(
  { region, sqs: client }: RegionConnection,
  environment: Environment,
): DeadLetterQueue {
  const { attempts, names } = environment;
  const run = <T>(what: string, send: (abortSignal: AbortSignal) => Promise<T>): Promise<T> =>
    attemptAws(what, send, environment.deadline(), attempts);
  const urlOf = async (name: string): Promise<string> => {
    const command = new GetQueueUrlCommand({ QueueName: name });
    const answer = await run('find queue', (abortSignal) => client.send(command, { abortSignal }));
    return answer.QueueUrl ?? '';
  };
  const urls = new Map<string, string>();
  const url = async (name: string): Promise<string> => {
    const known = urls.get(name) ?? (await urlOf(name));
    urls.set(name, known);
    return known;
  };

  return {
    region,
    async receive(visibilitySeconds) {
      const command = new ReceiveMessageCommand({
        QueueUrl: await url(names.paymentDlq),
        MaxNumberOfMessages: BATCH_MAX,
        VisibilityTimeout: visibilitySeconds,
        WaitTimeSeconds: WAIT_SECONDS,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      const { Messages: messages = [] } = await run('receive dead letters', (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      return messages.map(deadMessageOf);
    },
    async count() {
      const command = new GetQueueAttributesCommand({
        QueueUrl: await url(names.paymentDlq),
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      });
      const { Attributes: attributes } = await run('count dead letters', (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      return {
        visible: Number(attributes?.ApproximateNumberOfMessages),
        hidden: Number(attributes?.ApproximateNumberOfMessagesNotVisible),
      };
    },
    async giveBack(receiptHandles) {
      const queueUrl = await url(names.paymentDlq);
      for (let start = 0; start < receiptHandles.length; start += BATCH_MAX) {
        const batch = receiptHandles.slice(start, start + BATCH_MAX);
        const command = new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: batch.map((ReceiptHandle, index) => ({
            Id: String(index),
            ReceiptHandle,
            VisibilityTimeout: 0,
          })),
        });
        // One that can't be given back, being gone, say, comes back by itself when its time is up.
        await run('give dead letters back', (abortSignal) => client.send(command, { abortSignal }));
      }
    },
    async resend(body) {
      const command = new SendMessageCommand({
        QueueUrl: await url(names.paymentQueue),
        MessageBody: body,
      });
      await run('redrive message', (abortSignal) => client.send(command, { abortSignal }));
    },
    async remove(receiptHandle) {
      const command = new DeleteMessageCommand({
        QueueUrl: await url(names.paymentDlq),
        ReceiptHandle: receiptHandle,
      });
      await run('delete dead letter', (abortSignal) => client.send(command, { abortSignal }));
    },
  };
}

function deadMessageOf(message: Message): DeadMessage {
  const system = message.Attributes ?? {};
  const own = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue, DataType }]) => [name, StringValue ?? `(${DataType ?? 'no type'})`],
  );
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    sentAtEpochMs: Number(system.SentTimestamp ?? 0),
    receives: Number(system.ApproximateReceiveCount ?? 0),
    attributes: { ...system, ...Object.fromEntries(own) },
  };
}

/** What the visitor of a message has done: `kept` it in the queue, or taken it out: `removed`. */
export type Visit = 'kept' | 'removed';

/** Messages of one Region looked at in one go, at most: bounds memory, and what is hidden meanwhile. */
export const MESSAGES_MAX = 10_000;
/** Long enough to look at a thousand messages; if we die, they are back after it. */
const VISIBILITY_SECONDS = 60;
/** A long walk hides for longer: at least so many messages are looked at in a second. */
const PER_SECOND_MIN = 10;
/** Empty answers in a row that mean an empty queue, also while SQS's count, which lags, says otherwise. */
const EMPTY_MAX = 3;

/**
 * Shows every message of a queue to `visit`, batch by batch, each message once, and gives back all that
 * were kept, whatever goes wrong. Receiving is the only way to look into a queue; meanwhile others don't
 * see the messages. `visit` may end it early by returning null.
 *
 * Returns whether it saw the whole queue, as far as SQS lets one know: the last long poll was empty and SQS
 * counts none, or several in a row were empty; and nobody else keeps any back, who looks through it too or was cut off
 * when he did. What was seen and comes round again says nothing of that, because a queue has no order. Throws `AppError`.
 */
export async function lookThrough(
  queue: DeadLetterQueue,
  visit: (batch: readonly DeadMessage[]) => Promise<readonly Visit[] | null>,
): Promise<{ readonly complete: boolean }> {
  const held = new Map<string, string>();
  const seen = new Set<string>();
  let emptyInARow = 0;
  let repeatsInARow = 0;
  try {
    while (seen.size < MESSAGES_MAX) {
      // What has come round again is hidden for longer this time.
      const received = await queue.receive(
        VISIBILITY_SECONDS + Math.floor(seen.size / PER_SECOND_MIN),
      );
      if (received.length === 0) {
        emptyInARow += 1;
        const counted = await countIn(queue);
        if (counted.visible > 0 && emptyInARow < EMPTY_MAX) continue;
        // What this walk took out may be counted still.
        return { complete: !(counted.hidden > seen.size) };
      }
      emptyInARow = 0;
      // The newest receipt is the one that counts.
      for (const { messageId, receiptHandle } of received) held.set(messageId, receiptHandle);
      const fresh = received.filter(({ messageId }) => !seen.has(messageId));
      for (const { messageId } of fresh) seen.add(messageId);
      repeatsInARow = fresh.length === 0 ? repeatsInARow + received.length : 0;
      // Each of them may come round once; more than that, and they stand in the way of others.
      if (repeatsInARow > seen.size) return { complete: false };
      if (fresh.length === 0) continue;
      const visits = await visit(fresh);
      if (visits === null) return { complete: false };
      for (const [index, { messageId }] of fresh.entries()) {
        if (visits[index] === 'removed') held.delete(messageId);
      }
    }
    return { complete: false };
  } finally {
    // Best effort: what is not given back is visible again when its time is up.
    await queue.giveBack([...held.values()]).catch(() => undefined);
  }
}

/** Where nobody knows, because an operator lacks the right to ask, say: some to see, and none kept back. */
async function countIn(queue: DeadLetterQueue): ReturnType<DeadLetterQueue['count']> {
  try {
    return await queue.count();
  } catch (error) {
    if (!isFault(error)) throw error;
    return { visible: 1, hidden: 0 };
  }
}
