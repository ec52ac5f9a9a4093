/** One queue that hears every notification of both Regions, as a subscriber of the payments' events would. */

import { ListTopicsCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type AwsEndpoint, clientOptions } from './aws-endpoint.ts';

/** A notification as it arrived; what could not be read is the empty text. */
export interface Received {
  readonly id: string;
  readonly transactionId: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
  /** Region of the topic. */
  readonly publishedIn: string;
}

export interface NotificationCollector {
  /** In the order of arrival. */
  received(): readonly Received[];
  /** Takes what is left and ends. Rejects when the queue failed meanwhile. */
  finish(): Promise<readonly Received[]>;
}

const QUEUE_NAME = 'durability-proof';
const POLLERS = 2;
const MESSAGES_MAX = 10;
const WAIT_SECONDS = 1;

/** Creates the queue in `region` and subscribes it to `topicName` of each of `topicRegions`. */
export async function collectNotifications(options: {
  readonly endpoint: AwsEndpoint;
  readonly region: string;
  readonly topicName: string;
  readonly topicRegions: readonly string[];
}): Promise<NotificationCollector> {
  const { endpoint, region, topicName, topicRegions } = options;
  const sqs = new SQSClient({ ...clientOptions(endpoint, region), useQueueUrlAsEndpoint: false });
  const created = await sqs.send(new CreateQueueCommand({ QueueName: QUEUE_NAME }));
  const QueueUrl = created.QueueUrl ?? '';
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  for (const topicRegion of topicRegions) {
    await subscribe(endpoint, topicRegion, topicName, Attributes?.['QueueArn'] ?? '');
  }

  const received: Received[] = [];
  let isFinishing = false;
  const poll = async (): Promise<void> => {
    for (;;) {
      // Asked before the receive: an empty one that began earlier may have missed the last message.
      const isLast = isFinishing;
      const { Messages: messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: MESSAGES_MAX,
          WaitTimeSeconds: WAIT_SECONDS,
        }),
      );
      if (messages.length === 0) {
        if (isLast) return;
        continue;
      }
      received.push(...messages.map(read));
      const Entries = messages.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
      }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  };
  const pollers = Promise.allSettled(Array.from({ length: POLLERS }, poll));
  return {
    received: () => received,
    finish: async () => {
      isFinishing = true;
      const ends = await pollers;
      sqs.destroy();
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      return received;
    },
  };
}

async function subscribe(
  endpoint: AwsEndpoint,
  region: string,
  topicName: string,
  queueArn: string,
): Promise<void> {
  const sns = new SNSClient(clientOptions(endpoint, region));
  try {
    const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
    const topic = Topics.find(({ TopicArn }) => TopicArn?.endsWith(`:${topicName}`));
    if (topic === undefined) throw new Error(`${region} has no topic ${topicName}`);
    const { TopicArn } = topic;
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn }));
  } finally {
    sns.destroy();
  }
}

function read({ Body = '{}' }: Message): Received {
  const envelope = JSON.parse(Body) as {
    TopicArn?: string;
    Message?: string;
    MessageAttributes?: Record<string, { Value?: string }>;
  };
  const body = JSON.parse(envelope.Message ?? '{}') as Record<string, unknown>;
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  return {
    id: envelope.MessageAttributes?.['notification_id']?.Value ?? '',
    transactionId: text('transaction_id'),
    amount: text('amount'),
    currency: text('currency'),
    status: text('status'),
    publishedIn: envelope.TopicArn?.split(':')[3] ?? '',
  };
}
