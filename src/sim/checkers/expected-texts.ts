/**
 * What a payment has to look like from outside, written down a second time: keys at the bank,
 * answers, notifications, hashes of the routing log. None of it comes from the code under test.
 *
 * Sources: docs/reference/api.md, docs/gateway.md, docs/adr/0016-routing-log.md.
 */

import { MINOR_UNIT_DIGITS } from '#core/iso-4217.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { fastHash } from '../kernel/fast-hash.ts';
import type { Meaning } from '../ledger.ts';

/** Longest key that a bank is sent as it reads. */
const KEY_LENGTH_MAX = 255;

/** `1050n` of USD is `10.50`: all decimals of the currency, always. Pure, as all of these. */
export function amountText(amountMinor: bigint, currency: string): string {
  const decimals = MINOR_UNIT_DIGITS.get(currency) ?? 0;
  const digits = String(amountMinor);
  if (decimals === 0) return digits;
  const padded =
    digits.length > decimals ? digits : '0'.repeat(decimals + 1 - digits.length) + digits;
  const whole = padded.length - decimals;
  return `${padded.substring(0, whole)}.${padded.substring(whole)}`;
}

/** The idempotency key of a charge. */
export function chargeKey(transactionId: string): string {
  return boundedKey(encodeURIComponent(transactionId));
}

/** That of a refund. */
export function refundKey(transactionId: string, refundId: string): string {
  return boundedKey(refundPath(transactionId, refundId));
}

function boundedKey(key: string): string {
  return key.length > KEY_LENGTH_MAX ? `sha256:${fastHash(key)}` : key;
}

function refundPath(transactionId: string, refundId: string): string {
  return `${encodeURIComponent(transactionId)}/refunds/${encodeURIComponent(refundId)}`;
}

/** Body of a 200 to POST /process. */
export function processedAnswer(transactionId: string, atEpochSeconds: number): string {
  const id = JSON.stringify(transactionId);
  const message = 'Payment processed successfully';
  return `{"message":"${message}","transaction_id":${id},"timestamp":${atEpochSeconds}}`;
}

/** Body of a 202 to POST /payments. */
export function acceptedAnswer(transactionId: string, atEpochSeconds: number): string {
  const id = JSON.stringify(transactionId);
  const state = '"status":"ACCEPTED"';
  const at = `"timestamp":${atEpochSeconds}`;
  return `{"message":"Payment accepted","transaction_id":${id},${state},${at}}`;
}

/** What a refund comes to, as far as it shows. */
export interface RefundFacts {
  readonly refundId: string;
  readonly amountMinor: bigint;
  readonly refundEpochSeconds: number;
  readonly declineReason: string | null;
}

/** Body of a 200 to POST /payments/{transaction_id}/refunds. */
export function refundedAnswer({ transactionId, currency }: Meaning, refund: RefundFacts): string {
  return JSON.stringify({
    message: 'Refund processed successfully',
    transaction_id: transactionId,
    refund_id: refund.refundId,
    amount: amountText(refund.amountMinor, currency),
    currency,
    timestamp: refund.refundEpochSeconds,
  });
}

/** What every view of a payment begins with, up to the currency: reads and notifications alike. */
export function viewStart(meaning: Meaning, atEpochSeconds: number): string {
  const { transactionId, customerId, amountMinor, currency } = meaning;
  return (
    `{"transaction_id":${JSON.stringify(transactionId)},"timestamp":${atEpochSeconds},` +
    `"customer_id":${JSON.stringify(customerId)},"amount":"${amountText(amountMinor, currency)}",` +
    `"currency":"${currency}"`
  );
}

/** Of one id, what subscribers must be told. */
export interface ExpectedNotification {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
}

export function processedNotification(
  meaning: Meaning,
  { atEpochSeconds, region }: { readonly atEpochSeconds: number; readonly region: string },
): ExpectedNotification {
  const start = viewStart(meaning, atEpochSeconds);
  return {
    id: processedId(meaning.transactionId),
    subject: 'Payment Processed',
    body: `${start},"status":"PROCESSED","processed_at":${atEpochSeconds},"region":"${region}"}`,
  };
}

export function declinedNotification(
  meaning: Meaning,
  payment: { readonly atEpochSeconds: number; readonly region: string; readonly reason: string },
): ExpectedNotification {
  const { atEpochSeconds, region, reason } = payment;
  const start = viewStart(meaning, atEpochSeconds);
  const why = JSON.stringify(reason);
  return {
    id: declinedId(meaning.transactionId),
    subject: 'Payment Declined',
    body: `${start},"status":"DECLINED","decline_reason":${why},"region":"${region}"}`,
  };
}

export function refundNotification(
  { transactionId, currency }: Meaning,
  refund: RefundFacts,
  status: 'REFUNDED' | 'DECLINED',
): ExpectedNotification {
  const { refundId, amountMinor, refundEpochSeconds, declineReason } = refund;
  const isDeclined = status === 'DECLINED';
  return {
    id: isDeclined
      ? refundDeclinedId(transactionId, refundId)
      : refundedId(transactionId, refundId),
    subject: isDeclined ? 'Refund Declined' : 'Refund Processed',
    body: JSON.stringify({
      transaction_id: transactionId,
      refund_id: refundId,
      amount: amountText(amountMinor, currency),
      currency,
      status,
      timestamp: refundEpochSeconds,
      ...(declineReason === null ? {} : { decline_reason: declineReason }),
    }),
  };
}

export const processedId = (transactionId: string): string => `${transactionId}#PROCESSED`;
export const declinedId = (transactionId: string): string => `${transactionId}#DECLINED`;

export function refundedId(transactionId: string, refundId: string): string {
  return `${refundPath(transactionId, refundId)}#REFUNDED`;
}

export function refundDeclinedId(transactionId: string, refundId: string): string {
  return `${refundPath(transactionId, refundId)}#REFUND_DECLINED`;
}

/** What the first entry of the routing log has instead of its predecessor's hash. */
export const NO_ENTRY_HASH = '0000000000000000000000000000000000000000000000000000000000000000';

/** What the next entry has to carry: the hash of everything in this one. */
export function entryHash(entry: RoutingEntry): string {
  const { epoch, previousHash, entryId, atEpochMs, actor, change, reason } = entry;
  const { mode, active, drained, evidence, moved } = entry;
  const place = moved === null ? [null, null] : [moved.epoch, moved.atEpochMs];
  const who = [epoch, previousHash, entryId, atEpochMs, actor, change, reason];
  return fastHash(
    JSON.stringify(['holdfast-routing-1', ...who, mode, active, drained, evidence, ...place]),
  );
}
