/** Journal and payment items as DynamoDB attribute values, and back. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { PAYMENTS_TABLE } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import { MINOR_UNIT_DIGITS } from '#core/iso-4217.ts';
import {
  type Journal,
  openShardOf,
  PAYMENT_STATUSES,
  type Parked,
  type Payment,
} from '#core/journal.ts';
import { formatMoney, type Money, parseDecimal, toMinorUnits } from '#core/money.ts';
import { REFUND_STATUSES, type Refund } from '#core/refund.ts';

export type Item = Record<string, AttributeValue>;

/** Key of a journal: sort key 0, below every real timestamp. */
export function journalKey(transactionId: string): Item {
  return {
    transaction_id: { S: transactionId },
    timestamp: { N: String(PAYMENTS_TABLE.journalSortKey) },
  };
}

/** Value of `open` while a sweeper may take the work up: it names the shard of `open-index`. */
export function openValueOf(transactionId: string): string {
  return `open#${openShardOf(transactionId)}`;
}

/**
 * The journal as an item. It has no top-level `customer_id`, which keeps it out of `customer-index`,
 * and it has `open` only while work is left, which keeps `open-index` as small as the backlog.
 */
export function journalToItem(journal: Journal): Item {
  const { parked, dueAtEpochMs, chargeId, declineReason, refunds } = journal;
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
    ...(dueAtEpochMs === null
      ? {}
      : { open: { S: openValueOf(journal.transactionId) }, due_at: { N: String(dueAtEpochMs) } }),
    ...(parked === null
      ? {}
      : {
          open: { S: PAYMENTS_TABLE.parkedShard },
          due_at: { N: String(parked.atEpochMs) },
          parked: parkedToValue(parked),
        }),
    ...(chargeId === null ? {} : { charge_id: { S: chargeId } }),
    ...(declineReason === null ? {} : { decline_reason: { S: declineReason } }),
    ...(refunds.length === 0
      ? {}
      : {
          refunds: refundsToValue(refunds),
          refunds_revision: { N: String(journal.refundsRevision) },
        }),
  };
}

/** Reads a journal item. Throws `AppError` when the item is not one that this code writes. */
export function itemToJournal(item: Item): Journal {
  const transactionId = text(item, 'transaction_id');
  const request = item.request?.M;
  if (request === undefined) throw unreadable('request');
  const open = item.open?.S;
  return {
    transactionId,
    fingerprint: text(item, 'fingerprint'),
    request: { transactionId, customerId: text(request, 'customer_id'), ...money(request) },
    paymentEpochSeconds: integer(item, 'payment_timestamp'),
    status: oneOf(PAYMENT_STATUSES, item, 'status'),
    region: text(item, 'region'),
    attempts: integer(item, 'attempts'),
    updatedAtEpochMs: integer(item, 'updated_at'),
    dueAtEpochMs: open?.startsWith('open#') === true ? integer(item, 'due_at') : null,
    parked: open === PAYMENTS_TABLE.parkedShard ? parkedOf(item) : null,
    chargeId: item.charge_id?.S ?? null,
    declineReason: item.decline_reason?.S ?? null,
    refunds: (item.refunds?.L ?? []).map(({ M: fields }) => refundOf(fields)),
    refundsRevision: item.refunds_revision === undefined ? 0 : integer(item, 'refunds_revision'),
  };
}

export function parkedToValue(parked: Parked): AttributeValue {
  return { M: { at: { N: String(parked.atEpochMs) }, reason: { S: parked.reason } } };
}

/** Amounts in minor units: a number of DynamoDB's has 38 exact digits. */
export function refundsToValue(refunds: readonly Refund[]): AttributeValue {
  return {
    L: refunds.map((refund) => ({
      M: {
        refund_id: { S: refund.refundId },
        amount_minor: { N: String(refund.amountMinor) },
        remainder: { BOOL: refund.isRemainder },
        status: { S: refund.status },
        timestamp: { N: String(refund.refundEpochSeconds) },
        region: { S: refund.region },
        ...(refund.declineReason === null ? {} : { decline_reason: { S: refund.declineReason } }),
      },
    })),
  };
}

function refundOf(fields: Item | undefined): Refund {
  if (fields === undefined) throw unreadable('refunds');
  return {
    refundId: text(fields, 'refund_id'),
    amountMinor: BigInt(integer(fields, 'amount_minor')),
    isRemainder: fields.remainder?.BOOL === true,
    status: oneOf(REFUND_STATUSES, fields, 'status'),
    refundEpochSeconds: integer(fields, 'timestamp'),
    region: text(fields, 'region'),
    declineReason: fields.decline_reason?.S ?? null,
  };
}

function parkedOf(item: Item): Parked {
  const fields = item.parked?.M;
  if (fields === undefined) throw unreadable('parked');
  return { atEpochMs: integer(fields, 'at'), reason: text(fields, 'reason') };
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

/** Whether an item is a payment's record in effect; reconcile marks one that is not as SUPERSEDED. */
export function isEffectivePayment(item: Item): boolean {
  return !isJournalItem(item) && item.status?.S !== 'SUPERSEDED';
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

function oneOf<Value extends string>(known: readonly Value[], item: Item, name: string): Value {
  const value = text(item, name);
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw unreadable(name);
  return found;
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
