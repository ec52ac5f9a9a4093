/** The payment queue of this Region. */

import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { identifierFault } from '#core/identifier.ts';
import type { PaymentQueue } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

/** A message carries the transaction_id only: all else is in the journal. */
export interface PaymentMessage {
  readonly transaction_id: string;
}

/** Creates the queue. The client must take the queue's URL for a name: see `createSqsClient`. */
export function createSqsPaymentQueue(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly attempts: AttemptOptions;
}): PaymentQueue {
  return {
    async enqueue(transactionId, deadline) {
      const message: PaymentMessage = { transaction_id: transactionId };
      const command = new SendMessageCommand({
        QueueUrl: options.queueUrl,
        MessageBody: JSON.stringify(message),
      });
      await attemptAws(
        'enqueue',
        (abortSignal) => options.client.send(command, { abortSignal }),
        deadline,
        options.attempts,
      );
    },
  };
}

/** Reads a message's body; null when it is not one of ours. Never throws. */
export function readPaymentMessage(body: string): string | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('transaction_id' in value)) return null;
    const { transaction_id: id } = value;
    return typeof id === 'string' && identifierFault(id) === null ? id : null;
  } catch {
    return null;
  }
}
