/** What every payment store must do. Runs against the in-memory fake and the adapter on the twin. */

import { describe, expect, it } from 'vitest';
import { paymentOf } from '#core/journal.ts';
import type { PaymentReader, PaymentStore } from '#core/ports.ts';
import {
  charged,
  deadline,
  declined,
  journalOf,
  LATER_MS,
  newJournal,
  refundOf,
  stored,
} from './stored-journals.ts';

export function describePaymentStore(
  name: string,
  open: () => { readonly store: PaymentStore; readonly reader: PaymentReader },
): void {
  describe(`${name} as a payment store`, () => {
    it('creates a journal once and returns the one that exists', async () => {
      const { store } = open();
      const journal = newJournal();
      expect(await store.createJournal(journal, deadline)).toEqual({ kind: 'created' });
      const rival = { ...journal, fingerprint: 'e'.repeat(64), paymentEpochSeconds: 1 };
      expect(await store.createJournal(rival, deadline)).toEqual({ kind: 'exists', journal });
    });

    it('lets one of many concurrent journals win and shows it to all the others', async () => {
      const { store } = open();
      const journal = newJournal();
      const creations = await Promise.all(
        Array.from({ length: 12 }, (_unused, index) =>
          store.createJournal({ ...journal, paymentEpochSeconds: 1_000 + index }, deadline),
        ),
      );
      const losers = creations.filter((creation) => creation.kind === 'exists');
      expect(losers).toHaveLength(11);
      expect(new Set(losers.map((one) => one.journal.paymentEpochSeconds)).size).toBe(1);
    });

    it('records a payment once and returns the one that exists', async () => {
      const { store, reader } = open();
      const journal = newJournal();
      await store.createJournal(journal, deadline);
      const payment = paymentOf(journal);
      expect(await store.recordPayment(payment, deadline)).toEqual({ kind: 'recorded' });
      const rival = { ...payment, amountMinor: 1n };
      expect(await store.recordPayment(rival, deadline)).toEqual({ kind: 'exists', payment });
      const read = await reader.readPayment(journal.transactionId, deadline);
      expect(read.payment).toEqual(payment);
    });

    it('holds a payment at another timestamp for another item', async () => {
      const { store } = open();
      const payment = paymentOf(newJournal());
      expect(await store.recordPayment(payment, deadline)).toEqual({ kind: 'recorded' });
      const later = { ...payment, timestampEpochSeconds: payment.timestampEpochSeconds + 1 };
      expect(await store.recordPayment(later, deadline)).toEqual({ kind: 'recorded' });
    });

    it('reads the journals that exist, repeats and all', async () => {
      const { store } = open();
      const first = await stored(store);
      const second = await stored(store, 'charged');
      const ids = [first, second, newJournal(), first].map((journal) => journal.transactionId);
      const journals = await store.readJournals(ids, deadline);
      expect([...journals.keys()].toSorted()).toEqual(
        [first.transactionId, second.transactionId].toSorted(),
      );
      expect(journals.get(first.transactionId)).toEqual(first);
      expect(await store.readJournals([], deadline)).toEqual(new Map());
    });

    it('settles an open journal once, and a charge leaves no work', async () => {
      const { store, reader } = open();
      const journal = await stored(store);
      const id = journal.transactionId;
      expect(await store.settleJournal(id, charged, LATER_MS, deadline)).toBe('settled');
      expect(await store.settleJournal(id, charged, LATER_MS + 1, deadline)).toBe('already');
      expect(await store.settleJournal(id, declined, LATER_MS + 1, deadline)).toBe('already');
      expect(await store.closeJournal(id, LATER_MS + 1, deadline)).toBe('already');
      expect((await reader.readPayment(id, deadline)).journal).toEqual({
        ...journal,
        ...charged,
        updatedAtEpochMs: LATER_MS,
        dueAtEpochMs: null,
      });
    });

    it('keeps a declined journal open until it is closed', async () => {
      const { store } = open();
      const journal = await stored(store);
      const id = journal.transactionId;
      expect(await store.closeJournal(id, LATER_MS, deadline)).toBe('already');
      expect(await store.settleJournal(id, declined, LATER_MS, deadline)).toBe('settled');
      const open30s = { ...journal, ...declined, updatedAtEpochMs: LATER_MS };
      expect(await journalOf(store, id)).toEqual({ ...open30s, dueAtEpochMs: LATER_MS + 30_000 });
      expect(await store.closeJournal(id, LATER_MS + 1, deadline)).toBe('closed');
      expect(await store.closeJournal(id, LATER_MS + 2, deadline)).toBe('already');
      expect(await journalOf(store, id)).toEqual({
        ...open30s,
        updatedAtEpochMs: LATER_MS + 1,
        dueAtEpochMs: null,
      });
    });

    it('makes no journal up by changing it', async () => {
      const { store, reader } = open();
      const { transactionId: id } = newJournal();
      const refunds = [refundOf('r-1')];
      const change = { seenRevision: 0, refunds, updatedAtEpochMs: 1, dueAtEpochMs: 2 };
      const parked = { seenDueAtEpochMs: 1, atEpochMs: 2, reason: 'x' };
      const claim = { seenDueAtEpochMs: 1, dueAtEpochMs: 2 };
      expect(await store.settleJournal(id, charged, LATER_MS, deadline)).toBe('already');
      expect(await store.closeJournal(id, LATER_MS, deadline)).toBe('already');
      expect(await store.replaceRefunds(id, change, deadline)).toBe('raced');
      expect(await store.claimJournal(id, claim, deadline)).toEqual({ kind: 'passed' });
      expect(await store.parkJournal(id, parked, deadline)).toBe('passed');
      expect(await store.unparkJournal(id, 1, deadline)).toBe('not-parked');
      expect(await reader.readPayment(id, deadline)).toEqual({ payment: null, journal: null });
    });

    it('replaces the refunds of a charged payment, which is open while one is not settled', async () => {
      const { store } = open();
      const { transactionId: id } = await stored(store, 'charged');
      const change = {
        seenRevision: 0,
        refunds: [refundOf('r-1')],
        updatedAtEpochMs: 7,
        dueAtEpochMs: 8,
      };
      expect(await store.replaceRefunds(id, change, deadline)).toBe('replaced');
      expect(await journalOf(store, id)).toMatchObject({
        refunds: change.refunds,
        refundsRevision: 1,
        updatedAtEpochMs: 7,
        dueAtEpochMs: 8,
        attempts: 1,
      });
      const settled = [refundOf('r-1', 'REFUNDED'), refundOf('r-2', 'DECLINED')];
      const end = { ...change, seenRevision: 1, refunds: settled };
      expect(await store.replaceRefunds(id, end, deadline)).toBe('replaced');
      expect(await journalOf(store, id)).toMatchObject({
        refunds: settled,
        refundsRevision: 2,
        dueAtEpochMs: null,
      });
    });

    it.each([0, 1])(
      'lets one of many changes of the refunds in, from revision %i',
      async (seen) => {
        const { store } = open();
        const { transactionId: id } = await stored(store, 'charged');
        const change = { seenRevision: 0, refunds: [], updatedAtEpochMs: 7, dueAtEpochMs: 8 };
        for (let revision = 0; revision < seen; revision += 1) {
          await store.replaceRefunds(id, { ...change, seenRevision: revision }, deadline);
        }
        const rivals = Array.from({ length: 6 }, (_unused, index) => [refundOf(`r-${index}`)]);
        const ends = await Promise.all(
          rivals.map((refunds) =>
            store.replaceRefunds(id, { ...change, seenRevision: seen, refunds }, deadline),
          ),
        );
        expect(ends.filter((end) => end === 'replaced')).toHaveLength(1);
        const journal = await journalOf(store, id);
        expect(journal.refunds).toEqual(rivals[ends.indexOf('replaced')]);
        expect(journal.refundsRevision).toBe(seen + 1);
      },
    );

    it('takes no refunds for a payment that is not charged', async () => {
      const { store } = open();
      const journal = await stored(store);
      const refunds = [refundOf('r-1')];
      const change = { seenRevision: 0, refunds, updatedAtEpochMs: 7, dueAtEpochMs: 8 };
      expect(await store.replaceRefunds(journal.transactionId, change, deadline)).toBe('raced');
      expect(await journalOf(store, journal.transactionId)).toEqual(journal);
    });

    it("lists a customer's recorded payments newest first, by pages, without journals", async () => {
      const { store, reader } = open();
      const customerId = `customer-${process.pid}-${Date.now()}`;
      const journals = Array.from({ length: 5 }, () => newJournal(customerId));
      for (const journal of journals) {
        await store.createJournal(journal, deadline);
        await store.recordPayment(paymentOf(journal), deadline);
      }
      await store.createJournal(newJournal(customerId), deadline);
      const seen: string[] = [];
      let after: Awaited<ReturnType<PaymentReader['listCustomerPayments']>>['next'] = null;
      do {
        const page = await reader.listCustomerPayments({ customerId, limit: 2, after }, deadline);
        seen.push(...page.payments.map((payment) => payment.transactionId));
        after = page.next;
      } while (after !== null);
      expect(seen).toEqual(journals.map((journal) => journal.transactionId).toReversed());
    });
  });
}
