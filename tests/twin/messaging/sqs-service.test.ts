import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  EAST,
  FUNCTION_KEY,
  OHIO,
  queueArn,
  startWorld,
  type World,
} from './messaging-world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  await world.stop();
});

function urlOf(name: string): string {
  return `${world.url}/${ACCOUNT}/${name}`;
}

async function receive(
  client: SQSClient,
  name: string,
  more: { VisibilityTimeout?: number; WaitTimeSeconds?: number } = {},
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: urlOf(name), ...more });
  return (await client.send(command)).Messages ?? [];
}

async function untilInFlight(count: number): Promise<void> {
  while (world.endpoint.inFlight() !== count) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('queues', () => {
  it('keep the messages of one Region out of the other', async () => {
    const sent = await world
      .sqs(EAST)
      .send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody: 'east only' }));
    expect(await receive(world.sqs(OHIO), 'work')).toEqual([]);
    expect(await receive(world.sqs(EAST), 'work')).toMatchObject([
      { MessageId: sent.MessageId, Body: 'east only' },
    ]);
  });

  it('carry the ARN of their Region and account, and the attributes of the template', async () => {
    const { Attributes: attributes } = await world
      .sqs(OHIO)
      .send(new GetQueueAttributesCommand({ QueueUrl: urlOf('work'), AttributeNames: ['All'] }));
    expect(attributes).toMatchObject({
      QueueArn: queueArn(OHIO, 'work'),
      VisibilityTimeout: '300',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queueArn(OHIO, 'dead'),
        maxReceiveCount: 3,
      }),
    });
  });

  it('return no attribute that was not asked for', async () => {
    const client = world.sqs(EAST);
    const url = { QueueUrl: urlOf('work') };
    const some = { DataType: 'String', StringValue: 'v' };
    await client.send(
      new SendMessageCommand({ ...url, MessageBody: 'x', MessageAttributes: { some } }),
    );
    const { Attributes: attributes } = await client.send(new GetQueueAttributesCommand(url));
    const [plain] = await receive(client, 'work', { VisibilityTimeout: 0 });
    const { Messages: messages } = await client.send(
      new ReceiveMessageCommand({
        ...url,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SenderId', 'ApproximateReceiveCount'],
      }),
    );
    expect(attributes ?? {}).toEqual({});
    expect(plain?.MessageAttributes).toBeUndefined();
    expect(messages?.[0]).toMatchObject({
      MessageAttributes: { some },
      Attributes: { SenderId: ACCOUNT, ApproximateReceiveCount: '2' },
    });
  });

  it('list addresses that lead back through the endpoint without being told of it', async () => {
    const { QueueUrls: urls } = await world.sqs(EAST).send(new ListQueuesCommand({}));
    expect(urls).toEqual([urlOf('audit'), urlOf('dead'), urlOf('work')]);
    const found = await world.sqs(EAST).send(new GetQueueUrlCommand({ QueueName: 'work' }));
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    const untold = new SQSClient({
      region: EAST,
      logger: silent,
      credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    });
    await untold.send(new SendMessageCommand({ QueueUrl: found.QueueUrl, MessageBody: 'hello' }));
    untold.destroy();
    expect(await receive(world.sqs(EAST), 'work')).toMatchObject([{ Body: 'hello' }]);
  });

  it("take AWS's own address of a queue, as templates give it", async () => {
    const address = `https://sqs.${EAST}.amazonaws.com/${ACCOUNT}/work`;
    await world
      .sqs(EAST)
      .send(new SendMessageCommand({ QueueUrl: address, MessageBody: 'by its AWS address' }));
    expect(world.messaging.depths(EAST)).toContainEqual({
      name: 'work',
      visible: 1,
      inFlight: 0,
      delayed: 0,
    });
    const wrong = world
      .sqs(OHIO)
      .send(new SendMessageCommand({ QueueUrl: address, MessageBody: 'x' }));
    await expect(wrong).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('reject a queue that does not exist', async () => {
    await expect(receive(world.sqs(EAST), 'nothing')).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
    const byName = world.sqs(EAST).send(new GetQueueUrlCommand({ QueueName: 'nothing' }));
    await expect(byName).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('can be created at run time, in the account and Region of the call', async () => {
    const { QueueUrl: url } = await world
      .sqs(OHIO)
      .send(new CreateQueueCommand({ QueueName: 'extra' }));
    expect(url).toBe(urlOf('extra'));
    const { Attributes: attributes } = await world
      .sqs(OHIO)
      .send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
    expect(attributes).toEqual({ QueueArn: queueArn(OHIO, 'extra') });
    await expect(receive(world.sqs(EAST), 'extra')).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
});

describe('redelivery', () => {
  it('moves a message to the dead-letter queue of its Region after three receives', async () => {
    const client = world.sqs(EAST);
    await client.send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody: 'poison' }));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await receive(client, 'work', { VisibilityTimeout: 0 })).toHaveLength(1);
    }
    expect(await receive(client, 'dead')).toEqual([]);
    expect(await receive(client, 'work', { VisibilityTimeout: 0 })).toEqual([]);
    expect(await receive(world.sqs(OHIO), 'dead')).toEqual([]);
    expect(await receive(client, 'dead')).toMatchObject([{ Body: 'poison' }]);
  });

  it('hides a received message and shows it again at visibility 0', async () => {
    const client = world.sqs(EAST);
    const url = { QueueUrl: urlOf('work') };
    await client.send(new SendMessageCommand({ ...url, MessageBody: 'again' }));
    const [first] = await receive(client, 'work');
    expect(await receive(client, 'work')).toEqual([]);
    const handle = { ...url, ReceiptHandle: first?.ReceiptHandle };
    await client.send(new ChangeMessageVisibilityCommand({ ...handle, VisibilityTimeout: 0 }));
    const [second] = await receive(client, 'work');
    expect(second?.MessageId).toBe(first?.MessageId);
    const received = { ...url, ReceiptHandle: second?.ReceiptHandle };
    await client.send(new DeleteMessageCommand(received));
    expect(world.messaging.depths(EAST).find((queue) => queue.name === 'work')).toEqual({
      name: 'work',
      visible: 0,
      inFlight: 0,
      delayed: 0,
    });
  });

  it('counts a message whose visibility has run out as visible', async () => {
    const client = world.sqs(EAST);
    const url = { QueueUrl: urlOf('work') };
    await client.send(new SendMessageCommand({ ...url, MessageBody: 'x' }));
    await receive(client, 'work', { VisibilityTimeout: 0 });
    const { Attributes: attributes } = await client.send(
      new GetQueueAttributesCommand({
        ...url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    expect(attributes).toEqual({
      ApproximateNumberOfMessages: '1',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });
});

describe('long polling', () => {
  it('answers when a message arrives', async () => {
    const waiting = receive(world.sqs(EAST), 'work', { WaitTimeSeconds: 20 });
    await untilInFlight(1);
    await world
      .sqs(EAST)
      .send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody: 'late' }));
    expect(await waiting).toMatchObject([{ Body: 'late' }]);
  });

  it('takes no message for a client that has left', async () => {
    const leaving = new AbortController();
    const failure = world
      .sqs(EAST)
      .send(new ReceiveMessageCommand({ QueueUrl: urlOf('work'), WaitTimeSeconds: 20 }), {
        abortSignal: leaving.signal,
      })
      .then(
        () => null,
        (error: unknown) => error,
      );
    await untilInFlight(1);
    leaving.abort();
    expect(await failure).toMatchObject({ name: 'AbortError' });
    await untilInFlight(0);
    await world
      .sqs(EAST)
      .send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody: 'for another' }));
    expect(await receive(world.sqs(EAST), 'work')).toMatchObject([{ Body: 'for another' }]);
    expect(world.thrown).toEqual([]);
  });

  it('rejects a wait that AWS does not offer', async () => {
    const asked = receive(world.sqs(EAST), 'work', { WaitTimeSeconds: 21 });
    await expect(asked).rejects.toThrow(/WaitTimeSeconds is invalid/);
  });
});

describe('what is not served', () => {
  it('rejects operations that the twin does not run', async () => {
    const reply = await fetch(world.url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=x/20260101/${EAST}/sqs/aws4_request`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.AddPermission',
      },
      body: '{}',
    });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({
      __type: 'com.amazonaws.sqs#UnsupportedOperation',
      message: expect.stringMatching(/does not run sqs:AddPermission\. It runs .*SendMessage/),
    });
  });

  it('rejects the older query protocol in its own format', async () => {
    const reply = await fetch(world.url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=x/20260101/${EAST}/sqs/aws4_request`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'Action=SendMessage&MessageBody=x',
    });
    expect(reply.status).toBe(400);
    expect(await reply.text()).toMatch(/<Code>UnsupportedOperation<.*JSON protocol only/);
  });

  it('rejects a body that is not JSON', async () => {
    const reply = await fetch(world.url, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${FUNCTION_KEY}/20260101/${EAST}/sqs/aws4_request`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.SendMessage',
      },
      body: '{"QueueUrl"',
    });
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain('SerializationException');
  });
});

describe('IAM and faults', () => {
  it('rejects a function without the permission, in the words of AWS', async () => {
    world.decisions.set('sqs:SendMessage', 'implicit-deny');
    const batch = new SendMessageBatchCommand({
      QueueUrl: urlOf('work'),
      Entries: [{ Id: '1', MessageBody: 'x' }],
    });
    await expect(world.sqs(EAST, FUNCTION_KEY).send(batch)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/processor/payment-processor-dev is not authorized to perform: sqs:SendMessage on resource: ${queueArn(EAST, 'work')} because no identity-based policy allows the sqs:SendMessage action`,
      $metadata: { httpStatusCode: 403 },
    });
    expect(world.messaging.depths(EAST).every((queue) => queue.visible === 0)).toBe(true);
  });

  it('asks for the queue that a call is about', async () => {
    const client = world.sqs(EAST, FUNCTION_KEY);
    await client.send(new GetQueueUrlCommand({ QueueName: 'audit' }));
    await client.send(new ListQueuesCommand({}));
    expect(world.asked).toEqual([
      { action: 'sqs:GetQueueUrl', resourceArn: queueArn(EAST, 'audit') },
      { action: 'sqs:ListQueues', resourceArn: queueArn(EAST, '*') },
    ]);
  });

  it.each([
    ['errors', 'InternalFailure', 500],
    ['throttle', 'Throttling', 400],
  ] as const)('answers %s with %s', async (kind, name, status) => {
    world.faults.inject({ region: EAST, kind, service: 'sqs', rate: 1 });
    const sent = world
      .sqs(EAST)
      .send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody: 'x' }));
    await expect(sent).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
    expect(world.messaging.depths(EAST).every((queue) => queue.visible === 0)).toBe(true);
  });
});
