import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { showLease, takeLease } from '#ops/lease.ts';
import {
  EAST_1,
  EAST_2,
  environmentOf,
  lostRegion,
  startRegion,
  type TestRegion,
} from './dynalite-environment.ts';

const CONTROL = 'payments-control-dev';
let east2: TestRegion;
beforeEach(async () => {
  east2 = await startRegion(EAST_2);
});
afterEach(async () => {
  await east2.close();
});

async function put(holder: string, renewals: number, more: Record<string, { S: string }> = {}) {
  const counts = { epoch: { N: '4' }, renewals: { N: String(renewals) } };
  const key = { scope: { S: 'lease' }, sequence: { N: '0' } };
  await east2.put({ ...key, holder: { S: holder }, ...counts, ...more }, CONTROL);
}

const environment = (slept: number[] = []) => environmentOf([lostRegion(EAST_1), east2], slept);

describe('the lease', () => {
  it('is shown by whichever Region answers', async () => {
    expect(await showLease(environment())).toBeNull();
    await put(EAST_1, 9);
    expect(await showLease(environment())).toEqual({
      holder: EAST_1,
      epoch: 4,
      renewals: 9,
      handingTo: null,
      routingEpoch: null,
    });
  });

  it('is taken from a Region that is silent, after 12 s that are counted down', async () => {
    await put(EAST_1, 9);
    const slept: number[] = [];
    const told: number[] = [];
    const request = { region: EAST_2, planned: false };
    const takeover = await takeLease(request, environment(slept), (left) => told.push(left));
    expect(takeover).toMatchObject({ kind: 'taken', lease: { holder: EAST_2, epoch: 5 } });
    expect(slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(12_000);
    expect(told).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('is left to a Region that renews it meanwhile', async () => {
    await put(EAST_1, 9);
    const request = { region: EAST_2, planned: false };
    const base = environment();
    let renewals = 9;
    const sleep = () => {
      renewals += 1;
      return put(EAST_1, renewals);
    };
    const attempts = { ...base.attempts, sleep };
    const takeover = await takeLease(request, { ...base, attempts }, () => undefined);
    expect(takeover.kind).toBe('alive');
    expect(await showLease(base)).toMatchObject({ holder: EAST_1, epoch: 4 });
  });

  it('is told to a Region that lives when the hand-over is planned', async () => {
    await put(EAST_1, 9);
    const seen: unknown[] = [];
    const base = environment();
    const attempts = {
      ...base.attempts,
      sleep: async () => void seen.push((await showLease(base))?.handingTo),
    };
    const request = { region: EAST_2, planned: true };
    const takeover = await takeLease(request, { ...base, attempts }, () => undefined);
    expect(seen).toContain(EAST_2);
    expect(takeover).toMatchObject({ kind: 'taken', lease: { handingTo: null } });
  });

  it('that was not taken after its holder was told to stop says so: nobody may write', async () => {
    await put(EAST_1, 9);
    const base = environment();
    const sleep = async () => Promise.reject(new AppError('unavailable', 'no network'));
    const attempts = { ...base.attempts, sleep };
    const stopped: string[] = [];
    const take = (planned: boolean) =>
      takeLease(
        { region: EAST_2, planned },
        { ...base, attempts },
        () => undefined,
        (holder) => stopped.push(holder),
      );
    await expect(take(false)).rejects.toMatchObject({
      message: 'the lease was not taken: no network',
    });
    expect(stopped).toEqual([]);
    await expect(take(true)).rejects.toMatchObject({
      kind: 'fault',
      message: expect.stringMatching(
        /us-east-1 was told to stop, and nobody takes payments: repeat this$/,
      ) as string,
    });
    expect(stopped).toEqual([EAST_1]);
  });

  it('goes to no Region whose payments do not answer', async () => {
    await put(EAST_2, 9);
    await expect(
      takeLease({ region: EAST_1, planned: false }, environment(), () => undefined),
    ).rejects.toMatchObject({ kind: 'refused' });
  });

  it('rejects a Region that is not of this environment', async () => {
    await expect(
      takeLease({ region: 'eu-west-1', planned: false }, environment(), () => undefined),
    ).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining(EAST_2) as string });
  });

  it('is refused where the table itself keeps Regions apart', async () => {
    const send = async () => ({ Table: { MultiRegionConsistency: 'STRONG' } });
    const strong = { ...east2, dynamodb: { send } as unknown as DynamoDBClient };
    await expect(showLease(environmentOf([strong]))).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('there is no lease') as string,
    });
  });
});
