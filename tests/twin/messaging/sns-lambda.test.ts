import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
} from '@aws-sdk/client-sns';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import type { AuthorizationDecision } from '#twin/endpoint/authorizer.ts';
import { createFailedEvents } from '#twin/events/failed-events.ts';
import {
  ACCOUNT,
  EAST,
  functionModel,
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

afterEach(async () => {
  await world.stop();
});

/** A topic of us-east-1, and a function in `home` that the template there subscribes to it. */
async function subscribed(home: string, attributes: Record<string, string> = {}): Promise<void> {
  const watcher = functionModel(home, [TopicArn]);
  const own = subscription(EAST, { protocol: 'lambda', endpoint: watcher.arn, attributes });
  world = await startWorld(
    [EAST, OHIO].map((region) =>
      regionModel(
        region,
        region === home
          ? { functions: [watcher], subscriptions: [own] }
          : { functions: [], subscriptions: [] },
      ),
    ),
  );
}

async function publish(Message: string, kind?: string): Promise<string | undefined> {
  const MessageAttributes =
    kind === undefined ? {} : { kind: { DataType: 'String', StringValue: kind } };
  const command = new PublishCommand({ TopicArn, Message, MessageAttributes });
  return (await world.sns(EAST).send(command)).MessageId;
}

function messages(): unknown[] {
  return world.submitted.map(({ event }) => {
    const { Records } = JSON.parse(event) as { Records: { Sns: { Message: string } }[] };
    return Records.map(({ Sns }) => Sns.Message).join();
  });
}

describe('a function that is subscribed to a topic', () => {
  it.each([EAST, OHIO])('is invoked in %s with the event of SNS', async (home) => {
    await subscribed(home);
    const MessageId = await publish('{"a":"<&>"}', 'paid');
    const [invocation, ...rest] = world.submitted;
    expect(rest).toEqual([]);
    expect(invocation).toMatchObject({
      region: home,
      functionArn: functionModel(home, []).arn,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(JSON.parse(invocation?.event ?? '')).toEqual({
      Records: [
        {
          EventSource: 'aws:sns',
          EventVersion: '1.0',
          EventSubscriptionArn: expect.stringMatching(new RegExp(`^${TopicArn}:[0-9a-f-]{36}$`)),
          Sns: {
            Type: 'Notification',
            MessageId,
            TopicArn,
            Subject: null,
            Message: '{"a":"<&>"}',
            Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
            SignatureVersion: '1',
            Signature: expect.any(String),
            SigningCertUrl: expect.any(String),
            UnsubscribeUrl: expect.any(String),
            MessageAttributes: { kind: { Type: 'String', Value: 'paid' } },
          },
        },
      ],
    });
  });

  it('is invoked once for each message of a batch', async () => {
    await subscribed(EAST);
    const entries = ['a', 'b'].map((Message) => ({ Id: Message, Message }));
    const command = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries });
    await world.sns(EAST).send(command);
    expect(messages()).toEqual(['a', 'b']);
  });

  it('receives what was published while its Region was out of reach, in order, when it is back', async () => {
    await subscribed(OHIO);
    world.faults.inject({ region: EAST, kind: 'partition', direction: 'out', peer: OHIO });
    await publish('first');
    await publish('second');
    expect(messages()).toEqual([]);
    expect(world.messaging.waitingDeliveries()).toBe(2);
    world.faults.heal();
    expect(messages()).toEqual(['first', 'second']);
  });

  it('receives while only the way back is lost', async () => {
    await subscribed(OHIO);
    world.faults.inject({ region: EAST, kind: 'partition', direction: 'in' });
    await publish('one way');
    expect(messages()).toEqual(['one way']);
  });

  it('is shown as what it is', async () => {
    await subscribed(OHIO);
    const sns = world.sns(EAST);
    const listed = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
    const { SubscriptionArn = '', ...rest } = listed.Subscriptions?.[0] ?? {};
    expect(rest).toMatchObject({ Protocol: 'lambda', Endpoint: functionModel(OHIO, []).arn });
    const shown = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(shown.Attributes).toMatchObject({ Protocol: 'lambda', PendingConfirmation: 'false' });
    const raw = { AttributeName: 'RawMessageDelivery', AttributeValue: 'true' };
    await expect(
      sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, ...raw })),
    ).rejects.toThrow('no raw delivery');
    const filter = { AttributeName: 'FilterPolicy', AttributeValue: '{"kind":["other"]}' };
    await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, ...filter }));
    await publish('not for it', 'paid');
    expect(messages()).toEqual([]);
  });
});

describe('a filter policy of a function', () => {
  // Source: SNS developer guide, "Key matching": without any attribute `exists: false` matches nothing.
  it.each<[string, object, (string | undefined)[]]>([
    ['exact strings', { kind: ['paid', 'x'] }, ['paid']],
    ['prefixes', { kind: [{ prefix: 're' }] }, ['refused']],
    ['everything but one', { kind: [{ 'anything-but': ['paid'] }] }, ['refused']],
    ['an attribute that is there', { kind: [{ exists: true }] }, ['paid', 'refused']],
    ['an attribute that is not there', { kind: [{ exists: false }] }, []],
    ['another attribute that is not there', { tone: [{ exists: false }] }, ['paid', 'refused']],
  ])('lets %s through', async (_name, policy, expected) => {
    await subscribed(EAST, { FilterPolicy: JSON.stringify(policy) });
    for (const kind of ['paid', 'refused', undefined]) await publish(String(kind), kind);
    expect(messages()).toEqual(expected);
  });

  it('looks at the body where its scope says so, attributes or not', async () => {
    await subscribed(OHIO, {
      FilterPolicy: '{"AlarmName":[{"exists":true}]}',
      FilterPolicyScope: 'MessageBody',
    });
    await publish('{"AlarmName":"payment-api-errors"}');
    await publish('{"report":1}', 'failover-report');
    await publish('no JSON');
    expect(messages()).toEqual(['{"AlarmName":"payment-api-errors"}']);
  });
});

describe('an event that every attempt failed on', () => {
  const asynchronous = {
    retriesMax: 2,
    deadLetterQueueArn: queueArn(EAST, 'dead'),
    onFailureQueueArn: queueArn(EAST, 'work'),
  };
  const failed = {
    region: EAST,
    functionArn: functionModel(EAST, []).arn,
    event: '{"Records":[]}',
    requestId: 'request-1',
    attempts: 3,
    outcome: { kind: 'function-error', errorType: 'TypeError', errorMessage: 'no' },
  } as const;

  async function giveAway(decision: AuthorizationDecision = 'allowed'): Promise<void> {
    const watcher = functionModel(EAST, [], { asynchronous });
    const model = regionModel(EAST, { functions: [watcher], subscriptions: [] });
    world = await startWorld([model, regionModel(OHIO)]);
    world.decisions.set('sqs:SendMessage', decision);
    const settled: Promise<unknown>[] = [];
    const events = createFailedEvents({
      model: { regions: [model], tables: [] },
      call(...parameters) {
        const result = world.endpoint.call(...parameters);
        settled.push(result);
        return result;
      },
      principalOf: (region) => ({
        ...{ kind: 'role', region, roleArn: watcher.roleArn, sessionArn: 'session' },
      }),
      nowEpochMs: () => 1_767_225_600_000,
      report: (message) => world.reports.push(message),
    });
    events.take(failed);
    await Promise.all(settled);
  }

  async function received(name: string) {
    const command = new ReceiveMessageCommand({
      QueueUrl: `${world.url}/${ACCOUNT}/${name}`,
      MessageAttributeNames: ['All'],
    });
    return (await world.sqs(EAST).send(command)).Messages ?? [];
  }

  it('goes to the dead-letter queue as it was, and to the destination in a record', async () => {
    await giveAway();
    expect(await received('dead')).toMatchObject([
      {
        Body: '{"Records":[]}',
        MessageAttributes: {
          RequestID: { StringValue: 'request-1' },
          ErrorCode: { StringValue: '200' },
          ErrorMessage: { StringValue: 'TypeError: no' },
        },
      },
    ]);
    const [record] = await received('work');
    expect(JSON.parse(record?.Body ?? '')).toEqual({
      version: '1.0',
      timestamp: '2026-01-01T00:00:00.000Z',
      requestContext: {
        requestId: 'request-1',
        functionArn: `${failed.functionArn}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { Records: [] },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: 'TypeError', errorMessage: 'no' },
    });
    expect(world.asked.map(({ action, resourceArn }) => `${action} ${resourceArn}`)).toEqual([
      `sqs:SendMessage ${queueArn(EAST, 'dead')}`,
      `sqs:SendMessage ${queueArn(EAST, 'work')}`,
    ]);
  });

  it("is lost, and said to be, where the function's role may not send", async () => {
    await giveAway('implicit-deny');
    expect(await received('dead')).toEqual([]);
    expect(world.reports).toEqual([
      expect.stringMatching(
        /^us-east-1 watcher: failed event request-1 can't be sent to .*:dead: /,
      ),
      expect.stringMatching(
        /^us-east-1 watcher: failed event request-1 can't be sent to .*:work: /,
      ),
    ]);
  });
});
