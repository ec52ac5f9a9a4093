/** A Region that crashes exactly between two steps: the call has taken effect, or it has not. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
afterAll(async () => {
  await twin.stop();
});

const pay = (where: string, body: unknown) => call(`${apiOf(twin, where)}/process`, { body });

describe.each([
  { moment: 'before', skip: 0, items: 0 },
  { moment: 'after', skip: 0, items: 1 },
  { moment: 'before', skip: 1, items: 1 },
  { moment: 'after', skip: 1, items: 2 },
])('a crash $moment a PutItem, $skip skipped', ({ moment, skip, items }) => {
  it(`leaves ${items} items, kills the Region, and the other one finishes the payment`, async () => {
    const payment = newPayment();
    const at = { service: 'dynamodb', operation: 'PutItem', moment, skip };
    await twin.fault(EAST_1, 'crash', at);
    await expect(pay(EAST_1, payment)).rejects.toThrow(/fetch failed|socket|ECONNRESET/);
    const dynamodb = twin.dynamodb(EAST_2);
    expect(await itemsOf(dynamodb, payment.transaction_id, true)).toHaveLength(items);

    const region = (await twin.status()).regions.find(({ name }) => name === EAST_1);
    expect(region).toMatchObject({ condition: 'killed', pid: null });
    expect(region?.faults.map(({ kind }) => kind)).toEqual(['kill']);

    expect((await pay(EAST_2, payment)).status).toBe(200);
    expect(await itemsOf(dynamodb, payment.transaction_id, true)).toHaveLength(2);
    await twin.heal(EAST_1);
    expect((await pay(EAST_1, payment)).status).toBe(200);
  });
});
