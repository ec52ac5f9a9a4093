/** Operators move traffic by hand, on a twin whose orchestrators are at work. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChangeReport } from '#ops/routing/change-routing.ts';
import type { HistoryReport, RoutingReport } from '#ops/routing/show-routing.ts';
import { synthesizeTemplates } from '../../support/prepared-assembly.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
  until,
} from '../../support/running-twin.ts';
import { holdfast, holdfastJson } from './run-holdfast.ts';

async function epochOf(twin: RunningTwin): Promise<number> {
  return (await holdfastJson<RoutingReport>(twin, 'routing')).state.epoch;
}

async function dnsSendsTo(twin: RunningTwin, region: string): Promise<void> {
  await until(`DNS sends clients to ${region}`, async () => {
    const { regions } = await twin.status();
    return regions.every(({ name, active }) => active === (name === region));
  });
}

describe('with strongly consistent tables', () => {
  let twin: RunningTwin;
  beforeAll(async () => {
    twin = await startTwinProcess();
    await until('both orchestrators have found their Regions healthy', async () => {
      const { regions } = await holdfastJson<RoutingReport>(twin, 'routing');
      return regions.every(({ presence }) => presence?.healthySinceEpochMs !== null && presence);
    });
  });
  afterAll(async () => {
    await twin?.stop();
  });

  it('moves traffic, and DNS follows', async () => {
    const done = await holdfast(twin, 'failover', '--to', EAST_2, '--reason', 'a drill');
    expect(done).toMatchObject({ code: 0 });
    expect(done.stdout).toContain(`failover: from ${EAST_1} to ${EAST_2}`);
    await dnsSendsTo(twin, EAST_2);
    const again = await holdfastJson<ChangeReport>(twin, 'failover', '--to', EAST_2);
    expect(again).toMatchObject({ outcome: 'already', entry: null, state: { epoch: 1 } });
  });

  it('refuses to bring it back to a Region that has only just come up, unless it is forced', async () => {
    await twin.fault(EAST_1, 'kill');
    expect(await holdfast(twin, 'failback')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('--force') as string,
    });
    await twin.heal(EAST_1);
    await until('the primary serves again', async () => {
      const { status } = await call(`${apiOf(twin, EAST_1)}/health`, { timeoutMs: 2_000 });
      return status === 200;
    });
    const soaking = await holdfast(twin, 'failback');
    expect(soaking).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(EAST_1) as string,
    });
    expect(await epochOf(twin)).toBe(1);
  });

  it('makes one epoch of operators who press at once', async () => {
    const verb = ['failback', '--force', '--json'];
    const results = await Promise.all(
      ['ann', 'bob', 'eve'].map((actor) => holdfast(twin, ...verb, '--actor', actor)),
    );
    expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
    const reports = results.map(({ stdout }) => JSON.parse(stdout) as ChangeReport);
    const changed = reports.filter(({ outcome }) => outcome === 'changed');
    expect(changed).toHaveLength(1);
    expect(await epochOf(twin)).toBe(2);
    await dnsSendsTo(twin, EAST_1);
  });

  it('puts a Region out of service and back', async () => {
    expect(await holdfast(twin, 'drain', EAST_2)).toMatchObject({ code: 0 });
    expect(await holdfast(twin, 'failover', '--to', EAST_2)).toMatchObject({ code: 3 });
    expect(await holdfast(twin, 'drain', EAST_1)).toMatchObject({ code: 2 });
    expect(await holdfast(twin, 'drain', EAST_2, '--end')).toMatchObject({ code: 0 });
  });

  it('leaves a lost Region by hand while the automation is stopped', async () => {
    expect(await holdfast(twin, 'mode', 'manual')).toMatchObject({ code: 0 });
    const before = await epochOf(twin);
    await twin.fault(EAST_1, 'kill');
    const report = await holdfastJson<ChangeReport>(twin, 'failover', '--to', EAST_2);
    expect(report).toMatchObject({
      outcome: 'changed',
      state: { epoch: before + 1, mode: 'manual' },
      traffic: { isSettled: true },
    });
    await dnsSendsTo(twin, EAST_2);
    const paid = await call(`${apiOf(twin, EAST_2)}/process`, { body: newPayment() });
    expect(paid.status).toBe(200);
    await twin.heal(EAST_1);
  });

  it('shows all of it, and finds the entry that somebody changed', async () => {
    const history = await holdfastJson<HistoryReport>(twin, 'history');
    expect(history).toMatchObject({ fault: null, total: history.entries.length });
    expect(history.entries.map(({ change }) => change)).toEqual([
      ...['failover', 'failback', 'drain', 'undrain', 'mode', 'failover'],
    ]);
    await twin.dynamodb(EAST_2).send(
      new UpdateItemCommand({
        TableName: 'payments-control-dev',
        Key: { scope: { S: 'routing' }, sequence: { N: '2' } },
        UpdateExpression: 'SET actor = :actor',
        ExpressionAttributeValues: { ':actor': { S: 'mallory' } },
      }),
    );
    const broken = await holdfast(twin, 'history', '--limit', '1');
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain('The chain is broken at epoch 3');
  });
});

describe('with eventually consistent tables', () => {
  let twin: RunningTwin;
  let assembly: string;
  beforeAll(async () => {
    assembly = mkdtempSync(join(tmpdir(), 'holdfast-routing-'));
    await synthesizeTemplates(assembly, { consistency: 'eventual' });
    twin = await startTwinProcess({ synthesize: true, args: ['--assembly', assembly] });
  });
  afterAll(async () => {
    await twin?.stop();
    rmSync(assembly, { recursive: true, force: true });
  });

  it('has the lease follow the traffic', async () => {
    const pay = (region: string) =>
      call(`${apiOf(twin, region)}/process`, { body: newPayment() }).then(({ status }) => status);
    expect(await pay(EAST_1)).toBe(200);
    const report = await holdfastJson<ChangeReport>(twin, 'failover', '--to', EAST_2);
    expect(report).toMatchObject({
      ...{ outcome: 'changed', traffic: { isSettled: true } },
      lease: { kind: 'held', region: EAST_2 },
    });
    expect(await pay(EAST_2)).toBe(200);
    expect(await pay(EAST_1)).toBe(503);
  });
});
