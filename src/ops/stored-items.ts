/** Items of the payments table as reconciliation looks at them, and back. */

import {
  type Item,
  isJournalItem,
  itemToJournal,
  itemToPayment,
  journalToItem,
  paymentToItem,
} from '#adapters/payment-items.ts';
import { AppError } from '#core/app-error.ts';
import { formatMoney } from '#core/money.ts';
import type {
  StoredItem,
  StoredTransaction,
  SupersededPayment,
} from '#core/reconcile/stored-transaction.ts';

/** The items of one partition key, as DynamoDB has them. */
export interface RawTransaction {
  readonly transactionId: string;
  readonly items: readonly Item[];
}

const SUPERSEDED = 'SUPERSEDED';

/** Reads them all; what can't be read is an item of its own kind. Never throws. */
export function storedTransaction(raw: RawTransaction): StoredTransaction {
  const items = raw.items
    .toSorted((a, b) => timestampOf(a) - timestampOf(b))
    .map((item) => storedItem(item));
  return { transactionId: raw.transactionId, items };
}

/** The raw item at a sort key. */
export function rawAt(raw: RawTransaction, timestampEpochSeconds: number): Item | null {
  return raw.items.find((item) => timestampOf(item) === timestampEpochSeconds) ?? null;
}

/** What is to be stored for an item. Throws on an unreadable one: nothing writes such. */
export function itemOf(stored: StoredItem): Item {
  switch (stored.kind) {
    case 'journal':
      return journalToItem(stored.journal);
    case 'record':
      return paymentToItem(stored.record);
    case 'superseded':
      return supersededToItem(stored.record);
    case 'unreadable':
      throw new AppError('internal_error', 'an unreadable item is not written');
  }
}

function storedItem(item: Item): StoredItem {
  try {
    if (isJournalItem(item)) {
      return { kind: 'journal', journal: itemToJournal(item), openValue: item['open']?.S ?? null };
    }
    if (item['status']?.S === SUPERSEDED) {
      return { kind: 'superseded', record: itemToSuperseded(item) };
    }
    return { kind: 'record', record: itemToPayment(item) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const timestampEpochSeconds = timestampOf(item);
    return { kind: 'unreadable', timestampEpochSeconds, what: error.message };
  }
}

/** Without `customer_id`, which takes it out of `customer-index`. */
function supersededToItem(record: SupersededPayment): Item {
  return {
    transaction_id: { S: record.transactionId },
    timestamp: { N: String(record.timestampEpochSeconds) },
    amount: { S: formatMoney(record) },
    currency: { S: record.currency },
    region: { S: record.region },
    status: { S: SUPERSEDED },
    superseded_by: { N: String(record.supersededByEpochSeconds) },
  };
}

function itemToSuperseded(item: Item): SupersededPayment {
  const by = Number(item['superseded_by']?.N ?? Number.NaN);
  if (!Number.isSafeInteger(by)) {
    throw new AppError('internal_error', 'a stored item has no readable superseded_by');
  }
  // The same fields as a payment's but for the customer and the status, so the same reading.
  const payment = itemToPayment({ ...item, customer_id: { S: '' }, status: { S: 'PROCESSED' } });
  const { transactionId, timestampEpochSeconds, amountMinor, currency, region } = payment;
  return {
    transactionId,
    timestampEpochSeconds,
    amountMinor,
    currency,
    region,
    supersededByEpochSeconds: by,
  };
}

function timestampOf(item: Item): number {
  return Number(item['timestamp']?.N ?? Number.NaN);
}
