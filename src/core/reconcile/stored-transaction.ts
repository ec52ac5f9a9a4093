/** What a table holds of one transaction_id, as reconciliation looks at it: damage included. */

import { PAYMENTS_TABLE } from '#contract/names.ts';
import { type Journal, openShardOf, type Payment } from '../journal.ts';
import type { Money } from '../money.ts';

/** Everything that one replica holds under one transaction_id. */
export interface StoredTransaction {
  readonly transactionId: string;
  /** In the order of their sort keys, each of which occurs once. */
  readonly items: readonly StoredItem[];
}

export type StoredItem =
  | StoredJournal
  | StoredRecord
  | StoredSuperseded
  /** Not one that this code writes. `what`: the attribute that can't be read, never its value. */
  | { readonly kind: 'unreadable'; readonly timestampEpochSeconds: number; readonly what: string };

export interface StoredJournal {
  readonly kind: 'journal';
  readonly journal: Journal;
  /** The attribute `open` as it is stored: only two values of it are ones that somebody reads. */
  readonly openValue: string | null;
}

/** A payment item that counts. */
export interface StoredRecord {
  readonly kind: 'record';
  readonly record: Payment;
}

/** A payment item that was taken out of effect by a repair. */
export interface StoredSuperseded {
  readonly kind: 'superseded';
  readonly record: SupersededPayment;
}

/** It keeps what was paid, and no customer: so it is in no customer's list any more. */
export interface SupersededPayment extends Money {
  readonly transactionId: string;
  readonly timestampEpochSeconds: number;
  readonly region: string;
  /** Timestamp of the payment that counts. */
  readonly supersededByEpochSeconds: number;
}

/** One write of a repair. It is made only if the key still holds `before`; null: nothing. */
export interface ItemChange {
  readonly before: StoredItem | null;
  readonly after: StoredItem;
}

/** Sort key of an item. */
export function timestampOf(item: StoredItem): number {
  switch (item.kind) {
    case 'journal':
      return PAYMENTS_TABLE.journalSortKey;
    case 'record':
    case 'superseded':
      return item.record.timestampEpochSeconds;
    case 'unreadable':
      return item.timestampEpochSeconds;
  }
}

export function itemAt(transaction: StoredTransaction, timestampEpochSeconds: number) {
  return transaction.items.find((item) => timestampOf(item) === timestampEpochSeconds) ?? null;
}

/** Null also where the journal is there and can't be read. */
export function journalIn(transaction: StoredTransaction): StoredJournal | null {
  return transaction.items.find((item) => item.kind === 'journal') ?? null;
}

/** The payment items that count, by timestamp. */
export function recordsIn(transaction: StoredTransaction): readonly StoredRecord[] {
  return transaction.items.filter((item) => item.kind === 'record');
}

/** Whether a journal has work left that somebody has to be able to find. */
export function hasWorkLeft({ journal, openValue }: StoredJournal): boolean {
  switch (journal.status) {
    case 'ACCEPTED':
      return true;
    case 'DECLINED':
      // Only its notification can be left, and nothing but `open` tells whether it is.
      return openValue !== null;
    case 'PROCESSED':
      return journal.refunds.some(({ status }) => status === 'ACCEPTED');
  }
}

/** The journal, due at once: the next sweep takes it up. Pure. */
export function openedNow({ journal }: StoredJournal, nowEpochMs: number): StoredJournal {
  return {
    kind: 'journal',
    journal: {
      ...journal,
      attempts: 1,
      updatedAtEpochMs: nowEpochMs,
      dueAtEpochMs: nowEpochMs,
      parked: null,
    },
    openValue: ownShardValue(journal.transactionId),
  };
}

/** Value of `open` under which sweepers find this payment. */
export function ownShardValue(transactionId: string): string {
  return `open#${openShardOf(transactionId)}`;
}

/** The record, out of effect. Pure. */
export function superseded(record: Payment, byEpochSeconds: number): StoredSuperseded {
  const { transactionId, timestampEpochSeconds, amountMinor, currency, region } = record;
  return {
    kind: 'superseded',
    record: {
      transactionId,
      timestampEpochSeconds,
      amountMinor,
      currency,
      region,
      supersededByEpochSeconds: byEpochSeconds,
    },
  };
}

/** JSON text of an item; the same for items that mean the same. Amounts are text: exact. */
export function itemText(item: StoredItem): string {
  return JSON.stringify(item, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}
