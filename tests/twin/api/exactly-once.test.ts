/** One payment is one payment, however many copies of it arrive, wherever. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  REGIONS,
  type RunningTwin,
  startTwinProcess,
} from '../../support/running-twin.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(async () => {
  await twin.stop();
});

const pay = (where: string, body: unknown) => call(`${apiOf(twin, where)}/process`, { body });

describe('concurrent copies', () => {
  it.each([1, 2, 3])(
    'fifty over both Regions give fifty identical answers and one payment item (round %i)',
    async () => {
      const payment = newPayment();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_unused, index) => pay(REGIONS[index % 2] ?? EAST_1, payment)),
      );
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      expect(answers[0]?.status).toBe(200);
      for (const region of REGIONS) {
        const items = await itemsOf(twin.dynamodb(region), payment.transaction_id);
        expect(items).toHaveLength(2);
        expect(items.map((item) => item['timestamp']?.N)).toEqual([
          '0',
          String(answers[0]?.json()['timestamp']),
        ]);
        expect(items[0]).toMatchObject({ status: { S: 'PROCESSED' } });
        expect(items[0]).not.toHaveProperty('open');
      }
    },
  );

  it('of two different payments under one id, exactly one wins and the other gets 409', async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = newPayment({ amount: 10 });
      const other = { ...one, amount: 20 };
      const answers = await Promise.all([
        pay(EAST_1, one),
        pay(EAST_2, other),
        pay(EAST_2, one),
        pay(EAST_1, other),
      ]);
      const [first, second] = [
        [answers[0], answers[2]],
        [answers[1], answers[3]],
      ].map((pair) => pair.map((answer) => answer?.status));
      expect([first, second]).toContainEqual([200, 200]);
      expect([first, second]).toContainEqual([409, 409]);
      const items = await itemsOf(twin.dynamodb(EAST_1), one.transaction_id, true);
      const amount = first?.[0] === 200 ? '10.00' : '20.00';
      expect(items.map((item) => item['amount']?.S ?? item['request']?.M?.['amount']?.S)).toEqual([
        amount,
        amount,
      ]);
    }
  });
});

describe('a repeat', () => {
  it.each([
    ['amount', { amount: 100 }],
    ['currency', { currency: 'EUR' }],
    ['customer', { customer_id: 'cust-2' }],
  ])('with another %s gets 409 and changes nothing', async (_what, change) => {
    const payment = newPayment();
    expect((await pay(EAST_1, payment)).status).toBe(200);
    const before = await itemsOf(twin.dynamodb(EAST_1), payment.transaction_id, true);
    const answer = await pay(EAST_2, { ...payment, ...change });
    expect([answer.status, answer.json()['code']]).toEqual([409, 'transaction_conflict']);
    for (const region of REGIONS) {
      const after = await itemsOf(twin.dynamodb(region), payment.transaction_id, true);
      expect(after).toEqual(before);
    }
  });

  it('that means the same gets the same answer, in other words and elsewhere', async () => {
    const payment = newPayment({ amount: 10 });
    const first = await pay(EAST_1, payment);
    const { transaction_id, customer_id } = payment;
    for (const body of [
      `{"currency":"USD","amount":10.0,"customer_id":"${customer_id}","transaction_id":"${transaction_id}"}`,
      `\n{ "transaction_id" : "${transaction_id}", "customer_id":"${customer_id}", "amount":"10.00", "currency":"USD" } `,
      `{"transaction_id":"${transaction_id}","customer_id":"${customer_id}","amount":1e1,"currency":"\\u0055SD"}`,
    ]) {
      const answer = await pay(EAST_2, body);
      expect([answer.status, answer.text]).toEqual([200, first.text]);
    }
  });
});
