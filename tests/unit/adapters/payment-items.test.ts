import { describe, expect, it } from 'vitest';
import {
  isJournalItem,
  itemToJournal,
  itemToPayment,
  journalToItem,
  paymentToItem,
} from '#adapters/payment-items.ts';
import { type Journal, openJournal, paymentOf } from '#core/journal.ts';
import type { Refund } from '#core/refund.ts';

const journal = openJournal(
  { transactionId: 'txn-1', customerId: 'cust-1', amountMinor: 1050n, currency: 'USD' },
  'f'.repeat(64),
  { atEpochMs: 1_700_000_000_999, region: 'us-east-1' },
);

describe('journal items', () => {
  it('have the stored form that other versions read', () => {
    expect(journalToItem(journal)).toEqual({
      transaction_id: { S: 'txn-1' },
      timestamp: { N: '0' },
      fingerprint: { S: 'f'.repeat(64) },
      request: {
        M: { customer_id: { S: 'cust-1' }, amount: { S: '10.50' }, currency: { S: 'USD' } },
      },
      payment_timestamp: { N: '1700000000' },
      status: { S: 'ACCEPTED' },
      region: { S: 'us-east-1' },
      attempts: { N: '1' },
      updated_at: { N: '1700000000999' },
      open: { S: expect.stringMatching(/^open#\d+$/) },
      due_at: { N: '1700000030999' },
    });
  });

  const refund: Refund = {
    refundId: 'r-1',
    amountMinor: 50n,
    isRemainder: true,
    status: 'DECLINED',
    refundEpochSeconds: 1_700_000_100,
    region: 'us-east-2',
    declineReason: 'not_refundable',
  };
  it.each<[string, Journal]>([
    ['open', journal],
    [
      'parked',
      { ...journal, dueAtEpochMs: null, parked: { atEpochMs: 5, reason: 'unavailable: no' } },
    ],
    [
      'declined',
      { ...journal, status: 'DECLINED', dueAtEpochMs: null, declineReason: 'expired_card' },
    ],
    [
      'refunded',
      {
        ...journal,
        status: 'PROCESSED',
        dueAtEpochMs: null,
        chargeId: 'ch_1',
        refunds: [refund, { ...refund, refundId: 'r-2', status: 'ACCEPTED', declineReason: null }],
        refundsRevision: 3,
      },
    ],
  ])('are read back as they were: %s', (_name, stored) => {
    expect(itemToJournal(journalToItem(stored))).toEqual(stored);
  });

  it('leave the open index when they are finished', () => {
    const finished = journalToItem({ ...journal, status: 'PROCESSED', dueAtEpochMs: null });
    expect(finished).not.toHaveProperty('open');
    expect(finished).not.toHaveProperty('due_at');
  });

  it('stay out of the customer index', () => {
    expect(journalToItem(journal)).not.toHaveProperty('customer_id');
    expect(isJournalItem(journalToItem(journal))).toBe(true);
  });

  it.each(['fingerprint', 'request', 'payment_timestamp', 'status', 'region', 'attempts'])(
    'rejects an item without %s, naming it and no value',
    (attribute) => {
      const { [attribute]: _left, ...rest } = journalToItem(journal);
      expect(() => itemToJournal(rest)).toThrow(`a stored item has no readable ${attribute}`);
    },
  );

  it('rejects a status that this version does not know', () => {
    expect(() => itemToJournal({ ...journalToItem(journal), status: { S: 'REFUNDED' } })).toThrow(
      'a stored item has no readable status',
    );
  });
});

describe('payment items', () => {
  it("have the original's schema", () => {
    expect(paymentToItem(paymentOf(journal))).toEqual({
      transaction_id: { S: 'txn-1' },
      timestamp: { N: '1700000000' },
      customer_id: { S: 'cust-1' },
      amount: { S: '10.50' },
      currency: { S: 'USD' },
      status: { S: 'PROCESSED' },
      processed_at: { N: '1700000000' },
      region: { S: 'us-east-1' },
    });
  });

  it('are read back as they were', () => {
    expect(itemToPayment(paymentToItem(paymentOf(journal)))).toEqual(paymentOf(journal));
  });

  it.each(['10.505', '-1', '', 'abc', '1e400'])('rejects the stored amount %s', (amount) => {
    const item = { ...paymentToItem(paymentOf(journal)), amount: { S: amount } };
    expect(() => itemToPayment(item)).toThrow('a stored item has no readable amount');
  });
});
