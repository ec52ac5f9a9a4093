import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { firstState, nextEntry, type RoutingNote } from '#core/routing/routing-log.ts';
import { showLease } from '#ops/lease.ts';
import { connectRouting } from '#ops/routing/connect-routing.ts';
import { takeLeaseByHand } from '#ops/take-lease-by-hand.ts';
import {
  EAST_1,
  EAST_2,
  environmentOf,
  lostRegion,
  NOW,
  startRegion,
  type TestRegion,
} from './dynalite-environment.ts';

let east2: TestRegion;
beforeEach(async () => {
  east2 = await startRegion(EAST_2);
  await east2.put(
    {
      ...{ scope: { S: 'lease' }, sequence: { N: '0' }, holder: { S: EAST_1 } },
      ...{ epoch: { N: '4' }, renewals: { N: '9' } },
    },
    'payments-control-dev',
  );
});
afterEach(async () => {
  await east2.close();
});

const environment = () => environmentOf([lostRegion(EAST_1), east2]);
const take = (region: string, planned = false) =>
  takeLeaseByHand({ region, planned }, environment(), () => undefined);

/** Appends what somebody did. */
async function write(changes: Pick<RoutingNote, 'change' | 'mode' | 'active'>) {
  const { log, deadline } = connectRouting(environment());
  const newest = await log.newest(deadline());
  const note: RoutingNote = {
    ...{ entryId: `e${newest?.epoch ?? 0}`, atEpochMs: NOW, actor: 'ann', reason: 'a drill' },
    ...{ drained: [], evidence: '{}', ...changes },
  };
  const first = firstState('active-passive', [EAST_1, EAST_2]);
  await log.append(nextEntry(newest, first, note, sha256Hex), deadline());
}

describe('takeLeaseByHand', () => {
  it('rejects a Region that traffic does not go to in auto mode, planned or not, and says what to do', async () => {
    for (const planned of [false, true]) {
      await expect(take(EAST_2, planned)).rejects.toMatchObject({
        kind: 'refused',
        message:
          'traffic goes to us-east-1, whose orchestrator would take the lease back; move both with ' +
          '"holdfast failover --to us-east-2", or stop the automation first with "holdfast mode manual"',
      });
    }
    expect(await showLease(environment())).toMatchObject({ holder: EAST_1, handingTo: null });
  });

  it('gives it to the Region that traffic goes to', async () => {
    await write({ change: 'failover', mode: 'auto', active: [EAST_2] });
    expect(await take(EAST_2)).toMatchObject({
      ...{ kind: 'taken', lease: { holder: EAST_2, routingEpoch: null } },
    });
  });

  it('gives it to any Region in manual mode, for more than every entry and less than the next', async () => {
    await write({ change: 'failover', mode: 'auto', active: [EAST_2] });
    await write({ change: 'failback', mode: 'auto', active: [EAST_1] });
    await write({ change: 'mode', mode: 'manual', active: [EAST_1] });
    expect(await take(EAST_2)).toMatchObject({
      ...{ kind: 'taken', lease: { holder: EAST_2, epoch: 5, routingEpoch: 4 } },
    });
  });

  it('rejects a Region that is not of this environment as a mistake, and any where there is no lease', async () => {
    await expect(take('eu-west-1')).rejects.toMatchObject({ kind: 'usage' });
    const send = async () => ({ Table: { MultiRegionConsistency: 'STRONG' } });
    const strong = environmentOf([{ ...east2, dynamodb: { send } as unknown as DynamoDBClient }]);
    await expect(
      takeLeaseByHand({ region: EAST_2, planned: false }, strong, () => undefined),
    ).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('no lease') as string,
    });
  });
});
