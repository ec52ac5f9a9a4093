/** What every store of open work must do: claims, parking, the index of what is unfinished. */

import { describe, expect, it } from 'vitest';
import { openShardOf } from '#core/journal.ts';
import type { OpenPayment, OpenPayments, PaymentStore } from '#core/ports.ts';
import {
  charged,
  deadline,
  declined,
  dueOf,
  journalOf,
  LATER_MS,
  newJournal,
  stored,
} from './stored-journals.ts';

export function describeOpenWork(
  name: string,
  open: () => { readonly store: PaymentStore; readonly open: OpenPayments },
): void {
  describe(`${name} as a store of open work`, () => {
    it('lets one of many claims have the work, and counts its attempt', async () => {
      const { store } = open();
      const journal = await stored(store);
      const id = journal.transactionId;
      const claims = await Promise.all(
        [1, 2, 3, 4].map((extra) => {
          const claim = { seenDueAtEpochMs: dueOf(journal), dueAtEpochMs: LATER_MS + extra };
          return store.claimJournal(id, claim, deadline);
        }),
      );
      const claimed = claims.flatMap((claim) => (claim.kind === 'claimed' ? claim.journal : []));
      expect(claimed).toHaveLength(1);
      expect(claimed[0]).toMatchObject({ attempts: 2, dueAtEpochMs: expect.any(Number) });
      expect(await journalOf(store, id)).toEqual(claimed[0]);
    });

    it('gives nobody the work of a settled payment', async () => {
      const { store } = open();
      const journal = await stored(store, 'charged');
      const claim = { seenDueAtEpochMs: dueOf(journal), dueAtEpochMs: LATER_MS };
      const parked = { seenDueAtEpochMs: dueOf(journal), atEpochMs: LATER_MS, reason: 'x' };
      const id = journal.transactionId;
      expect(await store.claimJournal(id, claim, deadline)).toEqual({ kind: 'passed' });
      expect(await store.parkJournal(id, parked, deadline)).toBe('passed');
      expect(await store.unparkJournal(id, LATER_MS, deadline)).toBe('not-parked');
    });

    it('parks work that nobody moved, and opens it again', async () => {
      const { store } = open();
      const journal = await stored(store);
      const id = journal.transactionId;
      const parked = { atEpochMs: LATER_MS, reason: 'unavailable: refused' };
      const moved = { ...parked, seenDueAtEpochMs: dueOf(journal) + 1 };
      const seen = { ...parked, seenDueAtEpochMs: dueOf(journal) };
      expect(await store.parkJournal(id, moved, deadline)).toBe('passed');
      expect(await store.unparkJournal(id, LATER_MS, deadline)).toBe('not-parked');
      expect(await store.parkJournal(id, seen, deadline)).toBe('parked');
      expect(await store.parkJournal(id, seen, deadline)).toBe('passed');
      const asParked = { ...journal, parked, updatedAtEpochMs: LATER_MS, dueAtEpochMs: null };
      expect(await journalOf(store, id)).toEqual(asParked);
      const claim = { seenDueAtEpochMs: LATER_MS, dueAtEpochMs: LATER_MS + 1 };
      expect(await store.claimJournal(id, claim, deadline)).toEqual({ kind: 'passed' });
      expect(await store.unparkJournal(id, LATER_MS + 5, deadline)).toBe('reopened');
      expect(await store.unparkJournal(id, LATER_MS + 6, deadline)).toBe('not-parked');
      expect(await journalOf(store, id)).toEqual({
        ...asParked,
        parked: null,
        dueAtEpochMs: LATER_MS + 5,
        attempts: 1,
      });
    });

    it('settles and closes parked work', async () => {
      const { store } = open();
      const journal = await stored(store);
      const id = journal.transactionId;
      const parked = { seenDueAtEpochMs: dueOf(journal), atEpochMs: LATER_MS, reason: 'x' };
      await store.parkJournal(id, parked, deadline);
      expect(await store.settleJournal(id, declined, LATER_MS, deadline)).toBe('settled');
      const reopened = await journalOf(store, id);
      expect(reopened).toMatchObject({ parked: null, dueAtEpochMs: LATER_MS + 30_000 });
      await store.parkJournal(id, { ...parked, seenDueAtEpochMs: dueOf(reopened) }, deadline);
      expect(await store.closeJournal(id, LATER_MS, deadline)).toBe('closed');
      expect(await journalOf(store, id)).toMatchObject({ parked: null, dueAtEpochMs: null });
    });

    it('lists open work that is due, longest due first, by pages', async () => {
      const { store, open: index } = open();
      const { transactionId: prefix } = newJournal();
      const ids = idsOfOneShard(prefix, 6);
      const shard = openShardOf(ids[0] ?? '');
      // Long before anything else that these tests put in: no other journal is in the way.
      for (const [at, id] of ids.entries()) {
        await store.createJournal({ ...newJournal(), ...dueAt(id, 1_000 + at) }, deadline);
      }
      const [settled = '', parked = '', ...due] = ids;
      await store.settleJournal(settled, charged, 1, deadline);
      const work = { seenDueAtEpochMs: 1_001, atEpochMs: 1_001, reason: 'x' };
      await store.parkJournal(parked, work, deadline);
      const seen: OpenPayment[] = [];
      let after: OpenPayment | null = null;
      do {
        const query = { shard, dueBeforeEpochMs: 1_004, limit: 2, after };
        const page: Awaited<ReturnType<OpenPayments['listDue']>> = await index.listDue(
          query,
          deadline,
        );
        expect(page.payments.length).toBeLessThanOrEqual(2);
        seen.push(...page.payments.filter(({ transactionId }) => ids.includes(transactionId)));
        after = page.next;
      } while (after !== null);
      expect(seen).toEqual(
        due.slice(0, 3).map((transactionId, at) => ({
          transactionId,
          dueAtEpochMs: 1_002 + at,
          attempts: 1,
        })),
      );
      for (const id of due) await store.settleJournal(id, charged, 1, deadline);
    });

    it('lists what is due after a moment, the least late first, and no more than was asked for', async () => {
      const { store, open: index } = open();
      const ids = idsOfOneShard(newJournal().transactionId, 4);
      for (const [at, id] of ids.entries()) {
        await store.createJournal({ ...newJournal(), ...dueAt(id, LATER_MS * 4 + at) }, deadline);
      }
      const shard = openShardOf(ids[0] ?? '');
      const dueAfterEpochMs = LATER_MS * 4 + 1;
      const late = await index.listMisdated({ shard, dueAfterEpochMs, limit: 100 }, deadline);
      expect(late.map(({ transactionId }) => transactionId)).toEqual(ids.slice(2));
      const first = await index.listMisdated({ shard, dueAfterEpochMs, limit: 1 }, deadline);
      expect(first).toEqual(late.slice(0, 1));
      for (const id of ids) await store.settleJournal(id, charged, 1, deadline);
    });

    it('counts open, overdue and parked work, and tells the oldest of it', async () => {
      const { store, open: index } = open();
      const before = await index.measure(500, deadline);
      const ids = idsOfOneShard(newJournal().transactionId, 4);
      for (const [at, id] of ids.entries()) {
        const accepted = { paymentEpochSeconds: 100 + at };
        await store.createJournal(
          { ...newJournal(), ...dueAt(id, 499 + at), ...accepted },
          deadline,
        );
      }
      const [first = '', second = ''] = ids;
      const work = { seenDueAtEpochMs: 499, atEpochMs: 499, reason: 'x' };
      await store.parkJournal(first, work, deadline);
      expect(await index.measure(500, deadline)).toEqual({
        open: before.open + 3,
        overdue: before.overdue + 1,
        oldestEpochSeconds: 100,
        parked: before.parked + 1,
      });
      await store.settleJournal(first, charged, 1, deadline);
      await store.settleJournal(second, charged, 1, deadline);
      expect(await index.measure(500, deadline)).toMatchObject({
        open: before.open + 2,
        overdue: before.overdue,
        parked: before.parked,
        oldestEpochSeconds: 102,
      });
      for (const id of ids) await store.settleJournal(id, charged, 1, deadline);
    });
  });
}

function dueAt(transactionId: string, dueAtEpochMs: number) {
  return { transactionId, dueAtEpochMs };
}

/** Ids that belong to the same shard of the index. */
function idsOfOneShard(prefix: string, count: number): readonly string[] {
  const shard = openShardOf(prefix);
  const ids: string[] = [];
  for (let at = 0; ids.length < count; at += 1) {
    if (openShardOf(`${prefix}-${at}`) === shard) ids.push(`${prefix}-${at}`);
  }
  return ids;
}
