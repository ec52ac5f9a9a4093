/** What every payment store must do. Runs against the in-memory fake and the adapter on the twin. */

import { describe, expect, it } from 'vitest';
import { openJournal, paymentOf } from '#core/journal.ts';
import type { PaymentReader, PaymentStore } from '#core/ports.ts';

let made = 0;
function newJournal(customerId = 'cust-1') {
  made += 1;
  return openJournal(
    {
      transactionId: `port-${process.pid}-${Date.now()}-${made}`,
      customerId,
      amountMinor: 1050n,
      currency: 'USD',
    },
    'f'.repeat(64),
    { atEpochMs: 1_700_000_000_000 + made * 1_000, region: 'us-east-1' },
  );
}

const deadline = { atEpochMs: Number.MAX_SAFE_INTEGER };
const change = { status: 'PROCESSED', updatedAtEpochMs: 1_700_000_009_999 } as const;

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

    it('finishes an open journal once', async () => {
      const { store, reader } = open();
      const journal = newJournal();
      await store.createJournal(journal, deadline);
      expect(await store.finishJournal(journal.transactionId, change, deadline)).toBe('finished');
      expect(await store.finishJournal(journal.transactionId, change, deadline)).toBe('already');
      const read = await reader.readPayment(journal.transactionId, deadline);
      expect(read.journal).toEqual({ ...journal, ...change });
    });

    it('makes no journal up by finishing it', async () => {
      const { store, reader } = open();
      const { transactionId } = newJournal();
      expect(await store.finishJournal(transactionId, change, deadline)).toBe('already');
      expect(await reader.readPayment(transactionId, deadline)).toEqual({
        payment: null,
        journal: null,
      });
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
