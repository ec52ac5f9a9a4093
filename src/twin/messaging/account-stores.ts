/**
 * fauxqs' stores of queues and topics, for one account.
 *
 * fauxqs puts the account 000000000000 into every ARN, where policies, subscriptions and message
 * bodies then carry it. Its store classes are replaced by ones that put the template's account there,
 * that give each queue its traits, and that lead to functions and to the queues of other Regions.
 */

import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Queue, SnsStore, SqsStore, StoredMessage, Stores } from './fauxqs-types.ts';

export interface AccountStoresOptions {
  /** Twelve digits. */
  readonly accountId: string;
  /** Told of every queue that is created, before anything is sent to it. */
  readonly onQueue: (queue: Queue) => void;
  /** How a message gets to a queue of another Region, or a function; null where there is no way. */
  readonly routeTo: (endpointArn: string) => ((message: StoredMessage) => void) | null;
}

type Subscription = NonNullable<ReturnType<SnsStore['getSubscription']>>;

const FAUXQS_ACCOUNT = '000000000000';

/**
 * Empty stores for one Region of the account.
 *
 * Rejects when fauxqs' package is not laid out as in version 2.4.1: its exports leave the classes
 * out, so they are loaded by path.
 */
export async function createAccountStores(options: AccountStoresOptions): Promise<Stores> {
  const { accountId, onQueue, routeTo } = options;
  const { SqsStore, SqsQueue } = await load<{
    SqsStore: new () => SqsStore;
    SqsQueue: new (name: string, url: string, arn: string) => Queue;
  }>('dist/sqs/sqsStore.js');
  const { SnsStore } = await load<{ SnsStore: new () => SnsStore }>('dist/sns/snsStore.js');
  const { S3Store } = await load<{ S3Store: new () => Stores['s3Store'] }>('dist/s3/s3Store.js');

  /** Stands for a function or a queue of another Region: fauxqs' own fan-out delivers to queues. */
  class FarQueue extends SqsQueue {
    readonly #send: (message: StoredMessage) => void;

    constructor(arn: string, send: (message: StoredMessage) => void) {
      super(arn.slice(arn.lastIndexOf(':') + 1), '', arn);
      this.#send = send;
    }

    override enqueue(message: StoredMessage): void {
      this.#send(message);
    }
  }

  class AccountSqsStore extends SqsStore {
    /** `url` is stored as a path: the answer makes it absolute with the host that the caller used. */
    override createQueue(...[name, , arn, attributes, tags]: Parameters<SqsStore['createQueue']>) {
      const path = `/${accountId}/${name}`;
      const queue = super.createQueue(name, path, inAccount(arn, accountId), attributes, tags);
      onQueue(queue);
      return queue;
    }

    override getQueueByArn(givenArn: string) {
      const arn = inAccount(givenArn, accountId);
      const own = super.getQueueByArn(arn);
      if (own !== undefined) return own;
      const send = routeTo(arn);
      return send === null ? undefined : new FarQueue(arn, send);
    }

    override getQueue(url: string) {
      return this.getQueueByName(url.slice(url.lastIndexOf('/') + 1));
    }
  }

  class AccountSnsStore extends SnsStore {
    /** By ARN; each is what the fan-out sees of a function's subscription. */
    readonly #deliverable = new Map<string, Subscription>();

    /** fauxqs' fan-out passes over every protocol but `sqs`; lists show the subscription itself. */
    override getSubscription(arn: string) {
      const subscription = super.getSubscription(arn);
      if (subscription?.protocol !== 'lambda') return subscription;
      const known = this.#deliverable.get(arn);
      if (known !== undefined) return known;
      // On top of the other one, so that changes of its attributes and its removal hold for both.
      const deliverable: Subscription = Object.create(subscription, {
        protocol: { value: 'sqs' },
        confirmed: { value: true },
      });
      this.#deliverable.set(arn, deliverable);
      return deliverable;
    }

    override createTopic(...parameters: Parameters<SnsStore['createTopic']>) {
      const [name, , , region] = parameters;
      const givenArn = `arn:aws:sns:${region}:${FAUXQS_ACCOUNT}:${name}`;
      const arn = inAccount(givenArn, accountId);
      const known = this.topics.get(arn);
      // Under the ARN that fauxqs expects, so that it compares a topic that exists already.
      if (known !== undefined) this.topics.set(givenArn, known);
      try {
        const topic = super.createTopic(...parameters);
        topic.arn = arn;
        return topic;
      } finally {
        const topic = this.topics.get(givenArn);
        this.topics.delete(givenArn);
        if (topic !== undefined) this.topics.set(arn, topic);
      }
    }

    override subscribe(...parameters: Parameters<SnsStore['subscribe']>) {
      const subscription = super.subscribe(...parameters);
      const topic = subscription === undefined ? undefined : this.topics.get(subscription.topicArn);
      if (subscription === undefined || topic === undefined) return subscription;
      const givenArn = subscription.arn;
      const arn = inAccount(givenArn, accountId);
      this.subscriptions.delete(givenArn);
      this.subscriptions.set(arn, subscription);
      topic.subscriptionArns = topic.subscriptionArns.map((one) => (one === givenArn ? arn : one));
      subscription.arn = arn;
      return subscription;
    }
  }

  return {
    sqsStore: new AccountSqsStore(),
    snsStore: new AccountSnsStore(),
    s3Store: new S3Store(),
  };
}

/** Puts `accountId` into an ARN of fauxqs' own account; leaves every other ARN as it is. */
function inAccount(arn: string, accountId: string): string {
  const parts = arn.split(':');
  if (parts[4] === FAUXQS_ACCOUNT) parts[4] = accountId;
  return parts.join(':');
}

async function load<Module>(path: string): Promise<Module> {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (manifest === undefined) throw new Error('fauxqs is not installed: run npm ci.');
  const file = join(dirname(manifest), path);
  try {
    return (await import(pathToFileURL(file).href)) as Module;
  } catch (cause) {
    throw new Error(
      `fauxqs has no ${path}. The twin is written against fauxqs 2.4.1: run npm ci to get it back.`,
      { cause },
    );
  }
}

/** The protocol of a function's subscription in SNS's XML, where its stand-in for the fan-out shows. */
export function withLambdaProtocol(xml: string): string {
  return xml.replace(
    '<key>Protocol</key><value>sqs</value>',
    '<key>Protocol</key><value>lambda</value>',
  );
}

/** Replaces fauxqs' account as the owner in SNS's XML; texts of users are escaped: none matches. */
export function withOwner(xml: string, accountId: string): string {
  return xml
    .replaceAll(`<Owner>${FAUXQS_ACCOUNT}</Owner>`, `<Owner>${accountId}</Owner>`)
    .replaceAll(
      `<key>Owner</key><value>${FAUXQS_ACCOUNT}</value>`,
      `<key>Owner</key><value>${accountId}</value>`,
    );
}
