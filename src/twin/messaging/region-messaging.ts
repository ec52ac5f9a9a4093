/**
 * The queues and topics of one Region, run by one fauxqs instance. It is reached by injection only:
 * it has no port, so nothing else that fauxqs can do (S3, for one) is exposed.
 */

import { buildApp } from 'fauxqs';
import type { ServiceAnswer } from '../endpoint/aws-service.ts';
import type { QueueModel, RegionModel, TopicModel } from '../region-model.ts';
import { createAccountStores } from './account-stores.ts';
import type { StoredMessage, Stores } from './fauxqs-types.ts';
import { createMoveTasks, type MoveTasks } from './move-tasks.ts';
import { createQueueTraits, type QueueTraits } from './queue-traits.ts';

export interface RegionMessagingOptions {
  /** How a message gets to a queue of another Region, or a function; null where there is no way. */
  readonly routeTo: (endpointArn: string) => ((message: StoredMessage) => void) | null;
  /** Whether the Region works now: what SQS does by itself stops while it does not. */
  readonly runs: () => boolean;
}

/** Messages in one queue now. */
export interface QueueDepth {
  readonly name: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The same, with when the oldest message that is not deleted was sent; null when there is none. */
export interface QueueBacklog extends QueueDepth {
  readonly oldestSentEpochMs: number | null;
}

export interface RegionMessaging {
  readonly region: string;
  readonly accountId: string;
  readonly stores: Stores;
  readonly traits: QueueTraits;
  readonly moveTasks: MoveTasks;
  /** Has fauxqs do an SQS operation. `parameters` is the JSON text. Rejects on fauxqs' own faults. */
  sqs(operation: string, parameters: string | Buffer): Promise<ServiceAnswer>;
  /** Has fauxqs do an SNS operation. `form` is URL-encoded, Action included. Rejects likewise. */
  sns(form: string | Buffer): Promise<ServiceAnswer>;
  depths(): readonly QueueDepth[];
  backlogs(): readonly QueueBacklog[];
  stop(): Promise<void>;
}

/**
 * Starts the Region's messaging with the template's queues and topics.
 *
 * Messages live in memory and end with the twin. fauxqs can write them to disk, but in 2.4.1 a
 * ChangeMessageVisibility to 0 then loses the message until the next start.
 *
 * Rejects, naming the resource and the mend, when the template asks for what AWS would refuse.
 */
export async function createRegionMessaging(
  model: RegionModel,
  { routeTo, runs }: RegionMessagingOptions,
): Promise<RegionMessaging> {
  const { region, accountId } = model;
  const traits = createQueueTraits();
  const stores = await createAccountStores({ accountId, routeTo, onQueue: traits.adopt });
  const moveTasks = createMoveTasks({ store: stores.sqsStore, traits, runs });
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  await app.ready();

  async function post(
    headers: Record<string, string>,
    payload: string | Buffer,
  ): Promise<ServiceAnswer> {
    const reply = await app.inject({ method: 'POST', url: '/', headers, payload });
    if (reply.statusCode >= 500) {
      throw new Error(`fauxqs failed (${reply.statusCode}): ${reply.body}`);
    }
    const answerHeaders: Record<string, string> = {};
    for (const name of ['content-type', 'x-amzn-query-error']) {
      const value = reply.headers[name];
      if (typeof value === 'string') answerHeaders[name] = value;
    }
    return { status: reply.statusCode, headers: answerHeaders, body: reply.body };
  }

  const messaging: RegionMessaging = {
    region,
    accountId,
    stores,
    traits,
    moveTasks,
    sqs: (operation, parameters) =>
      post(
        {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `AmazonSQS.${operation}`,
        },
        parameters,
      ),
    sns: (form) => post({ 'content-type': 'application/x-www-form-urlencoded' }, form),
    depths: () => queueDepths(stores),
    backlogs: () => queueBacklogs(stores),
    stop() {
      moveTasks.stop();
      return app.close();
    },
  };

  try {
    for (const queue of model.queues) await createQueue(messaging, model, queue);
    for (const topic of model.topics) createTopic(messaging, topic);
  } catch (error) {
    await messaging.stop();
    throw error;
  }
  return messaging;
}

async function createQueue(
  messaging: RegionMessaging,
  model: RegionModel,
  queue: QueueModel,
): Promise<void> {
  checkRedrive(queue, model);
  const attributes: Record<string, string> = { ...queue.attributes };
  if (queue.policy !== null && queue.policy !== undefined) {
    attributes['Policy'] = JSON.stringify(queue.policy);
  }
  const parameters = JSON.stringify({ QueueName: queue.name, Attributes: attributes });
  const answer = await messaging.sqs('CreateQueue', parameters);
  if (answer.status === 200) return;
  throw new Error(
    `Queue ${queue.name} of ${model.region} can't be created: ${String(answer.body)} Mend it in the template.`,
  );
}

/** A dead-letter queue must be a queue of the same Region. Source: SQS API, SetQueueAttributes. */
function checkRedrive(queue: QueueModel, model: RegionModel): void {
  const text = queue.attributes['RedrivePolicy'];
  if (text === undefined || text === '') return;
  const where = `Queue ${queue.name} of ${model.region}`;
  const policy = parseJson(text);
  const target = policy?.['deadLetterTargetArn'];
  const count = Number(policy?.['maxReceiveCount']);
  if (!model.queues.some((other) => other.arn === target)) {
    throw new Error(
      `${where}: its RedrivePolicy names ${String(target)}, no queue of this Region's template.`,
    );
  }
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw new Error(`${where}: maxReceiveCount of its RedrivePolicy must be from 1 to 1000.`);
  }
}

function parseJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function createTopic({ stores, region }: RegionMessaging, topic: TopicModel): void {
  const attributes: Record<string, string> = {};
  if (topic.displayName !== null) attributes['DisplayName'] = topic.displayName;
  if (topic.name.endsWith('.fifo')) attributes['FifoTopic'] = 'true';
  if (topic.policy !== null && topic.policy !== undefined) {
    attributes['Policy'] = JSON.stringify(topic.policy);
  }
  stores.snsStore.createTopic(topic.name, attributes, undefined, region);
}

function queueDepths({ sqsStore }: Stores): readonly QueueDepth[] {
  // fauxqs returns expired messages to their queue only when somebody asks for messages.
  sqsStore.processAllTimers();
  return [...sqsStore.allQueues()].map((queue) => ({
    name: queue.name,
    visible: Number(queue.getAttribute('ApproximateNumberOfMessages')),
    inFlight: Number(queue.getAttribute('ApproximateNumberOfMessagesNotVisible')),
    delayed: Number(queue.getAttribute('ApproximateNumberOfMessagesDelayed')),
  }));
}

function queueBacklogs(stores: Stores): readonly QueueBacklog[] {
  return queueDepths(stores).map((depth) => {
    const queue = stores.sqsStore.getQueueByName(depth.name);
    const { ready = [], inflight = [] } = queue?.inspectMessages() ?? {};
    let oldestSentEpochMs: number | null = null;
    for (const { sentTimestamp } of [...ready, ...inflight.map(({ message }) => message)]) {
      oldestSentEpochMs = Math.min(oldestSentEpochMs ?? sentTimestamp, sentTimestamp);
    }
    return { ...depth, oldestSentEpochMs };
  });
}
