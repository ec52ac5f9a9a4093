/** fauxqs' queues of one Region with the twin's traits, without anything that listens. */

import { createAccountStores } from '#twin/messaging/account-stores.ts';
import type { Queue, SqsStore, StoredMessage } from '#twin/messaging/fauxqs-types.ts';
import { createQueueTraits, type QueueTraits } from '#twin/messaging/queue-traits.ts';

const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

export function queueArn(name: string, region = REGION): string {
  return `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;
}

export interface TestQueues {
  readonly store: SqsStore;
  readonly traits: QueueTraits;
  /** What was sent to queues of other Regions. */
  readonly sentFar: { readonly queueArn: string; readonly message: StoredMessage }[];
  /** Creates a queue; with `deadLetters`, one that gives up after the first receipt. */
  create(name: string, deadLetters?: Queue): Queue;
}

export async function createTestQueues(): Promise<TestQueues> {
  const traits = createQueueTraits();
  const sentFar: TestQueues['sentFar'] = [];
  const { sqsStore: store } = await createAccountStores({
    accountId: ACCOUNT,
    onQueue: traits.adopt,
    routeTo: (arn) =>
      arn.includes(`:${REGION}:`) ? null : (message) => sentFar.push({ queueArn: arn, message }),
  });
  return {
    store,
    traits,
    sentFar,
    create(name, deadLetters) {
      const redrive = { deadLetterTargetArn: deadLetters?.arn, maxReceiveCount: 1 };
      const attributes = {
        ...(name.endsWith('.fifo') ? { FifoQueue: 'true' } : {}),
        ...(deadLetters === undefined ? {} : { RedrivePolicy: JSON.stringify(redrive) }),
      };
      return store.createQueue(name, '', queueArn(name), attributes);
    },
  };
}

export function message(body: string, changes: Partial<StoredMessage> = {}): StoredMessage {
  return {
    messageId: `id of ${body}`,
    body,
    md5OfBody: '',
    messageAttributes: {},
    md5OfMessageAttributes: '',
    sentTimestamp: 0,
    approximateReceiveCount: 0,
    ...changes,
  };
}

/** Sends a message and receives it once in vain, then again: it goes to the dead letters. */
export function deadLetter(queue: Queue, store: SqsStore, body: string): void {
  queue.enqueue(message(body));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    queue.dequeue(1, 0, (arn) => store.getQueueByArn(arn));
  }
}

export function bodiesOf(queue: Queue): string[] {
  return queue.inspectMessages().ready.map(({ body }) => body);
}
