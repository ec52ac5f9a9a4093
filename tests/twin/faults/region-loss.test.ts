/**
 * A payment that us-east-1 acknowledged survives losing us-east-1, and the Region comes back with what
 * it missed: by kill (SIGKILL), isolate and freeze (SIGSTOP).
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allItems, canonical, itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
  type TestPayment,
  until,
} from '../../support/running-twin.ts';
import { holdfast } from '../ops/run-holdfast.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(async () => {
  await twin.stop();
});

const pay = (where: string, body: unknown) => call(`${apiOf(twin, where)}/process`, { body });

async function regionOf(name: string) {
  return (await twin.status()).regions.find((region) => region.name === name);
}

/** Traffic stays where the orchestrator sent it, if it came to that, until somebody brings it back. */
async function bringTrafficBack(): Promise<void> {
  await until('us-east-1 is well again', async () => {
    const response = await call(`${apiOf(twin, EAST_1)}/health`);
    return response.status === 200;
  });
  expect(await holdfast(twin, 'failback', '--force')).toMatchObject({ code: 0 });
  await until('us-east-1 is active again', async () => (await regionOf(EAST_1))?.active === true);
}

describe.each(['kill', 'isolate', 'freeze'])('%s of us-east-1', (fault) => {
  it('loses no acknowledged payment, takes new ones, and heals', async () => {
    const pidBefore = (await regionOf(EAST_1))?.pid;
    const payment = newPayment();
    const acknowledged = await pay(EAST_1, payment);
    expect(acknowledged.status).toBe(200);

    await twin.fault(EAST_1, fault);
    const retry = await pay(EAST_2, payment);
    expect([retry.status, retry.text]).toEqual([200, acknowledged.text]);
    expect(await itemsOf(twin.dynamodb(EAST_2), payment.transaction_id, true)).toHaveLength(2);

    const during = Array.from({ length: 20 }, () => newPayment());
    const answers = await Promise.all(during.map((one) => pay(EAST_2, one)));
    expect(answers.map(({ status }) => status)).toEqual(during.map(() => 200));

    await until('the global entry has moved to us-east-2', async () => {
      const entry = `${apiOf(twin, 'entry')}/process`;
      const options = { body: newPayment(), timeoutMs: 1_500 };
      const viaEntry = await call(entry, options).catch(() => null);
      return viaEntry?.status === 200 && viaEntry.headers.get('x-holdfast-region') === EAST_2;
    });

    await twin.heal(EAST_1);
    const healed = await regionOf(EAST_1);
    expect(healed?.condition).toBe('up');
    if (fault === 'kill') expect(healed?.pid).not.toBe(pidBefore);
    else expect(healed?.pid).toBe(pidBefore);

    await until('the replica has caught up', async () =>
      (await twin.status()).tables.every(({ caughtUp }) => caughtUp),
    );
    // Requests that waited in a frozen Region's sockets run when it wakes: compare until they are done.
    await until('both replicas hold the same items', async () => {
      const [east1, east2] = await Promise.all(
        [EAST_1, EAST_2].map(async (region) => canonical(await allItems(twin.dynamodb(region)))),
      );
      return JSON.stringify(east1) === JSON.stringify(east2);
    });
    for (const [index, one] of during.entries()) {
      const repeat = await pay(EAST_1, one);
      expect([repeat.status, repeat.text]).toEqual([200, answers[index]?.text]);
    }
    await bringTrafficBack();
  });
});

describe('a Region whose process dies by itself', () => {
  it('is lost as if it had been killed, is named, and comes back with heal', async () => {
    const payment = newPayment();
    const acknowledged = await pay(EAST_1, payment);
    const pid = (await regionOf(EAST_1))?.pid;
    if (pid === null || pid === undefined) throw new Error('no process');
    process.kill(pid, 'SIGKILL');
    await until('the twin has noticed', async () => (await regionOf(EAST_1))?.condition === 'dead');
    expect(twin.stderr()).toContain('us-east-1 ended by itself (SIGKILL)');
    expect((await pay(EAST_2, payment)).text).toBe(acknowledged.text);
    await twin.heal();
    expect((await pay(EAST_1, payment)).text).toBe(acknowledged.text);
    await bringTrafficBack();
  });
});

describe('killing a Region in the middle of its work', () => {
  it('loses nothing that was acknowledged, and every retry elsewhere completes once', async () => {
    const payments = Array.from({ length: 120 }, () => newPayment());
    const acknowledged = new Map<string, string>();
    let killing = false;
    // All at once is more than a busy machine ends in time: those callers are told to repeat, and do.
    async function payIn(region: string, payment: TestPayment): Promise<string | null> {
      while (region !== EAST_1 || !killing) {
        const answer = await pay(region, payment).catch(() => null);
        if (answer?.status === 200) return answer.text;
        if (answer !== null) expect(answer.json()['code']).toBe('outcome_unknown');
      }
      return null;
    }
    const paying = payments.map(async (payment) => {
      const text = await payIn(EAST_1, payment);
      if (text !== null) acknowledged.set(payment.transaction_id, text);
    });
    await until('some are answered', async () => acknowledged.size >= 10);
    killing = true;
    await Promise.all([twin.fault(EAST_1, 'kill'), ...paying]);
    const retries = await Promise.all(payments.map((payment) => payIn(EAST_2, payment)));
    for (const [index, { transaction_id }] of payments.entries()) {
      expect(retries[index]).toBe(acknowledged.get(transaction_id) ?? retries[index]);
      const items = await itemsOf(twin.dynamodb(EAST_2), transaction_id, true);
      expect(items.map((item) => item['status']?.S)).toEqual(['PROCESSED', 'PROCESSED']);
    }
    await twin.heal();
  });
});
