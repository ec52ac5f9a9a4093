/** Refunds through both Regions: each once, and never more in all than was charged. */

import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorCode } from '#contract/errors.ts';
import { SCHEMAS } from '#contract/schemas.ts';
import { type GatewayTwin, startGatewayTwin, sweepByHand } from '../../support/gateway-twin.ts';
import { makeDue } from '../../support/payment-evidence.ts';
import { itemsOf } from '../../support/payments-table.ts';
import {
  type Answer,
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  REGIONS,
  type RunningTwin,
  TABLE,
  type TestPayment,
} from '../../support/running-twin.ts';

let world: GatewayTwin;
let twin: RunningTwin;
beforeAll(async () => {
  // What is left is swept by hand.
  world = await startGatewayTwin(undefined, 'off');
  ({ twin } = world);
});
afterAll(async () => {
  await world?.stop();
});

const pay = (region: string, body: object) => call(`${apiOf(twin, region)}/process`, { body });

function refund(region: string, transactionId: string, body: unknown): Promise<Answer> {
  const id = encodeURIComponent(transactionId);
  return call(`${apiOf(twin, region)}/payments/${id}/refunds`, { method: 'POST', body });
}

/** Repeats while the answer is a 503, as it asks for: at one journal, not all have their turn in time. */
async function insist(region: string, transactionId: string, body: object): Promise<Answer> {
  for (;;) {
    const answer = await refund(region, transactionId, body);
    if (answer.status !== 503) return answer;
  }
}

/** A payment that is charged. */
async function charged(changes: Partial<TestPayment> = {}): Promise<string> {
  const payment = newPayment({ amount: 100, ...changes });
  expect((await pay(EAST_1, payment)).status).toBe(200);
  return payment.transaction_id;
}

/** Every other one to the other Region, all at once. */
function atOnce(count: number, ask: (region: string, index: number) => Promise<Answer>) {
  return Promise.all(
    Array.from({ length: count }, (_unused, index) => ask(REGIONS[index % 2] ?? EAST_1, index)),
  );
}

function outcome(answer: Answer): readonly unknown[] {
  return [answer.status, answer.json()['code']];
}

/**
 * Has sweepers do what is left. Refunds that race give their money back at once, but each journal entry
 * waits for its turn, and an answer does not wait for long.
 */
async function finish(transactionId: string): Promise<void> {
  // A request that was given up may still reach the journal, and the sweep's claim is then lost.
  const sweepUntilFinished = async () => {
    const [journal] = await itemsOf(twin.dynamodb(EAST_2), transactionId, true);
    if (journal?.['open'] === undefined) return 'finished';
    await makeDue(twin, EAST_2, transactionId);
    await sweepByHand(twin, EAST_2);
    return 'open';
  };
  await expect.poll(sweepUntilFinished, { timeout: 30_000, interval: 50 }).toBe('finished');
}

/** Amounts in minor units of what the journal, in each Region alike, says was given back. */
async function inJournal(transactionId: string): Promise<readonly number[]> {
  const [one, other] = await Promise.all(
    REGIONS.map(async (region) => {
      const [journal] = await itemsOf(twin.dynamodb(region), transactionId, true);
      expect(journal).not.toHaveProperty('open');
      return (journal?.['refunds']?.L ?? []).map(({ M: fields }) => {
        expect(fields?.['status']).toEqual({ S: 'REFUNDED' });
        return Number(fields?.['amount_minor']?.N);
      });
    }),
  );
  expect(other).toEqual(one);
  return one ?? [];
}

/** Amounts in minor units of what the gateway gave back. */
function inLedger(transactionId: string): readonly number[] {
  return world.gateway.ledger
    .view()
    .refunds.filter(({ charge_key: key }) => key === transactionId)
    .map(({ status, amount_minor: amount }) => {
      expect(status).toBe('succeeded');
      return Number(amount);
    });
}

describe('refunds that race', () => {
  it.each([1, 2, 3])(
    'never exceed the charge: of 40 of 7.00, 14 fit into 100.00 (round %i)',
    async () => {
      const id = await charged();
      const answers = await atOnce(40, (region, index) =>
        insist(region, id, { refund_id: `r-${index}`, amount: 7 }),
      );
      const refused = answers.filter(({ status }) => status !== 200);
      expect(answers.length - refused.length).toBe(14);
      expect(new Set(refused.map((answer) => String(outcome(answer))))).toEqual(
        new Set(['409,refund_exceeds_charge']),
      );
      await finish(id);
      const fourteen = Array.from({ length: 14 }, () => 700);
      expect(await inJournal(id)).toEqual(fourteen);
      expect(inLedger(id)).toEqual(fourteen);
    },
  );

  it('with one refund_id are one refund, and each gets the same bytes', async () => {
    const id = await charged();
    const answers = await atOnce(20, (region) =>
      insist(region, id, { refund_id: 'r', amount: '12.34' }),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(SCHEMAS.RefundAnswer.parse(answers[0]?.json())).toMatchObject({
      transaction_id: id,
      refund_id: 'r',
      amount: '12.34',
      currency: 'USD',
    });
    await finish(id);
    expect(await inJournal(id)).toEqual([1234]);
    expect(inLedger(id)).toEqual([1234]);
  });

  it('for what is left are one refund of all of it', async () => {
    const id = await charged();
    const answers = await atOnce(10, (region, index) =>
      insist(region, id, { refund_id: `r-${index}` }),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    await finish(id);
    expect(await inJournal(id)).toEqual([10_000]);
    expect(inLedger(id)).toEqual([10_000]);
  });
});

describe('a refund', () => {
  it('of the remainder gives back what earlier ones left, and says so when it is repeated', async () => {
    const id = await charged();
    expect((await refund(EAST_1, id, { refund_id: 'part', amount: 30.5 })).status).toBe(200);
    const rest = await refund(EAST_2, id, { refund_id: 'rest' });
    expect(rest.json()).toMatchObject({ amount: '69.50', refund_id: 'rest' });
    expect((await refund(EAST_1, id, { refund_id: 'rest' })).text).toBe(rest.text);
    expect(inLedger(id)).toEqual([3050, 6950]);

    const { refunded, refunds } = (await call(`${apiOf(twin, EAST_2)}/payments/${id}`)).json();
    expect(refunded).toBe('100.00');
    expect(refunds).toMatchObject([
      { refund_id: 'part', amount: '30.50', status: 'REFUNDED' },
      { refund_id: 'rest', amount: '69.50', status: 'REFUNDED' },
    ]);
  });

  it.each<{ name: string; body: object; code: ErrorCode }>([
    {
      name: 'another amount under a known id',
      body: { refund_id: 'r', amount: 11 },
      code: 'refund_conflict',
    },
    { name: 'the remainder under a known id', body: { refund_id: 'r' }, code: 'refund_conflict' },
    {
      name: 'one minor unit too much',
      body: { refund_id: 's', amount: '90.01' },
      code: 'refund_exceeds_charge',
    },
    {
      name: 'more than money can be',
      body: { refund_id: 's', amount: '9999999999999999' },
      code: 'refund_exceeds_charge',
    },
  ])('rejects $name with 409 and changes nothing', async ({ body, code }) => {
    const id = await charged();
    expect((await refund(EAST_1, id, { refund_id: 'r', amount: 10 })).status).toBe(200);
    const before = await itemsOf(twin.dynamodb(EAST_1), id, true);
    expect(outcome(await refund(EAST_2, id, body))).toEqual([409, code]);
    expect(await itemsOf(twin.dynamodb(EAST_1), id, true)).toEqual(before);
    expect(inLedger(id)).toEqual([1000]);
  });

  it('is of the payment that its path means, not of one that is named like the encoded path', async () => {
    const suffix = newPayment().transaction_id;
    const meant = await charged({ transaction_id: `a:b@c/d ${suffix}` });
    const encoded = await charged({ transaction_id: encodeURIComponent(meant) });
    expect((await refund(EAST_1, meant, { refund_id: 'r', amount: 1 })).status).toBe(200);
    expect((await refund(EAST_2, encoded, { refund_id: 'r', amount: 2 })).status).toBe(200);
    expect(await inJournal(meant)).toEqual([100]);
    expect(await inJournal(encoded)).toEqual([200]);
    for (const [id, refunded] of [
      [meant, '1.00'],
      [encoded, '2.00'],
    ] as const) {
      const shown = await call(`${apiOf(twin, EAST_2)}/payments/${encodeURIComponent(id)}`);
      expect(shown.json()).toMatchObject({ transaction_id: id, refunded });
    }
  });

  it('rejects a payment that nobody knows with 404', async () => {
    const answer = await refund(EAST_2, 'nobody-knows-it', { refund_id: 'r' });
    expect(outcome(answer)).toEqual([404, 'payment_not_found']);
  });

  it('rejects a payment that is not charged yet with 409', async () => {
    const id = await charged();
    await twin.dynamodb(EAST_1).send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: { transaction_id: { S: id }, timestamp: { N: '0' } },
        UpdateExpression: 'SET #status = :accepted',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':accepted': { S: 'ACCEPTED' } },
      }),
    );
    const answer = await refund(EAST_2, id, { refund_id: 'r' });
    expect(outcome(answer)).toEqual([409, 'payment_still_open']);
    expect(inLedger(id)).toEqual([]);
  });
});

describe('a declined payment', () => {
  it('gets 402 and the reason in each Region, is shown as DECLINED, and refunds nothing', async () => {
    const payment = newPayment({ customer_id: 'decline-me' });
    const id = payment.transaction_id;
    const declined = {
      status: 402,
      code: 'payment_declined',
      decline_reason: 'insufficient_funds',
    };
    for (const region of [EAST_1, EAST_2, EAST_1]) {
      expect((await pay(region, payment)).json()).toMatchObject(declined);
    }
    for (const region of REGIONS) {
      const shown = await call(`${apiOf(twin, region)}/payments/${id}`);
      expect(SCHEMAS.PaymentDetail.parse(shown.json())).toMatchObject({
        status: 'DECLINED',
        decline_reason: 'insufficient_funds',
        amount: '99.99',
      });
    }
    expect(outcome(await refund(EAST_2, id, { refund_id: 'r' }))).toEqual([
      409,
      'payment_not_charged',
    ]);
    const { charges } = world.gateway.ledger.view();
    // One request in all: a repeat is answered from the journal.
    expect(charges.filter(({ key }) => key === id)).toMatchObject([
      { status: 'declined', count_of_requests: 1 },
    ]);
  });
});

describe('a bad refund request', () => {
  let one: Promise<string> | null = null;
  /** The payment that none of them gives anything back of. */
  function theOne(): Promise<string> {
    one ??= charged();
    return one;
  }

  it.each<{ name: string; body: string; code: ErrorCode }>([
    { name: 'no JSON', body: 'hello', code: 'invalid_json' },
    { name: 'an empty body', body: '', code: 'invalid_json' },
    { name: 'an array', body: '[]', code: 'invalid_body' },
    { name: 'no refund_id', body: '{"amount":1}', code: 'missing_field' },
    { name: 'an unknown field', body: '{"refund_id":"r","currency":"USD"}', code: 'unknown_field' },
    {
      name: 'a duplicate amount',
      body: '{"refund_id":"r","amount":1,"amount":2}',
      code: 'duplicate_field',
    },
    { name: 'a number as refund_id', body: '{"refund_id":5}', code: 'invalid_refund_id' },
    { name: 'an empty refund_id', body: '{"refund_id":""}', code: 'invalid_refund_id' },
    { name: 'a padded refund_id', body: '{"refund_id":" r"}', code: 'invalid_refund_id' },
    { name: 'NUL in refund_id', body: '{"refund_id":"a\\u0000"}', code: 'invalid_refund_id' },
    {
      name: 'a refund_id of 2,049 bytes',
      body: JSON.stringify({ refund_id: 'r'.repeat(2_049) }),
      code: 'invalid_refund_id',
    },
    { name: 'null as amount', body: '{"refund_id":"r","amount":null}', code: 'invalid_amount' },
    { name: 'text as amount', body: '{"refund_id":"r","amount":"all"}', code: 'invalid_amount' },
    { name: 'zero', body: '{"refund_id":"r","amount":0}', code: 'amount_not_positive' },
    {
      name: 'less than zero',
      body: '{"refund_id":"r","amount":"-1"}',
      code: 'amount_not_positive',
    },
    { name: 'half a cent', body: '{"refund_id":"r","amount":0.005}', code: 'amount_too_precise' },
    { name: '65,537 bytes', body: '{"refund_id":"r"}'.padEnd(65_537), code: 'body_too_large' },
  ])('rejects $name with $code', async ({ body, code }) => {
    const answer = await refund(EAST_2, await theOne(), body);
    expect(answer.status).toBe(code === 'body_too_large' ? 413 : 400);
    expect(SCHEMAS.Problem.parse(answer.json()).code).toBe(code);
  });

  it('has changed nothing', async () => {
    expect(await inJournal(await theOne())).toEqual([]);
    expect(inLedger(await theOne())).toEqual([]);
  });
});
