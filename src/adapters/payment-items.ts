/** Journal and payment items as DynamoDB attribute values, and back. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PAYMENTS_TABLE } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import { MINOR_UNIT_DIGITS } from '#core/iso-4217.ts';
import {
  type Journal,
  openShardOf,
  PAYMENT_STATUSES,
  type Payment,
  type PaymentStatus,
} from '#core/journal.ts';
import { formatMoney, type Money, parseDecimal, toMinorUnits } from '#core/money.ts';

export type Item = Record<string, AttributeValue>;

/** Key of a journal: sort key 0, below every real timestamp. */
export function journalKey(transactionId: string): Item {
  return {
    transaction_id: { S: transactionId },
    timestamp: { N: String(PAYMENTS_TABLE.journalSortKey) },
  };
}

/**
 * The journal as an item. It has no top-level `customer_id`, which keeps it out of `customer-index`,
 * and it has `open` only while work is left, which keeps `open-index` as small as the backlog.
 */
export function journalToItem(journal: Journal): Item {
  return {
    ...journalKey(journal.transactionId),
    fingerprint: { S: journal.fingerprint },
    request: {
      M: {
        customer_id: { S: journal.request.customerId },
        amount: { S: formatMoney(journal.request) },
        currency: { S: journal.request.currency },
      },
    },
    payment_timestamp: { N: String(journal.paymentEpochSeconds) },
    status: { S: journal.status },
    region: { S: journal.region },
    attempts: { N: String(journal.attempts) },
    updated_at: { N: String(journal.updatedAtEpochMs) },
    ...(journal.status === 'ACCEPTED'
      ? { open: { S: `open#${openShardOf(journal.transactionId)}` } }
      : {}),
  };
}

/** Reads a journal item. Throws `AppError` when the item is not one that this code writes. */
export function itemToJournal(item: Item): Journal {
  const transactionId = text(item, 'transaction_id');
  const request = item.request?.M;
  if (request === undefined) throw unreadable('request');
  return {
    transactionId,
    fingerprint: text(item, 'fingerprint'),
    request: { transactionId, customerId: text(request, 'customer_id'), ...money(request) },
    paymentEpochSeconds: integer(item, 'payment_timestamp'),
    status: status(item),
    region: text(item, 'region'),
    attempts: integer(item, 'attempts'),
    updatedAtEpochMs: integer(item, 'updated_at'),
  };
}

/** The payment item, in the original's schema. */
export function paymentToItem(payment: Payment): Item {
  return {
    transaction_id: { S: payment.transactionId },
    timestamp: { N: String(payment.timestampEpochSeconds) },
    customer_id: { S: payment.customerId },
    amount: { S: formatMoney(payment) },
    currency: { S: payment.currency },
    status: { S: payment.status },
    processed_at: { N: String(payment.timestampEpochSeconds) },
    region: { S: payment.region },
  };
}

/** Reads a payment item. Throws `AppError` when it is not one that this code writes. */
export function itemToPayment(item: Item): Payment {
  if (text(item, 'status') !== 'PROCESSED') throw unreadable('status');
  return {
    transactionId: text(item, 'transaction_id'),
    timestampEpochSeconds: integer(item, 'timestamp'),
    customerId: text(item, 'customer_id'),
    ...money(item),
    status: 'PROCESSED',
    region: text(item, 'region'),
  };
}

/** Whether an item of the payments table is a journal. */
export function isJournalItem(item: Item): boolean {
  return item.timestamp?.N === String(PAYMENTS_TABLE.journalSortKey);
}

function money(item: Item): Money {
  const currency = text(item, 'currency');
  const minorDigits = MINOR_UNIT_DIGITS.get(currency);
  const decimal = parseDecimal(text(item, 'amount'), 'string');
  if (minorDigits === undefined || decimal === null || decimal.negative || decimal.digits === '') {
    throw unreadable('amount');
  }
  const minor = toMinorUnits(decimal, minorDigits);
  if (minor.kind !== 'exact') throw unreadable('amount');
  return { amountMinor: minor.amountMinor, currency };
}

function status(item: Item): PaymentStatus {
  const value = text(item, 'status');
  const known = PAYMENT_STATUSES.find((candidate) => candidate === value);
  if (known === undefined) throw unreadable('status');
  return known;
}

function text(item: Item, name: string): string {
  const value = item[name]?.S;
  if (value === undefined) throw unreadable(name);
  return value;
}

function integer(item: Item, name: string): number {
  const value = Number(item[name]?.N ?? Number.NaN);
  if (!Number.isSafeInteger(value)) throw unreadable(name);
  return value;
}

/** Names the attribute and never its value: it may be personal. */
function unreadable(attribute: string): AppError {
  return new AppError('internal_error', `a stored item has no readable ${attribute}`);
}
