/** Notifications on the transactions topic. */

import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { NOTIFICATION_ID_ATTRIBUTE, NOTIFICATION_SUBJECT } from '#contract/names.ts';
import { viewPayment } from '#core/payment-view.ts';
import type { Notifier } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

/** Publishes the payment item as JSON, with its deterministic id as a message attribute. */
export function createSnsNotifier(options: {
  readonly client: SNSClient;
  readonly topicArn: string;
  readonly attempts: AttemptOptions;
}): Notifier {
  return {
    publish: async (payment, notificationId, deadline) => {
      const command = new PublishCommand({
        TopicArn: options.topicArn,
        Subject: NOTIFICATION_SUBJECT,
        Message: JSON.stringify(viewPayment(payment)),
        MessageAttributes: {
          [NOTIFICATION_ID_ATTRIBUTE]: { DataType: 'String', StringValue: notificationId },
        },
      });
      await attemptAws(
        'publish',
        (abortSignal) => options.client.send(command, { abortSignal }),
        deadline,
        options.attempts,
      );
    },
  };
}
