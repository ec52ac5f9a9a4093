/** The story of a Region that is left with payments that never reached the other one. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReconcileReport } from '#ops/reconcile.ts';
import { itemsOf } from '../../support/payments-table.ts';
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

let twin: RunningTwin;
let assembly: string;
beforeAll(async () => {
  assembly = mkdtempSync(join(tmpdir(), 'holdfast-eventual-'));
  await synthesizeTemplates(assembly, { consistency: 'eventual' });
  twin = await startTwinProcess({ synthesize: true, args: ['--assembly', assembly] });
});
afterAll(async () => {
  await twin?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

function pay(region: string, payment: ReturnType<typeof newPayment>) {
  return call(`${apiOf(twin, region)}/process`, { body: payment });
}

it('moves the lease, and brings what was stranded to the Region that has it now', async () => {
  const before = newPayment();
  expect((await pay(EAST_1, before)).status).toBe(200);
  await until('it is replicated', async () => {
    const items = await itemsOf(twin.dynamodb(EAST_2), before.transaction_id);
    return items.length === 2 && items[0]?.['status']?.S === 'PROCESSED';
  });
  // What this Region writes from now on reaches nobody for as long as the test takes.
  await twin.fault(EAST_1, 'lag', { latencyMs: 120_000 });
  const stranded = newPayment();
  const first = await pay(EAST_1, stranded);
  expect(first.status).toBe(200);
  expect((await pay(EAST_2, newPayment())).status).toBe(503);

  const early = await holdfast(twin, 'lease', 'take', EAST_2, '--planned');
  expect(early).toMatchObject({ code: 3 });
  expect(early.stderr).toContain('holdfast mode manual');
  expect(await holdfast(twin, 'mode', 'manual')).toMatchObject({ code: 0 });
  const alive = await holdfast(twin, 'lease', 'take', EAST_2, '--planned');
  expect(alive).toMatchObject({ code: 0 });
  expect(alive.stdout).toContain(`${EAST_2} holds the lease, epoch 2`);

  const found = await holdfastJson<ReconcileReport>(twin, 'reconcile', '--settle', '0');
  expect(found).toMatchObject({ consistency: 'eventual', counts: { stranded: 1 }, left: 1 });
  const repaired = await holdfast(twin, 'reconcile', '--repair', '--settle', '0');
  expect(repaired).toMatchObject({ code: 0 });

  // The same answer as the first time, from the Region that had never heard of it.
  const again = await pay(EAST_2, stranded);
  expect(again.json()).toEqual(first.json());
  const clean = await holdfast(twin, 'reconcile', '--settle', '0');
  expect(clean).toMatchObject({ code: 0 });
  expect(clean.stdout).toContain('Nothing to reconcile');
});
