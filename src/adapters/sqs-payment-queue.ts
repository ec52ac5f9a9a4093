/** The payment queue of this Region. */

import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { identifierFault } from '#core/identifier.ts';
import type { PaymentQueue, QueuedPayment } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

/** A message's body. */
export interface PaymentMessage {
  readonly transaction_id: string;
  /** Left out by those who send one by hand. */
  readonly fingerprint?: string;
}

/** Creates the queue. The client must take the queue's URL for a name: see `createSqsClient`. */
export function createSqsPaymentQueue(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly attempts: AttemptOptions;
}): PaymentQueue {
  return {
    async enqueue({ transactionId, fingerprint }, deadline) {
      const message: PaymentMessage = {
        transaction_id: transactionId,
        ...(fingerprint !== null && { fingerprint }),
      };
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
export function readPaymentMessage(body: string): QueuedPayment | null {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('transaction_id' in value)) return null;
    const { transaction_id: id } = value;
    if (typeof id !== 'string' || identifierFault(id) !== null) return null;
    const fingerprint = 'fingerprint' in value ? value.fingerprint : null;
    return { transactionId: id, fingerprint: typeof fingerprint === 'string' ? fingerprint : null };
  } catch {
    return null;
  }
}
