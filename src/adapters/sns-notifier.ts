/** Notifications on the transactions topic. */

import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { NOTIFICATION_ID_ATTRIBUTE } from '#contract/names.ts';
import type { Notifier } from '#core/ports.ts';
import { type AttemptOptions, attemptAws } from './aws-attempts.ts';

/** Publishes the notification's body as JSON, with its deterministic id as a message attribute. */
export function createSnsNotifier(options: {
  readonly client: SNSClient;
  readonly topicArn: string;
  readonly attempts: AttemptOptions;
}): Notifier {
  return {
    publish: async (notification, deadline) => {
      const command = new PublishCommand({
        TopicArn: options.topicArn,
        Subject: notification.subject,
        Message: JSON.stringify(notification.body),
        MessageAttributes: {
          [NOTIFICATION_ID_ATTRIBUTE]: { DataType: 'String', StringValue: notification.id },
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
