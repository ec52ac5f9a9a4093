/** What moves traffic and what does not, with both Regions' orchestrators, alarms and DNS at work. */

import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  REGIONS,
  type RunningTwin,
  startTwinProcess,
  until,
} from '../../support/running-twin.ts';
import { holdfast } from '../ops/run-holdfast.ts';

let twin: RunningTwin;
beforeAll(async () => {
  twin = await startTwinProcess();
});
afterAll(() => twin?.stop());

/** The routing log, oldest first: what changed, and where traffic went. */
async function routingLog(): Promise<string[]> {
  const { Items: items = [] } = await twin.dynamodb(EAST_2).send(
    new QueryCommand({
      TableName: 'payments-control-dev',
      KeyConditionExpression: '#scope = :routing',
      ExpressionAttributeNames: { '#scope': 'scope' },
      ExpressionAttributeValues: { ':routing': { S: 'routing' } },
      ConsistentRead: true,
    }),
  );
  return items.map((item) => `${item['change']?.S} ${item['active']?.L?.map(({ S }) => S).join()}`);
}

async function alarmStates(region: string): Promise<ReadonlyMap<string, string>> {
  const status = (await twin.status()).regions.find(({ name }) => name === region);
  return new Map(status?.alarms.map(({ name, state }) => [name, state]));
}

const IMPAIRED = 'payment-region-impaired-dev';

/** Calls `request` at this rate until it is stopped; failures of it are the point. */
function atRate(perSecond: number, request: () => Promise<unknown>): () => Promise<void> {
  const running: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    running.push(request().catch(() => undefined));
  }, 1_000 / perSecond);
  return async () => {
    clearInterval(timer);
    await Promise.all(running);
  };
}

const payIn = (region: string) => () =>
  call(`${apiOf(twin, region)}/process`, { body: newPayment(), timeoutMs: 5_000 });

/** CloudWatch's time goes twelve times as fast here: five minutes of it. */
const FIVE_MINUTES_MS = 25_000;
const PATIENCE = { timeout: 60_000, interval: 250 } as const;

describe('traffic', () => {
  beforeEach(async () => {
    // Alarms of what must happen each minute ring in a twin that has just been started.
    await until('both Regions are well and no alarm rings', async () => {
      const states = await Promise.all(REGIONS.map(alarmStates));
      return states.every(
        (one) =>
          one.get('payment-sweeper-silent-dev') === 'OK' && ![...one.values()].includes('ALARM'),
      );
    });
  });

  it('stays through five minutes of ten bad requests a second', async () => {
    const bad = () =>
      call(`${apiOf(twin, EAST_1)}/process`, { body: { ...newPayment(), amount: 'ten' } });
    const stop = atRate(10, bad);
    const seen = new Set<string>();
    const endAt = Date.now() + FIVE_MINUTES_MS;
    while (Date.now() < endAt) {
      for (const [name, state] of await alarmStates(EAST_1)) if (state === 'ALARM') seen.add(name);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await stop();
    expect((await bad()).status).toBe(400);
    expect([...seen]).toEqual([]);
    expect(await routingLog()).toEqual([]);
  });

  it('stays while both Regions are impaired', async () => {
    for (const region of REGIONS) {
      await twin.fault(region, 'errors', { service: 'dynamodb', operation: 'PutItem', rate: 1 });
    }
    const stops = REGIONS.map((region) => atRate(12, payIn(region)));
    await expect
      .poll(async () => {
        const states = await Promise.all(REGIONS.map(alarmStates));
        return states.map((one) => one.get(IMPAIRED));
      }, PATIENCE)
      .toEqual(['ALARM', 'ALARM']);
    // Both orchestrators have been told, and look each second.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    expect(await routingLog()).toEqual([]);
    // Together: a Region that is healed first would rightly be moved to.
    await twin.heal();
    await Promise.all(stops.map((stop) => stop()));
  });

  it('moves once when two operators and the orchestrator want it at once', async () => {
    const before = (await routingLog()).length;
    await twin.fault(EAST_1, 'errors', { service: 'dynamodb', operation: 'PutItem', rate: 1 });
    const stop = atRate(12, payIn(EAST_1));
    await expect
      .poll(async () => (await alarmStates(EAST_1)).get(IMPAIRED), PATIENCE)
      .toBe('ALARM');
    const operators = await Promise.all(
      ['ann', 'bob'].map((actor) =>
        holdfast(twin, 'failover', '--to', EAST_2, '--actor', actor, '--reason', 'it is slow'),
      ),
    );
    // Done, done already, or told that somebody else was first.
    for (const { code } of operators) expect([0, 3]).toContain(code);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await stop();
    expect((await routingLog()).slice(before)).toEqual([`failover ${EAST_2}`]);
    await twin.heal();
    expect(await holdfast(twin, 'history')).toMatchObject({ code: 0 });
  });
});
