import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { itemToEntry } from '#adapters/dynamo-audit-log.ts';
import { journalToItem, paymentToItem } from '#adapters/payment-items.ts';
import { sha256Hex } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import { canonicalRequest, type Journal, openJournal, paymentOf } from '#core/journal.ts';
import { auditHash, FIRST_PREVIOUS_HASH } from '#core/reconcile/audit-entry.ts';
import type { Refund } from '#core/refund.ts';
import type { RegionConnection } from '#ops/connect.ts';
import { connectReconcile } from '#ops/connect-reconcile.ts';
import { type ReconcileReport, reconcile } from '#ops/reconcile.ts';
import {
  EAST_1,
  EAST_2,
  environmentOf,
  lostRegion,
  startRegion,
  type TestRegion,
} from './dynalite-environment.ts';

const CONTROL = 'payments-control-dev';
const AT = 1_700_000_000;

const openRefund: Refund = {
  refundId: 'r-1',
  amountMinor: 50n,
  isRemainder: false,
  status: 'ACCEPTED',
  refundEpochSeconds: AT + 1,
  region: EAST_1,
  declineReason: null,
};

let east1: TestRegion;
let east2: TestRegion;
let slept: number[];
beforeEach(async () => {
  [east1, east2] = await Promise.all([startRegion(EAST_1), startRegion(EAST_2)]);
  slept = [];
  await lease(EAST_1);
});
afterEach(async () => {
  await Promise.all([east1.close(), east2.close()]);
});

/** The control table is one for all Regions: here the first Region's, which is asked first. */
async function lease(holder: string, epoch = 1): Promise<void> {
  const item = {
    scope: { S: 'lease' },
    sequence: { N: '0' },
    holder: { S: holder },
    epoch: { N: String(epoch) },
    renewals: { N: '7' },
  };
  await Promise.all([east1.put(item, CONTROL), east2.put(item, CONTROL)]);
}

function journalOf(transactionId: string, changes: Partial<Journal> = {}): Journal {
  const request = { transactionId, customerId: 'cust-1', amountMinor: 1050n, currency: 'USD' };
  const accepted = { atEpochMs: AT * 1_000, region: EAST_1 };
  const journal = openJournal(request, sha256Hex(canonicalRequest(request)), accepted);
  return { ...journal, status: 'PROCESSED', dueAtEpochMs: null, ...changes };
}

async function store(journal: Journal, ...regions: readonly TestRegion[]): Promise<void> {
  for (const region of regions) {
    await region.put(journalToItem(journal));
    if (journal.status === 'PROCESSED') await region.put(paymentToItem(paymentOf(journal)));
  }
}

async function run(
  repair: boolean,
  regions: readonly RegionConnection[] = [east1, east2],
): Promise<ReconcileReport> {
  const environment = environmentOf(regions, slept);
  const request = { repair, actor: 'ops@example', settleMs: null };
  const { ports, settleMs } = await connectReconcile(request, environment);
  return reconcile({ repair, settleMs }, ports, () => undefined);
}

/** Effective payments of each transaction, as `id/timestamp`. */
async function effective(region: TestRegion): Promise<readonly string[]> {
  const items = await region.items();
  return items
    .filter((item) => item['timestamp']?.N !== '0' && item['status']?.S === 'PROCESSED')
    .map((item) => `${item['transaction_id']?.S}/${item['timestamp']?.N}`)
    .toSorted();
}

async function trail(region: TestRegion) {
  const items = await region.items(CONTROL);
  return items
    .filter((item) => item['scope']?.S === 'audit')
    .map(itemToEntry)
    .toSorted((a, b) => a.sequence - b.sequence);
}

describe('reconcile', () => {
  it('finds nothing in two replicas that agree, and counts each payment once', async () => {
    for (const id of ['a', 'b', 'c']) await store(journalOf(id), east1, east2);
    const open = { status: 'ACCEPTED', dueAtEpochMs: AT * 1_000 } as const;
    await store(journalOf('d', open), east1, east2);
    expect(await run(false)).toMatchObject({
      consistency: 'eventual',
      regionsRead: [EAST_1, EAST_2],
      leadingRegion: EAST_1,
      transactions: 4,
      findings: [],
      left: 0,
      complete: true,
    });
    // Nothing looked wrong, so nothing was waited for.
    expect(slept).toEqual([]);
  });

  it('reports damage without touching it, and mends it when asked to', async () => {
    await store(journalOf('healthy'), east1, east2);
    for (const region of [east1, east2]) {
      await region.put(journalToItem(journalOf('no-record')));
      await store(journalOf('two-records'), region);
      const second = { ...paymentOf(journalOf('two-records')), timestampEpochSeconds: AT + 5 };
      await region.put(paymentToItem(second));
      await region.put(journalToItem(journalOf('asleep', { status: 'ACCEPTED' })));
      await store(journalOf('refund', { refunds: [openRefund], refundsRevision: 1 }), region);
    }
    const before = await east1.items();
    const report = await run(false);
    expect(report.counts).toEqual({ 'record-missing': 1, 'extra-record': 1, 'not-open': 2 });
    expect(report.left).toBe(4);
    expect(report.findings.every(({ repairable }) => repairable)).toBe(true);
    expect(slept).toEqual([5_000]);
    expect(await east1.items()).toEqual(before);

    const repaired = await run(true);
    expect(repaired.left).toBe(0);
    expect(await effective(east1)).toEqual([
      `healthy/${AT}`,
      `no-record/${AT}`,
      `refund/${AT}`,
      `two-records/${AT}`,
    ]);
    const items = await east1.items();
    for (const id of ['asleep', 'refund']) {
      const journal = items.find((item) => item['transaction_id']?.S === id);
      expect(journal?.['open']?.S).toMatch(/^open#\d+$/);
    }
    const superseded = items.find((item) => item['status']?.S === 'SUPERSEDED');
    expect(superseded).toEqual({
      transaction_id: { S: 'two-records' },
      timestamp: { N: String(AT + 5) },
      amount: { S: '10.50' },
      currency: { S: 'USD' },
      region: { S: EAST_1 },
      status: { S: 'SUPERSEDED' },
      superseded_by: { N: String(AT) },
    });
    // Once more: the leading replica is whole, and the other only waits for replication.
    expect((await run(true)).left).toBe(0);
  });

  it('chains an audit entry for each write, with what was there and what is', async () => {
    await east1.put(journalToItem(journalOf('one')));
    await east1.put(journalToItem(journalOf('two')));
    await run(true, [east1]);
    const entries = await trail(east1);
    expect(entries.map(({ sequence, actor, action }) => [sequence, actor, action])).toEqual([
      [1, 'ops@example', 'record-missing'],
      [2, 'ops@example', 'record-missing'],
    ]);
    expect(entries.map(({ transactionId }) => transactionId).toSorted()).toEqual(['one', 'two']);
    expect(entries[0]).toMatchObject({ before: null, previousHash: FIRST_PREVIOUS_HASH });
    expect(JSON.parse(entries[0]?.after ?? '')).toMatchObject({ kind: 'record' });
    const [first, second] = entries;
    if (first === undefined || second === undefined) throw new Error('two entries');
    expect(second.previousHash).toBe(auditHash(first, sha256Hex));
  });

  it('mends a payment that is too large for an audit entry, and says in it what changed', async () => {
    const refunds = Array.from({ length: 100 }, (_, index) => {
      return { ...openRefund, amountMinor: 1n, refundId: `${index}`.padEnd(2_048, 'r') };
    });
    await store(journalOf('large', { refunds, refundsRevision: 100 }), east1);
    await east1.put(journalToItem(journalOf('small')));
    const { findings, left } = await run(true, [east1]);
    const outcomes = findings.map(({ kind, outcome }) => `${kind} ${outcome}`);
    expect(outcomes.toSorted()).toEqual(['not-open repaired', 'record-missing repaired']);
    expect(left).toBe(0);
    const entries = await trail(east1);
    const large = entries.find(({ transactionId }) => transactionId === 'large');
    const changed = { journal: { dueAtEpochMs: null }, openValue: null };
    expect(JSON.parse(large?.before ?? '')).toMatchObject({ kind: 'journal', changed });
    const [first, second] = entries;
    if (first === undefined || second === undefined) throw new Error('two entries');
    expect(second.previousHash).toBe(auditHash(first, sha256Hex));
  });

  it('brings stranded payments to the Region that holds the lease', async () => {
    await lease(EAST_2, 2);
    await store(journalOf('done'), east1);
    await store(journalOf('half', { status: 'ACCEPTED', dueAtEpochMs: 9 }), east1);
    await store(journalOf('new'), east2);
    const report = await run(true);
    expect(report.counts).toEqual({ stranded: 2, behind: 1 });
    expect(report.left).toBe(0);
    expect(report.transactions).toBe(3);
    expect(await effective(east2)).toEqual([`done/${AT}`, `new/${AT}`]);
    const half = (await east2.items()).find((item) => item['transaction_id']?.S === 'half');
    expect(half).toMatchObject({ status: { S: 'ACCEPTED' }, due_at: { N: '1700000100000' } });
    // The other Region's replica is left to replication.
    expect(await east1.items()).toHaveLength(3);
  });

  it('supersedes the acceptance of the Region that does not hold the lease, and says whose it was', async () => {
    await store(journalOf('txn'), east1);
    const rival = journalOf('txn', { paymentEpochSeconds: AT + 3, region: EAST_2 });
    const request = { ...rival.request, customerId: 'cust-2', amountMinor: 999n };
    const fingerprint = sha256Hex(canonicalRequest(request));
    await store({ ...rival, request, fingerprint }, east2);
    const report = await run(true);
    expect(report.findings).toMatchObject([
      {
        kind: 'conflict',
        outcome: 'repaired',
        lost: { customerId: 'cust-2', amount: '9.99', currency: 'USD', region: EAST_2 },
      },
    ]);
    expect(await effective(east1)).toEqual([`txn/${AT}`]);
    const items = await east1.items();
    expect(items.filter((item) => item['status']?.S === 'SUPERSEDED')).toHaveLength(1);
    expect((await trail(east1)).map(({ action }) => action)).toEqual(['conflict', 'conflict']);
  });

  it('counts no difference that is gone when it is looked at again', async () => {
    await store(journalOf('late'), east1);
    const environment = environmentOf([east1, east2]);
    const request = { repair: false, actor: 'me', settleMs: 1 };
    const { ports } = await connectReconcile(request, environment);
    const sleep = () => store(journalOf('late'), east2);
    const report = await reconcile({ repair: false, settleMs: 1 }, { ...ports, sleep }, () => {});
    expect(report).toMatchObject({ findings: [], left: 0 });
  });

  it('changes nothing that somebody else has changed since it was seen', async () => {
    await east1.put(journalToItem(journalOf('txn')));
    const environment = environmentOf([east1]);
    const { ports } = await connectReconcile(
      { repair: true, actor: 'me', settleMs: 0 },
      environment,
    );
    const mine = paymentToItem({ ...paymentOf(journalOf('txn')), amountMinor: 1n });
    let races = 0;
    const audit = {
      append: async () => {
        races += 1;
        if (races === 1) await east1.put(mine);
        return races;
      },
    };
    const report = await reconcile({ repair: true, settleMs: 0 }, { ...ports, audit }, () => {});
    expect(report.findings.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['record-missing', 'raced'],
      ['record-differs', 'repaired'],
    ]);
  });

  it('goes on without a Region that is lost, and does not call that complete', async () => {
    await east1.put(journalToItem(journalOf('txn')));
    const report = await run(false, [east1, lostRegion(EAST_2)]);
    expect(report).toMatchObject({
      regionsRead: [EAST_1],
      unreached: [{ region: EAST_2 }],
      counts: { 'record-missing': 1 },
      complete: false,
    });
  });

  it('does not call it complete when the replica that it inspects is lost on the way', async () => {
    await east1.put(journalToItem(journalOf('txn')));
    const { ports } = await connectReconcile(
      { repair: false, actor: 'me', settleMs: 0 },
      environmentOf([east1, east2]),
    );
    const replicas = ports.replicas.map((replica) =>
      replica.region !== ports.leadingRegion
        ? replica
        : {
            ...replica,
            // oxlint-disable-next-line require-yield -- it fails before it has anything
            transactions: async function* () {
              throw new AppError('unavailable', 'scan: throttled');
            },
          },
    );
    const strong = { ...ports, consistency: 'strong', replicas } as const;
    const report = await reconcile({ repair: false, settleMs: 0 }, strong, () => {});
    expect(report).toMatchObject({ complete: false, unreached: [{ region: ports.leadingRegion }] });
  });

  it('refuses repairs while nobody knows whose writes count', async () => {
    await expect(run(true, [lostRegion(EAST_1), east2])).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('holdfast failover --to') as string,
    });
  });

  it('repairs no more once the lease has moved', async () => {
    await east1.put(journalToItem(journalOf('txn')));
    const environment = environmentOf([east1, east2]);
    const request = { repair: true, actor: 'me', settleMs: 0 };
    const { ports } = await connectReconcile(request, environment);
    await lease(EAST_2, 2);
    const report = await reconcile({ repair: true, settleMs: 0 }, ports, () => {});
    expect(report.findings).toMatchObject([{ kind: 'record-missing', outcome: 'left' }]);
    expect(report.left).toBe(1);
    expect(await effective(east1)).toEqual([]);
  });

  it('leaves items that are none of ours as they are', async () => {
    const stranger = { transaction_id: { S: 'x' }, timestamp: { N: '0' }, note: { S: 'hello' } };
    await Promise.all([east1.put(stranger), east2.put(stranger)]);
    const report = await run(true);
    expect(report.findings).toMatchObject([{ kind: 'unreadable', repairable: false }]);
    expect(await east1.items()).toEqual([stranger]);
  });
});
