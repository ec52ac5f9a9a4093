/** A dependency that hangs, fails or throttles: an answer in time, and nothing written later unseen. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
} from '../../support/running-twin.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterEach(async () => {
  await twin.heal();
});
afterAll(async () => {
  await twin.stop();
});

const pay = (where: string, body: unknown) => call(`${apiOf(twin, where)}/process`, { body });

describe('DynamoDB', () => {
  it('hanging: the outcome is unknown within ten seconds, and nothing appears afterwards', async () => {
    await twin.fault(EAST_1, 'latency', { service: 'dynamodb', latencyMs: 8_000 });
    const payment = newPayment();
    // `call` itself gives up after ten seconds: an answer that comes later fails the test.
    const answer = await call(`${apiOf(twin, EAST_1)}/process`, {
      body: payment,
      timeoutMs: 10_000,
    });
    expect([answer.status, answer.json()['code']]).toEqual([503, 'outcome_unknown']);
    expect(answer.json()['error']).toBe('Outcome unknown, retry with the same transaction_id');
    // Longer than the injected latency of the last attempt.
    await new Promise((resolve) => setTimeout(resolve, 8_500));
    expect(await itemsOf(twin.dynamodb(EAST_2), payment.transaction_id, true)).toEqual([]);
    expect((await pay(EAST_2, payment)).status).toBe(200);
  });

  it('failing every call: unknown, and the retry elsewhere goes through', async () => {
    await twin.fault(EAST_1, 'errors', { service: 'dynamodb', rate: 1 });
    const payment = newPayment();
    const answer = await pay(EAST_1, payment);
    expect([answer.status, answer.json()['code']]).toEqual([503, 'outcome_unknown']);
    expect((await pay(EAST_2, payment)).status).toBe(200);
  });

  it('throttling every call: unavailable, because nothing can have been stored', async () => {
    await twin.fault(EAST_1, 'throttle', { service: 'dynamodb', rate: 1 });
    const payment = newPayment();
    const answer = await pay(EAST_1, payment);
    expect([answer.status, answer.json()['code']]).toEqual([503, 'unavailable']);
    expect(await itemsOf(twin.dynamodb(EAST_2), payment.transaction_id, true)).toEqual([]);
  });

  it('failing one call in three: payments still go through, each once', async () => {
    await twin.fault(EAST_1, 'errors', { service: 'dynamodb', rate: 0.3 });
    const payments = Array.from({ length: 40 }, () => newPayment());
    const answers = await Promise.all(payments.map((payment) => pay(EAST_1, payment)));
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(30);
    await twin.heal();
    for (const [index, payment] of payments.entries()) {
      const retry = await pay(EAST_2, payment);
      expect(retry.status).toBe(200);
      if (answers[index]?.status === 200) expect(retry.text).toBe(answers[index]?.text);
      expect(await itemsOf(twin.dynamodb(EAST_2), payment.transaction_id, true)).toHaveLength(2);
    }
  });

  it.each(['PutItem', 'UpdateItem'])(
    'failing only %s leaves a payment that a retry completes',
    async (operation) => {
      await twin.fault(EAST_1, 'errors', { service: 'dynamodb', operation, rate: 1 });
      const payment = newPayment();
      const first = await pay(EAST_1, payment);
      await twin.heal();
      const retry = await pay(EAST_1, payment);
      expect(retry.status).toBe(200);
      // Without UpdateItem only the finish is missing: the payment was acknowledged.
      if (operation === 'UpdateItem') expect([first.status, first.text]).toEqual([200, retry.text]);
      else expect(first.status).toBe(503);
      const [journal] = await itemsOf(twin.dynamodb(EAST_1), payment.transaction_id, true);
      expect(journal).toMatchObject({ status: { S: 'PROCESSED' } });
      expect(journal).not.toHaveProperty('open');
    },
  );
});

describe('SNS', () => {
  it('failing: the payment is acknowledged, and a repeat publishes and finishes', async () => {
    await twin.fault(EAST_1, 'errors', { service: 'sns', rate: 1 });
    const payment = newPayment();
    const first = await pay(EAST_1, payment);
    expect(first.status).toBe(200);
    const [open] = await itemsOf(twin.dynamodb(EAST_1), payment.transaction_id, true);
    expect(open?.['open']?.S).toMatch(/^open#\d+$/);
    const read = await call(`${apiOf(twin, EAST_2)}/payments/${payment.transaction_id}`);
    expect(read.json()).toMatchObject({ status: 'PROCESSED' });
    await twin.heal();
    const repeat = await pay(EAST_2, payment);
    expect([repeat.status, repeat.text]).toEqual([200, first.text]);
    const [done] = await itemsOf(twin.dynamodb(EAST_1), payment.transaction_id, true);
    expect(done).not.toHaveProperty('open');
  });
});
