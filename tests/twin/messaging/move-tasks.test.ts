import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
  type StartMessageMoveTaskCommandInput,
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

const SourceArn = queueArn(EAST, 'dead');

let world: World;
let client: SQSClient;

beforeEach(async () => {
  world = await startWorld();
  client = world.sqs(EAST);
});

afterEach(async () => {
  await world.stop();
});

/** Messages that `work` has given up, in its dead-letter queue. */
async function deadLetters(...bodies: readonly string[]): Promise<void> {
  const QueueUrl = `${world.url}/${ACCOUNT}/work`;
  for (const MessageBody of bodies) {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  const receipt = { QueueUrl, VisibilityTimeout: 0, MaxNumberOfMessages: 10 };
  // One more than maxReceiveCount.
  for (let count = 0; count < 4; count += 1) await client.send(new ReceiveMessageCommand(receipt));
}

async function start(changes: Partial<StartMessageMoveTaskCommandInput> = {}): Promise<string> {
  const command = new StartMessageMoveTaskCommand({ SourceArn, ...changes });
  return (await client.send(command)).TaskHandle ?? '';
}

async function newest(): Promise<ListMessageMoveTasksResultEntry> {
  const listed = await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
  return listed.Results?.[0] ?? {};
}

async function ended(): Promise<ListMessageMoveTasksResultEntry> {
  for (;;) {
    const task = await newest();
    if (task.Status !== 'RUNNING') return task;
  }
}

function visible(name: string): number | undefined {
  return world.messaging.depths(EAST).find((queue) => queue.name === name)?.visible;
}

describe('StartMessageMoveTask', () => {
  it('brings dead letters back to the queue that they came from', async () => {
    await deadLetters('a', 'b');
    expect([visible('dead'), visible('work')]).toEqual([2, 0]);
    await start();
    expect(await ended()).toEqual({
      Status: 'COMPLETED',
      SourceArn,
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 2,
      StartedTimestamp: expect.any(Number),
    });
    expect([visible('dead'), visible('work')]).toEqual([0, 2]);
  });

  it('moves to another queue when told so', async () => {
    await deadLetters('a');
    await start({ DestinationArn: queueArn(EAST, 'audit'), MaxNumberOfMessagesPerSecond: 500 });
    expect(await ended()).toMatchObject({
      DestinationArn: queueArn(EAST, 'audit'),
      MaxNumberOfMessagesPerSecond: 500,
    });
    expect([visible('audit'), visible('work')]).toEqual([1, 0]);
  });

  it.each([
    ['a queue that is no dead-letter queue', { SourceArn: queueArn(EAST, 'work') }, /Dead Letter/],
    ['a source that is not there', { SourceArn: queueArn(EAST, 'no') }, /SourceArn parameter/],
    ['a source of another Region', { SourceArn: queueArn(OHIO, 'dead') }, /SourceArn parameter/],
    ['what is no ARN', { SourceArn: 'dead' }, /must use this format/],
    ['an unknown destination', { DestinationArn: queueArn(EAST, 'no') }, /DestinationArn/],
    ['its source as destination', { DestinationArn: SourceArn }, /cannot be the same/],
    ['a rate above 500', { MaxNumberOfMessagesPerSecond: 501 }, /from 1 to 500/],
    ['a rate of 0', { MaxNumberOfMessagesPerSecond: 0 }, /from 1 to 500/],
  ])('rejects %s', async (_name, changes, words) => {
    await expect(start(changes)).rejects.toThrow(words);
  });

  it('rejects a second task of the same source while one runs', async () => {
    await deadLetters('a', 'b');
    await start({ MaxNumberOfMessagesPerSecond: 1 });
    await expect(start()).rejects.toMatchObject({
      name: expect.stringContaining('InvalidParameterValue'),
      message: expect.stringContaining('Only one active task'),
    });
  });

  it('moves nothing while its Region is killed', async () => {
    await deadLetters('a');
    world.faults.inject({ region: EAST, kind: 'kill' });
    // Not through the endpoint, which a killed Region does not answer at.
    await world.messaging.services.sqs.handle({
      region: EAST,
      operation: 'StartMessageMoveTask',
      headers: { 'x-amz-target': 'AmazonSQS.StartMessageMoveTask' },
      url: '/',
      body: Buffer.from(JSON.stringify({ SourceArn })),
      requestId: 'r',
      signal: new AbortController().signal,
    });
    // Behind the task's own first turn, which has no delay either.
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(visible('dead')).toBe(1);
    world.faults.heal();
    expect(await ended()).toMatchObject({ Status: 'COMPLETED' });
    expect(visible('work')).toBe(1);
  });

  it('asks for the permissions to take from the source and to send to every receiver', async () => {
    client = world.sqs(EAST, FUNCTION_KEY);
    await start();
    const onSource = ['StartMessageMoveTask', 'ReceiveMessage', 'DeleteMessage'];
    expect(world.asked).toEqual([
      ...[...onSource, 'GetQueueAttributes'].map((name) => ({
        action: `sqs:${name}`,
        resourceArn: SourceArn,
      })),
      { action: 'sqs:SendMessage', resourceArn: queueArn(EAST, 'work') },
    ]);
    world.decisions.set('sqs:SendMessage', 'implicit-deny');
    const DestinationArn = queueArn(EAST, 'audit');
    await expect(start({ DestinationArn })).rejects.toThrow(
      `perform: sqs:SendMessage on resource: ${DestinationArn}`,
    );
  });
});

describe('CancelMessageMoveTask', () => {
  it('ends a running task, which leaves the rest where it is', async () => {
    await deadLetters('a', 'b', 'c');
    const TaskHandle = await start({ MaxNumberOfMessagesPerSecond: 1 });
    expect(await newest()).toMatchObject({ Status: 'RUNNING', TaskHandle });
    const cancelled = await client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    const task = await newest();
    expect(task.Status).toBe('CANCELLED');
    expect(task).not.toHaveProperty('TaskHandle');
    expect(task.ApproximateNumberOfMessagesMoved).toBe(cancelled.ApproximateNumberOfMessagesMoved);
    expect((visible('dead') ?? 0) + (visible('work') ?? 0)).toBe(3);
    await expect(client.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toThrow(
      /No such task is running/,
    );
  });

  it('rejects a handle that is none', async () => {
    const command = new CancelMessageMoveTaskCommand({ TaskHandle: 'x' });
    await expect(client.send(command)).rejects.toThrow(/TaskHandle is invalid/);
  });

  it('asks for the permissions on the source of the task', async () => {
    await deadLetters('a', 'b');
    const TaskHandle = await start({ MaxNumberOfMessagesPerSecond: 1 });
    client = world.sqs(EAST, FUNCTION_KEY);
    await client.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(world.asked.at(0)).toEqual({
      action: 'sqs:CancelMessageMoveTask',
      resourceArn: SourceArn,
    });
  });
});

describe('ListMessageMoveTasks', () => {
  it('gives the newest task only, unless asked for more', async () => {
    await start();
    await ended();
    await start();
    await ended();
    const MaxResults = 10;
    const all = await client.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults }));
    const one = await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
    expect([all.Results?.length, one.Results?.length]).toEqual([2, 1]);
  });

  it('rejects to give more than ten', async () => {
    const command = new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 11 });
    await expect(client.send(command)).rejects.toThrow(/from 1 to 10/);
  });
});
