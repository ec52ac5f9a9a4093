/** ReceiveMessage with long polling that ends when its client does. */

import type { ServiceAnswer } from '../endpoint/aws-service.ts';
import type { RegionMessaging } from './region-messaging.ts';

/** Parameters of an SQS operation, as its JSON body has them. */
export type SqsParameters = Readonly<Record<string, unknown>>;

const WAIT_SECONDS_MAX = 20;

interface ReceivedMessage {
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: unknown;
  readonly MD5OfMessageAttributes?: string;
}

/**
 * Receives messages, waiting for the first as long as the caller or the queue says.
 *
 * The wait is done here and not by fauxqs, which would hand messages to a client that has gone:
 * they would be in flight, unseen by anybody, for their whole visibility timeout. Rejects with the
 * signal's reason when the client leaves.
 */
export async function receiveMessages(
  messaging: RegionMessaging,
  parameters: SqsParameters,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const waitSeconds = waitSecondsOf(messaging, parameters);
  // Out of range: fauxqs words the refusal.
  if (!(waitSeconds >= 0 && waitSeconds <= WAIT_SECONDS_MAX)) {
    return messaging.sqs('ReceiveMessage', JSON.stringify(parameters));
  }
  const once = JSON.stringify({ ...parameters, WaitTimeSeconds: 0 });
  const deadlineMs = performance.now() + waitSeconds * 1000;
  for (;;) {
    signal.throwIfAborted();
    const answer = await messaging.sqs('ReceiveMessage', once);
    if (answer.status !== 200) return answer;
    const { Messages: messages = [] } = JSON.parse(String(answer.body)) as {
      Messages?: ReceivedMessage[];
    };
    const leftMs = deadlineMs - performance.now();
    if (messages.length > 0 || leftMs <= 0) {
      return { ...answer, body: JSON.stringify(asAsked(messages, parameters, messaging)) };
    }
    await Promise.race([
      queueOf(messaging, parameters)?.waitForMessages(leftMs / 1000),
      left(signal),
    ]);
  }
}

function queueOf({ stores }: RegionMessaging, parameters: SqsParameters) {
  return stores.sqsStore.getQueue(String(parameters['QueueUrl']));
}

function waitSecondsOf(messaging: RegionMessaging, parameters: SqsParameters): number {
  const asked = parameters['WaitTimeSeconds'];
  const standing = queueOf(messaging, parameters)?.attributes['ReceiveMessageWaitTimeSeconds'];
  return Number(asked ?? standing ?? 0);
}

/** As AWS: message attributes only when asked for, and this account as the sender. */
function asAsked(
  messages: readonly ReceivedMessage[],
  parameters: SqsParameters,
  { accountId }: RegionMessaging,
): { readonly Messages?: readonly ReceivedMessage[] } {
  if (messages.length === 0) return {};
  const names = parameters['MessageAttributeNames'];
  const wantsAttributes = Array.isArray(names) && names.length > 0;
  return {
    Messages: messages.map((message) => {
      const { MessageAttributes: attributes, MD5OfMessageAttributes: md5, ...rest } = message;
      return {
        ...rest,
        ...(wantsAttributes && attributes !== undefined ? { MessageAttributes: attributes } : {}),
        ...(wantsAttributes && md5 !== undefined ? { MD5OfMessageAttributes: md5 } : {}),
        ...(message.Attributes?.['SenderId'] === undefined
          ? {}
          : { Attributes: { ...message.Attributes, SenderId: accountId } }),
      };
    }),
  };
}

function left(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
