import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeRouting } from '#ops/routing/change-routing.ts';
import { connectRouting } from '#ops/routing/connect-routing.ts';
import { showHistory } from '#ops/routing/show-routing.ts';
import {
  EAST_1,
  EAST_2,
  environmentOf,
  lostRegion,
  NOW,
  startRegion,
  type TestRegion,
} from '../dynalite-environment.ts';

let east2: TestRegion;
beforeEach(async () => {
  east2 = await startRegion(EAST_2);
});
afterEach(async () => {
  await east2.close();
});

async function open(transactionId: string, dueAtEpochMs: number) {
  await east2.put({
    ...{ transaction_id: { S: transactionId }, timestamp: { N: '0' }, open: { S: 'open#3' } },
    ...{ due_at: { N: String(dueAtEpochMs) }, payment_timestamp: { N: '1700000000' } },
  });
}

const environment = () => environmentOf([lostRegion(EAST_1), east2]);

describe('connectRouting', () => {
  it('serves the log and the heartbeats from the Region that answers', async () => {
    await east2.put(
      {
        ...{ scope: { S: 'presence' }, sequence: { N: '1' }, region: { S: EAST_2 } },
        ...{ api_url: { S: 'https://api.example/' }, serving: { BOOL: true } },
        ...{ policy: { S: 'active-active' }, followed_epoch: { N: '0' } },
        ...{ beat: { N: '3' }, at: { N: String(NOW) }, healthy_since: { NULL: true } },
      },
      'payments-control-dev',
    );
    const world = connectRouting(environment());
    expect(world.regions).toEqual([EAST_1, EAST_2]);
    expect(await world.presences()).toMatchObject([{ region: EAST_2, beat: 3 }]);
    const verb = { actor: 'ann', reason: 'a drill', verb: 'mode', mode: 'manual' } as const;
    await changeRouting(verb, false, world, () => undefined);
    expect(await showHistory(9, world)).toMatchObject({
      ...{ entries: [{ epoch: 1, mode: 'manual', active: [EAST_1, EAST_2] }], fault: null },
    });
  });

  it('asks the preferred Regions first, and leaves the primary the first of them', async () => {
    const other = await startRegion(EAST_1);
    const world = connectRouting(environmentOf([other, east2]), ({ region }) => region === EAST_2);
    const verb = { actor: 'ann', reason: 'a drill', verb: 'mode', mode: 'manual' } as const;
    await changeRouting(verb, false, world, () => undefined);
    expect(world.regions).toEqual([EAST_1, EAST_2]);
    expect(await east2.items('payments-control-dev')).toHaveLength(1);
    expect(await other.items('payments-control-dev')).toHaveLength(0);
    await other.close();
  });

  it('counts what is overdue in the replicas that can be read', async () => {
    await open('due', NOW - 1);
    await open('not-yet', NOW + 60_000);
    expect(await connectRouting(environment()).overduePayments()).toBe(1);
    await expect(
      connectRouting(environmentOf([lostRegion(EAST_1)])).overduePayments(),
    ).rejects.toMatchObject({ kind: 'fault' });
  });

  it('says why a replica gives no strong read', async () => {
    const world = connectRouting(environment());
    expect(await world.replicaFault(EAST_2)).toBeNull();
    expect(await world.replicaFault(EAST_1)).toContain('health probe');
  });

  it('takes the lease where tables are eventually consistent', async () => {
    const world = connectRouting(environment());
    expect(await world.takeLease(EAST_2, 4, () => undefined)).toMatchObject({
      kind: 'taken',
      lease: { holder: EAST_2 },
    });
  });

  it('needs no lease where they are strongly consistent', async () => {
    const send = async () => ({ Table: { MultiRegionConsistency: 'STRONG' } });
    const strong = { ...east2, dynamodb: { send } as unknown as TestRegion['dynamodb'] };
    expect(await connectRouting(environmentOf([strong])).takeLease(EAST_2, 4, () => {})).toBeNull();
  });

  it('takes an alarm that can not be asked for unknown', async () => {
    const answers = {
      CompositeAlarms: [{ AlarmName: 'payment-region-impaired-dev', StateValue: 'ALARM' }],
    };
    const cloudwatch = { send: async () => answers } as unknown as CloudWatchClient;
    const world = connectRouting(environmentOf([lostRegion(EAST_1), { ...east2, cloudwatch }]));
    expect(await world.alarmOf(EAST_1)).toBe('unknown');
    expect(await world.alarmOf(EAST_2)).toBe('impaired');
  });
});
