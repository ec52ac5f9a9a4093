import { describe, expect, it } from 'vitest';
import type { StoredTransaction } from '#core/reconcile/stored-transaction.ts';
import {
  judgePayments,
  missingIn,
  type ReplicaContent,
} from '#ops/drill/analysis/judge-payments.ts';
import { AT, journalOf, recordOf, storedJournal } from '../../core/reconcile/stored-fixture.ts';
import { EAST_1, EAST_2, storedPayment } from './drill-world-fixture.ts';

const acknowledged = [{ transactionId: 'txn-1', timestampEpochSeconds: AT }];
const sent = new Set(['txn-1', 'txn-2']);
const whole = storedPayment('txn-1', AT);

function replicas(first: readonly StoredTransaction[], second: readonly StoredTransaction[]) {
  const contentOf = (region: string, all: readonly StoredTransaction[]): ReplicaContent => ({
    region,
    transactions: new Map(all.map((one) => [one.transactionId, one])),
  });
  return [contentOf(EAST_1, first), contentOf(EAST_2, second)];
}

function judge(first: readonly StoredTransaction[], second: readonly StoredTransaction[]) {
  return judgePayments(acknowledged, sent, replicas(first, second), new Set());
}

const clean = { lost: [], late: [], duplicated: [], conflicting: [] };

describe('judgePayments', () => {
  it('finds nothing where both replicas hold what the client was told', () => {
    expect(judge([whole], [whole])).toEqual(clean);
  });

  it('finds a payment that no replica has', () => {
    expect(judge([], []).lost).toHaveLength(2);
  });

  it('finds a payment that one replica alone has', () => {
    const what = `${EAST_2} has nothing of it`;
    expect(judge([whole], [])).toEqual({ ...clean, lost: [{ transactionId: 'txn-1', what }] });
  });

  it('finds a journal without its payment item', () => {
    const open = { transactionId: 'txn-1', items: [storedJournal(journalOf())] };
    expect(judge([open], [open]).lost[0]?.what).toContain('no payment item (journal: ACCEPTED)');
  });

  it('finds a payment item whose journal is not finished', () => {
    const journal = journalOf();
    const half = { transactionId: 'txn-1', items: [storedJournal(journal), recordOf(journal)] };
    expect(judge([half], [half]).lost[0]?.what).toContain('its journal ACCEPTED');
  });

  it('finds a payment that took effect twice', () => {
    const again = recordOf(journalOf({ paymentEpochSeconds: AT + 1 }));
    const twice = { ...whole, items: [...whole.items, again] };
    expect(judge([twice], [whole]).duplicated).toEqual([
      { transactionId: 'txn-1', what: `${EAST_1} has 2 payment items of it` },
    ]);
  });

  it('finds a duplicate of a payment that no client had an answer for', () => {
    const other = storedPayment('txn-2', AT);
    const twice = {
      ...other,
      items: [...other.items, recordOf(journalOf({ paymentEpochSeconds: AT + 1 }))],
    };
    expect(judge([whole, twice], [whole]).duplicated[0]?.transactionId).toBe('txn-2');
  });

  it('finds a timestamp that the client was not told', () => {
    const other = storedPayment('txn-1', AT + 5);
    expect(judge([other], [other]).conflicting).toHaveLength(2);
  });

  it('finds replicas that differ in anything', () => {
    const journal = journalOf({ status: 'PROCESSED', dueAtEpochMs: null, region: EAST_2 });
    const other = { transactionId: 'txn-1', items: [storedJournal(journal), recordOf(journal)] };
    expect(judge([whole], [other]).conflicting).toEqual([
      { transactionId: 'txn-1', what: 'the replicas hold different items' },
    ]);
  });

  it('finds a payment that nobody sent', () => {
    const stranger = storedPayment('txn-9', AT);
    expect(judge([whole, stranger], [whole]).conflicting).toEqual([
      { transactionId: 'txn-9', what: `${EAST_1} has it, and nobody sent it` },
    ]);
  });

  it('calls late what was missing at the first look, and whole in the end', () => {
    const first = missingIn(acknowledged, replicas([whole], []));
    expect(first).toEqual(new Set(['txn-1']));
    const lists = judgePayments(acknowledged, sent, replicas([whole], [whole]), first);
    expect(lists).toMatchObject({ lost: [], late: [{ transactionId: 'txn-1' }] });
  });
});
