import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  EAST,
  FUNCTION_KEY,
  OHIO,
  queueArn,
  startWorld,
  topicArn,
  type World,
} from './messaging-world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  await world.stop();
});

async function bodies(region: string, name: string): Promise<string[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: `${world.url}/${ACCOUNT}/${name}`,
    MaxNumberOfMessages: 10,
  });
  const { Messages: messages = [] } = await world.sqs(region).send(command);
  return messages.map((message) => message.Body ?? '');
}

describe('publishing', () => {
  it('delivers to the subscribed queue of the same Region, and to no other', async () => {
    const published = await world.sns(EAST).send(
      new PublishCommand({
        TopicArn: topicArn(EAST, 'events'),
        Message: '{"a":"<&>"}',
        Subject: 'Payment Processed',
        MessageAttributes: { notification_id: { DataType: 'String', StringValue: 't#1' } },
      }),
    );
    const [body, ...rest] = await bodies(EAST, 'audit');
    expect(rest).toEqual([]);
    expect(JSON.parse(body ?? '')).toMatchObject({
      Type: 'Notification',
      MessageId: published.MessageId,
      TopicArn: topicArn(EAST, 'events'),
      Subject: 'Payment Processed',
      Message: '{"a":"<&>"}',
      MessageAttributes: { notification_id: { Type: 'String', Value: 't#1' } },
    });
    expect(body).not.toContain('000000000000:');
    expect(await bodies(OHIO, 'audit')).toEqual([]);
    expect(await bodies(EAST, 'work')).toEqual([]);
  });

  it('takes a topic as target as well', async () => {
    const TargetArn = topicArn(OHIO, 'events');
    await world.sns(OHIO).send(new PublishCommand({ TargetArn, Message: 'by target' }));
    const [body] = await bodies(OHIO, 'audit');
    expect(JSON.parse(body ?? '')).toMatchObject({ Message: 'by target' });
  });

  it('delivers each message of a batch', async () => {
    const batch = await world.sns(EAST).send(
      new PublishBatchCommand({
        TopicArn: topicArn(EAST, 'events'),
        PublishBatchRequestEntries: [
          { Id: 'a', Message: 'one' },
          { Id: 'b', Message: 'two' },
        ],
      }),
    );
    expect(batch.Successful).toHaveLength(2);
    expect(await bodies(EAST, 'audit')).toHaveLength(2);
  });

  it.each([
    ['a topic of the other Region', topicArn(OHIO, 'events'), 'InvalidParameter', /TopicArn/],
    ['a topic that does not exist', topicArn(EAST, 'nothing'), 'NotFound', /Topic does not exist/],
    ['what is no ARN', 'events', 'InvalidParameter', /at least 6 elements, not 1/],
  ])('rejects %s', async (_name, TopicArn, name, message) => {
    const published = world.sns(EAST).send(new PublishCommand({ TopicArn, Message: 'x' }));
    await expect(published).rejects.toMatchObject({
      name: expect.stringContaining(name),
      message: expect.stringMatching(message),
    });
  });

  it('rejects what it would not deliver', async () => {
    const sms = world.sns(EAST).send(new PublishCommand({ PhoneNumber: '+1', Message: 'x' }));
    const structured = world.sns(EAST).send(
      new PublishCommand({
        TopicArn: topicArn(EAST, 'events'),
        Message: '{"default":"x"}',
        MessageStructure: 'json',
      }),
    );
    await expect(sms).rejects.toThrow(/sends no text messages/);
    await expect(structured).rejects.toThrow(/does not run MessageStructure/);
    expect(await bodies(EAST, 'audit')).toEqual([]);
  });
});

describe('topics and subscriptions', () => {
  it('list the topics of the Region with their display names and owner', async () => {
    const { Topics: topics } = await world.sns(OHIO).send(new ListTopicsCommand({}));
    expect(topics).toEqual([{ TopicArn: topicArn(OHIO, 'events') }]);
    const { Attributes: attributes } = await world
      .sns(OHIO)
      .send(new GetTopicAttributesCommand({ TopicArn: topicArn(OHIO, 'events') }));
    expect(attributes).toMatchObject({
      TopicArn: topicArn(OHIO, 'events'),
      DisplayName: 'All events',
      Owner: ACCOUNT,
      SubscriptionsConfirmed: '1',
    });
  });

  it('can be created at run time, and created again unchanged', async () => {
    const client = world.sns(EAST);
    const named = { Name: 'extra', Attributes: { DisplayName: 'Extra' } };
    const first = await client.send(new CreateTopicCommand(named));
    const again = await client.send(new CreateTopicCommand(named));
    expect([first.TopicArn, again.TopicArn]).toEqual([
      topicArn(EAST, 'extra'),
      topicArn(EAST, 'extra'),
    ]);
    const other = { ...named, Attributes: { DisplayName: 'Other' } };
    await expect(client.send(new CreateTopicCommand(other))).rejects.toThrow(/already exists/);
    const { Topics: topics } = await client.send(new ListTopicsCommand({}));
    expect(topics).toHaveLength(2);
  });

  it('can be subscribed at run time, in the account of the template', async () => {
    const client = world.sns(EAST);
    const TopicArn = topicArn(EAST, 'events');
    const { SubscriptionArn: arn } = await client.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'sqs',
        Endpoint: queueArn(EAST, 'work'),
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    expect(arn).toMatch(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`));
    await client.send(new PublishCommand({ TopicArn, Message: 'raw' }));
    expect(await bodies(EAST, 'work')).toEqual(['raw']);
    const { Subscriptions: all } = await client.send(
      new ListSubscriptionsByTopicCommand({ TopicArn }),
    );
    expect(all?.map(({ Owner }) => Owner)).toEqual([ACCOUNT, ACCOUNT]);
    const { Attributes: attributes } = await client.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: arn }),
    );
    expect(attributes).toMatchObject({ Owner: ACCOUNT, RawMessageDelivery: 'true' });
  });

  it.each([
    [
      'another protocol',
      'lambda',
      `arn:aws:lambda:${EAST}:${ACCOUNT}:function:f`,
      /Subscribe a queue/,
    ],
    [
      'a queue that is not there',
      'sqs',
      queueArn(OHIO, 'nothing'),
      /no queue of us-east-1, us-east-2/,
    ],
    [
      'a FIFO queue of the other Region',
      'sqs',
      queueArn(OHIO, 'order.fifo'),
      /nothing between Regions from FIFO topics or to FIFO queues/,
    ],
  ])('rejects a subscription of %s', async (_name, Protocol, Endpoint, words) => {
    const fifo = { QueueName: 'order.fifo', Attributes: { FifoQueue: 'true' } };
    await world.sqs(OHIO).send(new CreateQueueCommand(fifo));
    const command = new SubscribeCommand({
      TopicArn: topicArn(EAST, 'events'),
      Protocol,
      Endpoint,
    });
    await expect(world.sns(EAST).send(command)).rejects.toThrow(words);
  });
});

describe('IAM and faults', () => {
  it('rejects a function without the permission, in the words of AWS', async () => {
    world.decisions.set('sns:Publish', 'implicit-deny');
    const TopicArn = topicArn(EAST, 'events');
    const published = world
      .sns(EAST, FUNCTION_KEY)
      .send(new PublishCommand({ TopicArn, Message: 'x' }));
    await expect(published).rejects.toMatchObject({
      name: expect.stringContaining('AuthorizationError'),
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/processor/payment-processor-dev is not authorized to perform: sns:Publish on resource: ${TopicArn} because no identity-based policy allows the sns:Publish action`,
      $metadata: { httpStatusCode: 403 },
    });
    expect(await bodies(EAST, 'audit')).toEqual([]);
  });

  it('lets a function with the permission publish', async () => {
    const TopicArn = topicArn(EAST, 'events');
    await world.sns(EAST, FUNCTION_KEY).send(new PublishCommand({ TopicArn, Message: 'x' }));
    expect(world.asked).toEqual([{ action: 'sns:Publish', resourceArn: TopicArn }]);
    expect(await bodies(EAST, 'audit')).toHaveLength(1);
  });

  it.each([
    ['errors', 'InternalFailure', 500],
    ['throttle', 'Throttling', 400],
  ] as const)('answers %s with %s and publishes nothing', async (kind, name, status) => {
    world.faults.inject({ region: EAST, kind, service: 'sns', operation: 'Publish', rate: 1 });
    const TopicArn = topicArn(EAST, 'events');
    const published = world.sns(EAST).send(new PublishCommand({ TopicArn, Message: 'x' }));
    await expect(published).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: status },
    });
    expect(await bodies(EAST, 'audit')).toEqual([]);
  });
});
