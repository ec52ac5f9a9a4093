/**
 * Eventually consistent tables: a primary cut off in the middle of its load, with payments that it
 * acknowledged and that never reached the other Region.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReconcileReport } from '#ops/reconcile.ts';
import { allItems, type Item } from '../../support/payments-table.ts';
import { synthesizeTemplates } from '../../support/prepared-assembly.ts';
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
import { holdfast, holdfastJson } from '../ops/run-holdfast.ts';

const LAG_MS = 2_000;
const PAYMENTS = 80;

let twin: RunningTwin;
let assembly: string;
beforeAll(async () => {
  assembly = mkdtempSync(join(tmpdir(), 'holdfast-eventual-'));
  await synthesizeTemplates(assembly, { consistency: 'eventual' });
  twin = await startTwinProcess({ synthesize: true, args: ['--assembly', assembly] });
  // The lease is moved by hand here, step by step.
  const { code, stderr } = await holdfast(twin, 'mode', 'manual');
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await twin?.stop();
  rmSync(assembly, { recursive: true, force: true });
});

function pay(region: string, payment: TestPayment) {
  return call(`${apiOf(twin, region)}/process`, { body: payment });
}

/** Transactions that a Region's own replica knows. */
async function knownIn(region: string): Promise<ReadonlySet<string>> {
  const items = await allItems(twin.dynamodb(region));
  return new Set(items.map((item) => item['transaction_id']?.S ?? ''));
}

/** Payment records in effect, by transaction. */
function effectiveOf(items: readonly Item[]): Map<string, Item[]> {
  const records = items.filter((item) => item['status']?.S === 'PROCESSED' && item['customer_id']);
  return Map.groupBy(records, (item) => item['transaction_id']?.S ?? '');
}

describe('a primary that is cut off in mid-load', () => {
  const acknowledged = new Map<string, TestPayment>();
  const refused: TestPayment[] = [];
  let stranded: ReadonlySet<string>;
  const retried: string[] = [];

  it('acknowledges nothing once its lease has lapsed', async () => {
    await twin.fault(EAST_1, 'lag', { latencyMs: LAG_MS });
    const payments = Array.from({ length: PAYMENTS }, () => newPayment());
    const load = async (batch: readonly TestPayment[]): Promise<void> => {
      for (const payment of batch) {
        const { status } = await pay(EAST_1, payment);
        if (status === 200) acknowledged.set(payment.transaction_id, payment);
        else refused.push(payment);
      }
    };
    const half = payments.slice(0, PAYMENTS / 2);
    const rest = payments.slice(PAYMENTS / 2);
    await load(half);
    const cut = twin.fault(EAST_1, 'isolate');
    await Promise.all([cut, load(rest)]);
    const last = newPayment();
    await until('the lease lapses', async () => {
      const { status } = await pay(EAST_1, last);
      if (status === 200) acknowledged.set(last.transaction_id, last);
      return status === 503;
    });
    expect(acknowledged.size).toBeGreaterThan(half.length / 2);
    for (let again = 0; again < 3; again += 1) {
      expect((await pay(EAST_1, newPayment())).status).toBe(503);
    }
  });

  it('leaves the other Region refused until the lease has been waited out', async () => {
    const before = await pay(EAST_2, newPayment());
    expect(before.status).toBe(503);
    expect(before.json()['code']).toBe('region_not_active');
    const known = await knownIn(EAST_2);
    stranded = new Set([...acknowledged.keys()].filter((id) => !known.has(id)));
    expect(stranded.size).toBeGreaterThan(0);

    const taken = await holdfast(twin, 'lease', 'take', EAST_2);
    expect(taken).toMatchObject({ code: 0 });
    expect((await pay(EAST_2, newPayment())).status).toBe(200);
  });

  it('is reported by reconcile with exactly the payments that clients were told of', async () => {
    const report = await holdfastJson<ReconcileReport>(twin, 'reconcile', '--settle', '1');
    const found = report.findings
      .filter(({ kind }) => kind === 'stranded')
      .map(({ transactionId }) => transactionId);
    expect(found.toSorted()).toEqual([...stranded].toSorted());
    expect(report.counts).toMatchObject({ stranded: stranded.size });
    expect(report.counts.conflict ?? 0).toBe(0);
  });

  it('reports the ones that clients have retried meanwhile as conflicts', async () => {
    for (const id of [...stranded].slice(0, 5)) {
      const payment = acknowledged.get(id);
      if (payment === undefined) throw new Error('a stranded payment was acknowledged');
      expect((await pay(EAST_2, payment)).status).toBe(200);
      retried.push(id);
    }
    const report = await holdfastJson<ReconcileReport>(twin, 'reconcile', '--settle', '1');
    const idsOf = (kind: string): string[] =>
      report.findings
        .filter((finding) => finding.kind === kind)
        .map(({ transactionId }) => transactionId)
        .toSorted();
    expect(idsOf('conflict')).toEqual(retried.toSorted());
    const others = [...stranded].filter((id) => !retried.includes(id));
    expect(idsOf('stranded')).toEqual(others.toSorted());
  });

  it('has each payment in effect once after the repair, also when replication comes back', async () => {
    const repaired = await holdfast(twin, 'reconcile', '--repair', '--settle', '1');
    expect(repaired).toMatchObject({ code: 0 });
    const assertOnce = async (region: string): Promise<void> => {
      const effective = effectiveOf(await allItems(twin.dynamodb(region)));
      for (const id of acknowledged.keys())
        expect([id, effective.get(id)?.length]).toEqual([id, 1]);
    };
    await assertOnce(EAST_2);

    await twin.heal();
    await until('the replicas agree', async () => {
      const report = await holdfastJson<ReconcileReport>(twin, 'reconcile', '--settle', '1');
      return report.left === 0 && (report.counts.behind ?? 0) === 0;
    });
    await assertOnce(EAST_1);
    await assertOnce(EAST_2);
    const clean = await holdfast(twin, 'reconcile', '--settle', '0');
    expect(clean).toMatchObject({ code: 0 });
  });

  it('gives the retried the answer that the other Region gave, from both', async () => {
    const [id = ''] = retried;
    const payment = acknowledged.get(id);
    if (payment === undefined) throw new Error('nothing was retried');
    const answers = await Promise.all([pay(EAST_2, payment), pay(EAST_2, payment)]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(refused.length + acknowledged.size).toBeGreaterThanOrEqual(PAYMENTS);
  });
});
