import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LetterList } from '#ops/dead-letters.ts';
import type { RedriveReport } from '#ops/redrive-dead-letters.ts';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
  TABLE,
  until,
} from '../../support/running-twin.ts';
import { holdfast, holdfastJson } from './run-holdfast.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(async () => {
  await twin.stop();
});

/** Puts a message where only three failed receives bring one. */
async function bury(region: string, body: string): Promise<void> {
  const sqs = twin.sqs(region);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'payment-dlq-dev' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

/** A payment that was accepted and never carried on; parked, if it is asked for. */
async function abandoned(isParked: boolean): Promise<string> {
  const payment = newPayment();
  const url = `${apiOf(twin, EAST_1)}/process`;
  expect((await call(url, { body: payment })).status).toBe(200);
  const open = isParked ? 'parked' : 'open#0';
  const parked = isParked ? ', parked = :parked' : '';
  await twin.dynamodb(EAST_1).send(
    new UpdateItemCommand({
      TableName: TABLE,
      Key: { transaction_id: { S: payment.transaction_id }, timestamp: { N: '0' } },
      UpdateExpression: `SET #status = :accepted, #open = :open, due_at = :due${parked}`,
      ExpressionAttributeNames: { '#status': 'status', '#open': 'open' },
      ExpressionAttributeValues: {
        ':accepted': { S: 'ACCEPTED' },
        ':open': { S: open },
        // Later than any sweep of this test.
        ':due': { N: String(Date.now() + 3_600_000) },
        ...(isParked
          ? { ':parked': { M: { at: { N: '1' }, reason: { S: 'unavailable: charge' } } } }
          : {}),
      },
    }),
  );
  return payment.transaction_id;
}

async function statusOf(transactionId: string): Promise<string | undefined> {
  const [journal] = await itemsOf(twin.dynamodb(EAST_2), transactionId, true);
  return journal?.['status']?.S;
}

it('lists dead letters of both kinds and Regions and carries them to their end', async () => {
  const [one, two, parked] = [
    await abandoned(false),
    await abandoned(false),
    await abandoned(true),
  ];
  await bury(EAST_1, JSON.stringify({ transaction_id: one }));
  await bury(EAST_2, JSON.stringify({ transaction_id: two }));
  await bury(EAST_2, 'hello');

  const list = await holdfastJson<LetterList>(twin, 'dlq', 'list');
  const found = list.letters.map(({ kind, transactionId }) => `${kind} ${transactionId ?? '-'}`);
  expect(found.toSorted()).toEqual(
    [`message ${one}`, `message ${two}`, 'message -', `parked ${parked}`].toSorted(),
  );
  expect((await holdfast(twin, 'dlq', 'show', parked)).stdout).toContain('unavailable: charge');

  const dry = await holdfastJson<RedriveReport>(twin, 'dlq', 'redrive', '--all', '--dry-run');
  expect(dry.letters.filter(({ outcome }) => outcome === 'would-redrive')).toHaveLength(3);

  const redriven = await holdfast(twin, 'dlq', 'redrive', '--all');
  // What is none of ours is left, and that is told.
  expect(redriven).toMatchObject({ code: 4 });
  expect(redriven.stdout).toContain('3 redriven, 1 skipped');

  for (const id of [one, two]) {
    await until(`${id} is processed`, async () => (await statusOf(id)) === 'PROCESSED');
  }
  const [journal] = await itemsOf(twin.dynamodb(EAST_2), parked, true);
  expect(journal?.['parked']).toBeUndefined();
  const left = await holdfastJson<LetterList>(twin, 'dlq', 'list');
  expect(left.letters.map(({ transactionId }) => transactionId)).toEqual([null]);
  const closed = await holdfast(twin, 'dlq', 'close', left.letters[0]?.messageId ?? '');
  expect(closed).toMatchObject({ code: 0, stderr: expect.stringContaining('"hello"') as string });
  expect((await holdfast(twin, 'dlq', 'list')).stdout).toBe('No dead letters.\n');
});

it('serves the Region that answers while the other is lost', async () => {
  await bury(EAST_2, JSON.stringify({ transaction_id: await abandoned(false) }));
  await twin.fault(EAST_1, 'kill');
  try {
    const list = await holdfastJson<LetterList>(twin, 'dlq', 'list');
    expect(list.unreached.map(({ region }) => region)).toContain(EAST_1);
    expect(list.letters.some(({ region }) => region === EAST_2)).toBe(true);
  } finally {
    await twin.heal();
  }
});

it('asks for what is to be redriven', async () => {
  expect(await holdfast(twin, 'dlq', 'redrive')).toMatchObject({ code: 2 });
});
