/** Healthy and damaged transactions for the tests of reconciliation. */

import { sha256Hex } from '#adapters/system.ts';
import { canonicalRequest, type Journal, openJournal, paymentOf } from '#core/journal.ts';
import {
  type ItemChange,
  ownShardValue,
  type StoredItem,
  type StoredJournal,
  type StoredTransaction,
  timestampOf,
} from '#core/reconcile/stored-transaction.ts';
import type { Refund } from '#core/refund.ts';

export const NOW = 1_700_000_100_000;
export const context = { hash: sha256Hex, nowEpochMs: NOW };
/** Timestamp of the payment that `journalOf` stands for. */
export const AT = 1_700_000_000;

const request = {
  transactionId: 'txn-1',
  customerId: 'cust-1',
  amountMinor: 1050n,
  currency: 'USD',
};

export function journalOf(changes: Partial<Journal> = {}): Journal {
  const accepted = { atEpochMs: AT * 1_000, region: 'us-east-1' };
  const wanted = changes.request ?? request;
  const journal = openJournal(wanted, sha256Hex(canonicalRequest(wanted)), accepted);
  return { ...journal, ...changes };
}

/** `openValue` as the store writes it, unless it is given. */
export function storedJournal(journal: Journal, openValue?: string | null): StoredJournal {
  const own =
    journal.parked !== null
      ? 'parked'
      : journal.dueAtEpochMs === null
        ? null
        : ownShardValue(journal.transactionId);
  return { kind: 'journal', journal, openValue: openValue === undefined ? own : openValue };
}

export function recordOf(journal: Journal, changes: Partial<ReturnType<typeof paymentOf>> = {}) {
  return { kind: 'record', record: { ...paymentOf(journal), ...changes } } as const;
}

export function refundOf(changes: Partial<Refund> = {}): Refund {
  return {
    refundId: 'r-1',
    amountMinor: 50n,
    isRemainder: false,
    status: 'REFUNDED',
    refundEpochSeconds: AT + 1,
    region: 'us-east-1',
    declineReason: null,
    ...changes,
  };
}

export function transactionOf(...items: readonly StoredItem[]): StoredTransaction {
  const sorted = items.toSorted((a, b) => timestampOf(a) - timestampOf(b));
  return { transactionId: 'txn-1', items: sorted };
}

export const settled = { status: 'PROCESSED', dueAtEpochMs: null } as const;
export const parked = { parked: { atEpochMs: NOW, reason: 'unavailable: charge' } };

/** Makes the change as a table would: refused unless the key holds what was seen. */
export function changed(
  { transactionId, items }: StoredTransaction,
  { before, after }: ItemChange,
): StoredTransaction {
  const held = items.find((item) => timestampOf(item) === timestampOf(after)) ?? null;
  if (held !== before) throw new Error('the change was not made from what is stored');
  const rest = items.filter((item) => item !== held);
  const sorted = [...rest, after].toSorted((a, b) => timestampOf(a) - timestampOf(b));
  return { transactionId, items: sorted };
}
