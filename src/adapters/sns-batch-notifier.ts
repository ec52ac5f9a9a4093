/** Notifications on the transactions topic, ten to a call: for whoever publishes many at once. */

import { PublishBatchCommand, type SNSClient } from '@aws-sdk/client-sns';
import { NOTIFICATION_ID_ATTRIBUTE } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import type { Notification } from '#core/notifications.ts';
import type { Deadline, Notifier } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

/** Entries of one PublishBatch, and bytes of all of them. Source: SNS API reference, PublishBatch. */
const ENTRIES_MAX = 10;
const BYTES_MAX = 262_144;
/** Who has less time than this goes alone and at once: a batch has as long as the most hurried of it. Milliseconds. */
const HURRIED_MS = 1_000;
/** Room in a batch for what is not the body: subject, attributes, names. */
const ENTRY_OVERHEAD_BYTES = 8_192;

interface Waiting {
  readonly notification: Notification;
  readonly message: string;
  readonly deadline: Deadline;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes each notification with those that come within `gatherMs`. Each settles by its own entry's
 * result, so that one that SNS refuses takes no other along.
 *
 * `wait`: calls back after some milliseconds.
 */
export function createSnsBatchNotifier(options: {
  readonly client: SNSClient;
  readonly topicArn: string;
  readonly attempts: AttemptOptions;
  readonly gatherMs: number;
  readonly wait: (callback: () => void, ms: number) => void;
}): Notifier {
  let waiting: Waiting[] = [];
  let bytes = 0;

  const send = (): void => {
    const batch = waiting;
    waiting = [];
    bytes = 0;
    if (batch.length > 0) void publishBatch(batch, options);
  };

  return {
    publish: (notification, deadline) =>
      new Promise((resolve, reject) => {
        const message = JSON.stringify(notification.body);
        const leftMs = deadline.atEpochMs - options.attempts.clock.nowEpochMs();
        if (leftMs < HURRIED_MS) {
          void publishBatch([{ notification, message, deadline, resolve, reject }], options);
          return;
        }
        const size = Buffer.byteLength(message) + ENTRY_OVERHEAD_BYTES;
        if (bytes + size > BYTES_MAX) send();
        const entry = { notification, message, deadline, resolve, reject };
        waiting.push(entry);
        bytes += size;
        if (waiting.length >= ENTRIES_MAX) {
          send();
        } else if (waiting.length === 1) {
          // Of this batch alone: one that was sent full meanwhile has no timer to send the next by.
          options.wait(() => waiting.includes(entry) && send(), options.gatherMs);
        }
      }),
  };
}

/** Never rejects: every entry is settled. */
async function publishBatch(
  batch: readonly Waiting[],
  options: {
    readonly client: SNSClient;
    readonly topicArn: string;
    readonly attempts: AttemptOptions;
  },
): Promise<void> {
  const command = new PublishBatchCommand({
    TopicArn: options.topicArn,
    PublishBatchRequestEntries: batch.map(({ notification, message }, index) => ({
      Id: String(index),
      Subject: notification.subject,
      Message: message,
      MessageAttributes: {
        [NOTIFICATION_ID_ATTRIBUTE]: { DataType: 'String', StringValue: notification.id },
      },
    })),
  });
  // The earliest: what would begin after it may not begin for one of them.
  const deadline = { atEpochMs: Math.min(...batch.map((one) => one.deadline.atEpochMs)) };
  try {
    const answer = await attemptAws(
      'publish batch',
      (abortSignal) => options.client.send(command, { abortSignal }),
      deadline,
      options.attempts,
    );
    const published = new Set(answer.Successful?.map(({ Id }) => Id));
    for (const [index, one] of batch.entries()) {
      if (published.has(String(index))) one.resolve();
      else one.reject(new AppError('unavailable', 'publish batch: this one was refused'));
    }
  } catch (error) {
    for (const one of batch) one.reject(error);
  }
}
