/** An isolated Region knows that it is a minority: it refuses, and never acknowledges alone. */

import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
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
  TABLE,
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

describe.each([
  [EAST_1, EAST_2],
  [EAST_2, EAST_1],
])('%s isolated', (isolated, other) => {
  it('acknowledges no payment, and says that the same request may be sent again', async () => {
    await twin.fault(isolated, 'isolate');
    const payments = Array.from({ length: 10 }, () => newPayment());
    const answers = await Promise.all(payments.map((payment) => pay(isolated, payment)));
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.json()).toMatchObject({ code: 'outcome_unknown' });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    // Nothing of them can be seen from the other side, and there they go through.
    for (const payment of payments) {
      expect(await itemsOf(twin.dynamodb(other), payment.transaction_id, true)).toEqual([]);
      expect((await pay(other, payment)).status).toBe(200);
    }
  });

  it('refuses writes and strong reads and serves what it had', async () => {
    const payment = newPayment();
    await pay(isolated, payment);
    await twin.fault(isolated, 'isolate');
    const client = twin.dynamodb(isolated);
    const Key = { transaction_id: { S: payment.transaction_id }, timestamp: { N: '0' } };
    await expect(
      client.send(new PutItemCommand({ TableName: TABLE, Item: Key })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    await expect(
      client.send(new GetItemCommand({ TableName: TABLE, Key, ConsistentRead: true })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    const stale = await client.send(new GetItemCommand({ TableName: TABLE, Key }));
    expect(stale.Item?.['status']?.S).toBe('PROCESSED');

    const late = newPayment();
    expect((await pay(other, late)).status).toBe(200);
    expect(await itemsOf(client, late.transaction_id)).toEqual([]);
    await twin.heal();
    expect(await itemsOf(client, late.transaction_id, true)).toHaveLength(2);
  });

  it('fails its health check while the other passes', async () => {
    await twin.fault(isolated, 'isolate');
    // The result of a probe is kept for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const health = await call(`${apiOf(twin, isolated)}/health`);
    expect([health.status, health.json()['code']]).toEqual([503, 'unavailable']);
    expect((await call(`${apiOf(twin, other)}/health`)).status).toBe(200);
  });
});
