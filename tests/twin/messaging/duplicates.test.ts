import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCOUNT, EAST, startWorld, type World } from './messaging-world.ts';

let world: World;
let client: SQSClient;
let QueueUrl: string;

beforeEach(async () => {
  world = await startWorld();
  client = world.sqs(EAST);
  QueueUrl = `${world.url}/${ACCOUNT}/work`;
});

afterEach(async () => {
  await world.stop();
});

async function send(MessageBody: string): Promise<string | undefined> {
  return (await client.send(new SendMessageCommand({ QueueUrl, MessageBody }))).MessageId;
}

/** Receives one message; its id and the handle to delete it. */
async function receive(): Promise<{ id?: string; handle: string }> {
  const { Messages: [message] = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  const { MessageId: id, ReceiptHandle: handle = '' } = message ?? {};
  return id === undefined ? { handle } : { id, handle };
}

describe('duplicate deliveries', () => {
  it('bring a message that was deleted once more, and then no more', async () => {
    world.messaging.duplicateDeliveries(EAST, 'work', true);
    const id = await send('once');
    const seen: (string | undefined)[] = [];
    for (let count = 0; count < 3; count += 1) {
      const received = await receive();
      seen.push(received.id);
      if (received.id === undefined) break;
      const ReceiptHandle = received.handle;
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    expect(seen).toEqual([id, id, undefined]);
  });

  it('bring messages that were deleted in a batch once more', async () => {
    world.messaging.duplicateDeliveries(EAST, 'work', true);
    const id = await send('once');
    const { handle } = await receive();
    const Entries = [{ Id: 'a', ReceiptHandle: handle }];
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    expect(await receive()).toMatchObject({ id });
  });

  it('do not happen unless they are switched on', async () => {
    world.messaging.duplicateDeliveries(EAST, 'work', true);
    world.messaging.duplicateDeliveries(EAST, 'work', false);
    await send('once');
    const { handle: ReceiptHandle } = await receive();
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    expect(await receive()).not.toHaveProperty('id');
  });

  it('are rejected for a queue, a Region that is not there and a FIFO queue', async () => {
    const QueueName = 'order.fifo';
    await client.send(new CreateQueueCommand({ QueueName, Attributes: { FifoQueue: 'true' } }));
    const { messaging } = world;
    const asked = (region: string, name: string) => () =>
      messaging.duplicateDeliveries(region, name, true);
    expect(asked(EAST, 'no')).toThrow(/No queue no here: use one of work, dead, audit/);
    expect(asked('mars', 'work')).toThrow(/No Region mars here: use one of us-east-1, us-east-2/);
    expect(asked(EAST, QueueName)).toThrow(/order\.fifo is a FIFO queue/);
  });
});
