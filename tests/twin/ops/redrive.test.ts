/** Dead letters end to end: how they come about, and that redriving them charges nobody twice. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { LetterList } from '#ops/dead-letters.ts';
import type { RedriveReport } from '#ops/redrive-dead-letters.ts';
import { type GatewayTwin, startGatewayTwin, sweepByHand } from '../../support/gateway-twin.ts';
import { collectEvidence, type Evidence, makeDue } from '../../support/payment-evidence.ts';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  TABLE,
  type TestPayment,
} from '../../support/running-twin.ts';
import { holdfastJson } from './run-holdfast.ts';

let world: GatewayTwin;
let twin: RunningTwin;
let evidence: Evidence;
/** Holds a charge up at the gateway, before it takes effect. */
let holdUp: () => Promise<void> = async () => undefined;
beforeAll(async () => {
  // A scheduled sweep of the other Region would now and then have what is swept by hand.
  world = await startGatewayTwin(() => holdUp(), 'off');
  ({ twin } = world);
  evidence = await collectEvidence(world);
});
// What failed half way must not fail the next one.
afterEach(async () => {
  await Promise.all([world.setReachable(true), twin.heal()]);
});
afterAll(async () => {
  await world?.stop();
});

const PATIENCE = { timeout: 30_000, interval: 100 } as const;
const QUEUE = 'payment-queue-dev';
const DLQ = 'payment-dlq-dev';

async function send(region: string, queue: string, body: string): Promise<void> {
  const sqs = twin.sqs(region);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

/** Messages in a queue, visible and in flight. */
async function depth(region: string, queue: string): Promise<number> {
  const sqs = twin.sqs(region);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}

function messageOf({ transaction_id }: TestPayment): string {
  return JSON.stringify({ transaction_id });
}

/** A payment that is accepted and that nobody carries on: us-east-1 dies right after its journal. */
async function abandoned(): Promise<TestPayment> {
  const payment = newPayment();
  await twin.fault(EAST_1, 'crash', { service: 'dynamodb', operation: 'PutItem', moment: 'after' });
  await expect(call(`${apiOf(twin, EAST_1)}/payments`, { body: payment })).rejects.toThrow(
    /fetch failed|terminated/,
  );
  await twin.heal(EAST_1);
  return payment;
}

async function expectProcessed({ transaction_id: id }: TestPayment): Promise<void> {
  await expect.poll(async () => (await evidence.effectsOf(id)).at(-1), PATIENCE).toBe('end');
  await evidence.expectOnePayment(id);
}

/** How often a Region's consumer has met a message that it can do nothing with. */
function poisonings(region: string): number {
  const log = join(twin.directory, '.holdfast/logs', region, 'payment-consumer-dev.log');
  return readFileSync(log, 'utf8').split('poison message').length - 1;
}

async function redriveAll(): Promise<readonly string[]> {
  const report = await holdfastJson<RedriveReport>(twin, 'dlq', 'redrive', '--all');
  return report.letters.map(({ outcome }) => outcome);
}

it('charges once for a dead letter that is redriven twice by hand and once by a move task', async () => {
  const payment = await abandoned();
  await send(EAST_1, DLQ, messageOf(payment));
  expect(await redriveAll()).toEqual(['redriven']);
  await expectProcessed(payment);
  expect(await redriveAll()).toEqual([]);

  // The same letter again: its first redrive may have been all but done when its operator's machine died.
  await send(EAST_1, DLQ, messageOf(payment));
  expect(await redriveAll()).toEqual(['redriven']);
  await expect.poll(() => depth(EAST_1, QUEUE), PATIENCE).toBe(0);
  await evidence.expectOnePayment(payment.transaction_id);

  await send(EAST_1, DLQ, messageOf(payment));
  const sqs = twin.sqs(EAST_1);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: DLQ }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const SourceArn = Attributes?.['QueueArn'];
  const DestinationArn = SourceArn?.replace(DLQ, QUEUE);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
  const task = async () =>
    (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }))).Results?.[0];
  await expect.poll(task, PATIENCE).toMatchObject({
    Status: 'COMPLETED',
    ApproximateNumberOfMessagesMoved: 1,
  });
  await expect.poll(() => depth(EAST_1, QUEUE), PATIENCE).toBe(0);
  await evidence.expectOnePayment(payment.transaction_id);
});

it('brings poison to the dead letters after three receives, and other messages past it', async () => {
  const payment = await abandoned();
  const unknown = JSON.stringify({ transaction_id: 'nobody-knows-it' });
  for (const body of ['hello', unknown, messageOf(payment)]) await send(EAST_2, QUEUE, body);
  await expect.poll(() => depth(EAST_2, DLQ), PATIENCE).toBe(2);
  await expect.poll(() => poisonings(EAST_2), PATIENCE).toBe(6);
  await expectProcessed(payment);
  expect(await depth(EAST_2, QUEUE)).toBe(0);

  const { letters } = await holdfastJson<LetterList>(twin, 'dlq', 'list');
  expect(letters.toSorted((a, b) => a.reason.localeCompare(b.reason))).toMatchObject([
    { kind: 'message', region: EAST_2, transactionId: 'nobody-knows-it', excerpt: null },
    { kind: 'message', region: EAST_2, transactionId: null, excerpt: '"hello"' },
  ]);
  // Neither is ours to repeat: it would only come back.
  expect(await redriveAll()).toEqual(['skipped', 'skipped']);
  expect(await depth(EAST_2, DLQ)).toBe(2);
});

it('charges once for a letter that is redriven while its payment is being charged', async () => {
  let go = (): void => undefined;
  const mayGo = new Promise<void>((resolve) => (go = resolve));
  let isCharging = false;
  holdUp = async () => {
    isCharging = true;
    await mayGo;
  };
  const payment = newPayment();
  const paying = call(`${apiOf(twin, EAST_1)}/process`, { body: payment });
  await expect.poll(() => isCharging, PATIENCE).toBe(true);
  await send(EAST_2, DLQ, messageOf(payment));
  const report = await holdfastJson<RedriveReport>(
    twin,
    ...['dlq', 'redrive', '--filter', payment.transaction_id],
  );
  expect(report.letters).toMatchObject([{ outcome: 'redriven' }]);
  go();
  await paying;
  await expectProcessed(payment);
  await expect.poll(() => depth(EAST_2, QUEUE), PATIENCE).toBe(0);
  await evidence.expectOnePayment(payment.transaction_id);
  expect((await call(`${apiOf(twin, EAST_1)}/process`, { body: payment })).status).toBe(200);
});

it.each([
  {
    attempts: 19,
    what: 'whose last attempt fails',
    reason: /gateway charge look-up: ECONNREFUSED$/,
  },
  { attempts: 20, what: 'whose last attempt came to no end', reason: /came to no end/ },
])('parks a payment $what while the gateway is down, and redrives it', async (row) => {
  const payment = await abandoned();
  const id = payment.transaction_id;
  await twin.dynamodb(EAST_2).send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { transaction_id: { S: id }, timestamp: { N: '0' } },
      UpdateExpression: 'SET attempts = :attempts',
      ExpressionAttributeValues: { ':attempts': { N: String(row.attempts) } },
    }),
  );
  await world.setReachable(false);
  await makeDue(twin, EAST_2, id);
  expect(await sweepByHand(twin, EAST_2)).toMatchObject({ sweep: { parked: 1 } });
  const parked = { kind: 'parked', transactionId: id, region: EAST_1 };
  const list = await holdfastJson<LetterList>(twin, 'dlq', 'list', '--filter', id);
  expect(list.letters).toMatchObject([{ ...parked, reason: expect.stringMatching(row.reason) }]);
  // Nobody takes it up any more.
  expect(await sweepByHand(twin, EAST_1)).toMatchObject({
    backlog: { parked: 1 },
    sweep: { finished: 0, failed: 0, parked: 0 },
  });

  await world.setReachable(true);
  const redriven = await holdfastJson<RedriveReport>(twin, 'dlq', 'redrive', '--filter', id);
  expect(redriven.letters).toMatchObject([{ ...parked, outcome: 'redriven' }]);
  await sweepByHand(twin, EAST_1);
  await expectProcessed(payment);
  const [journal] = await itemsOf(twin.dynamodb(EAST_1), id, true);
  expect(journal).not.toHaveProperty('parked');
  const after = await holdfastJson<LetterList>(twin, 'dlq', 'list', '--filter', id);
  expect(after.letters).toEqual([]);
});
