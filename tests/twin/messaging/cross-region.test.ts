import { PublishBatchCommand, PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMessaging } from '#twin/messaging/messaging.ts';
import {
  ACCOUNT,
  EAST,
  OHIO,
  queueArn,
  regionModel,
  startWorld,
  subscription,
  topicArn,
  type World,
} from './messaging-world.ts';

const TopicArn = topicArn(EAST, 'events');

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  await world.stop();
});

async function subscribe(attributes: Record<string, string> = {}): Promise<void> {
  await world.sns(EAST).send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: queueArn(OHIO, 'work'),
      Attributes: attributes,
    }),
  );
}

async function publish(text: string, kind = 'none'): Promise<void> {
  const MessageAttributes = { kind: { DataType: 'String', StringValue: kind } };
  await world.sns(EAST).send(new PublishCommand({ TopicArn, Message: text, MessageAttributes }));
}

async function received(): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: `${world.url}/${ACCOUNT}/work`,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
  });
  return (await world.sqs(OHIO).send(command)).Messages ?? [];
}

describe('a topic with a queue of another Region', () => {
  it('delivers the same envelope there as in its own Region', async () => {
    await subscribe();
    await publish('{"a":1}', 'paid');
    const [message, ...rest] = await received();
    expect(rest).toEqual([]);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      TopicArn,
      Message: '{"a":1}',
      MessageAttributes: { kind: { Type: 'String', Value: 'paid' } },
    });
    expect(world.messaging.depths(EAST)).toContainEqual(
      expect.objectContaining({ name: 'audit', visible: 1 }),
    );
  });

  it('delivers raw messages with their attributes', async () => {
    await subscribe({ RawMessageDelivery: 'true' });
    await publish('plain', 'paid');
    expect(await received()).toMatchObject([
      { Body: 'plain', MessageAttributes: { kind: { StringValue: 'paid' } } },
    ]);
  });

  it('delivers only what the filter lets through', async () => {
    await subscribe({ RawMessageDelivery: 'true', FilterPolicy: '{"kind":["paid"]}' });
    await publish('no', 'refused');
    await publish('yes', 'paid');
    expect((await received()).map(({ Body }) => Body)).toEqual(['yes']);
  });

  it('delivers each message of a batch', async () => {
    await subscribe({ RawMessageDelivery: 'true' });
    const entries = ['a', 'b'].map((Message) => ({ Id: Message, Message }));
    const command = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries });
    await world.sns(EAST).send(command);
    expect((await received()).map(({ Body }) => Body)).toEqual(['a', 'b']);
  });

  it('delivers what was published during an isolation once it is healed', async () => {
    await subscribe({ RawMessageDelivery: 'true' });
    world.faults.inject({ region: OHIO, kind: 'isolate' });
    await publish('first');
    await publish('second');
    expect(await received()).toEqual([]);
    expect(world.messaging.waitingDeliveries()).toBe(2);
    world.faults.heal(OHIO);
    expect((await received()).map(({ Body }) => Body)).toEqual(['first', 'second']);
  });
});

describe('the templates', () => {
  it.each([
    ['in the stack of the queue', OHIO],
    ['in the stack of the topic', EAST],
  ])('subscribe a queue of another Region %s', async (_name, stackRegion) => {
    const far = subscription(stackRegion, {
      topicArn: TopicArn,
      topicRegion: EAST,
      endpoint: queueArn(OHIO, 'work'),
    });
    const models = [EAST, OHIO].map((region) =>
      regionModel(region, { subscriptions: region === stackRegion ? [far] : [] }),
    );
    const messaging = await createMessaging(models, {
      network: world.faults,
      submit: () => {},
      report: () => {},
    });
    await messaging.services.sns.handle({
      region: EAST,
      operation: 'Publish',
      headers: {},
      url: '/',
      body: Buffer.from(
        new URLSearchParams({ Action: 'Publish', TopicArn, Message: 'x' }).toString(),
      ),
      requestId: 'r',
      signal: new AbortController().signal,
    });
    const depths = messaging.depths(OHIO);
    await messaging.stop();
    expect(messaging.notRun).toEqual([]);
    expect(depths).toContainEqual(expect.objectContaining({ name: 'work', visible: 1 }));
  });
});
