/**
 * Refunds of one payment. They live in its journal, so that one conditional update keeps their sum
 * within the charge. Source: docs/adr/0013-refunds-in-the-journal.md.
 */

import { MINOR_UNIT_DIGITS } from './iso-4217.ts';
import type { Journal } from './journal.ts';
import { type Decimal, toMinorUnits } from './money.ts';

/**
 * `ACCEPTED`: its amount is reserved, and whether the money went back is not settled. `REFUNDED`: it
 * did. `DECLINED`: the gateway refused, and the amount is free again. The last two are final.
 */
export const REFUND_STATUSES = ['ACCEPTED', 'REFUNDED', 'DECLINED'] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];

export interface Refund {
  /** Chosen by the caller, unique for each payment: the refund's idempotency key. */
  readonly refundId: string;
  /** What goes back, minor units of the payment's currency. */
  readonly amountMinor: bigint;
  /** True where the caller named no amount and got what was left. */
  readonly isRemainder: boolean;
  readonly status: RefundStatus;
  /** Assigned when it was accepted; part of the answer. */
  readonly refundEpochSeconds: number;
  /** Region that accepted it. */
  readonly region: string;
  readonly declineReason: string | null;
}

/** What a caller asks for. `amount` null: all that is left. */
export interface RefundRequest {
  readonly transactionId: string;
  readonly refundId: string;
  readonly amount: Decimal | null;
}

/** Refunds of one payment, at most; with the longest ids its journal then stays within 400 KB. */
export const REFUNDS_MAX = 100;

export type RefundDecision =
  /** New: put `refunds` in the journal. */
  | { readonly kind: 'accept'; readonly refund: Refund; readonly refunds: readonly Refund[] }
  /** Known and not settled: carry it on. */
  | { readonly kind: 'resume'; readonly refund: Refund }
  /** Known and settled: answer as the first time. */
  | { readonly kind: 'replay'; readonly refund: Refund }
  /** The refund_id was used for another amount. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'exceeds'; readonly remainingMinor: bigint }
  | { readonly kind: 'too-many' }
  | { readonly kind: 'amount-too-precise'; readonly minorDigits: number }
  /** Not charged yet: it may still be declined. */
  | { readonly kind: 'still-open' }
  /** Declined: there is nothing to give back. */
  | { readonly kind: 'not-charged' };

/**
 * Decides what becomes of a refund request, given the journal as it is now.
 *
 * Pure; never throws. The caller makes an `accept` take effect only if the journal's refunds are still
 * the same, and decides anew if not: so two Regions at once never give back more than was charged.
 */
export function decideRefund(
  journal: Journal,
  request: RefundRequest,
  accepted: { readonly atEpochMs: number; readonly region: string },
): RefundDecision {
  const { currency } = journal.request;
  const minorDigits = MINOR_UNIT_DIGITS.get(currency) ?? 0;
  const asked = request.amount === null ? null : toMinorUnits(request.amount, minorDigits);
  if (asked?.kind === 'too_precise') return { kind: 'amount-too-precise', minorDigits };
  const known = journal.refunds.find(({ refundId }) => refundId === request.refundId);
  if (known !== undefined) {
    const isSame =
      asked === null
        ? known.isRemainder
        : !known.isRemainder && asked.kind === 'exact' && asked.amountMinor === known.amountMinor;
    if (!isSame) return { kind: 'conflict' };
    return { kind: known.status === 'ACCEPTED' ? 'resume' : 'replay', refund: known };
  }
  if (journal.status === 'ACCEPTED') return { kind: 'still-open' };
  if (journal.status === 'DECLINED') return { kind: 'not-charged' };
  const remainingMinor = remainingMinorOf(journal);
  const amountMinor =
    asked === null ? remainingMinor : asked.kind === 'exact' ? asked.amountMinor : null;
  if (amountMinor === null || amountMinor > remainingMinor || amountMinor === 0n) {
    return { kind: 'exceeds', remainingMinor };
  }
  if (journal.refunds.length >= REFUNDS_MAX) return { kind: 'too-many' };
  const refund: Refund = {
    refundId: request.refundId,
    amountMinor,
    isRemainder: asked === null,
    status: 'ACCEPTED',
    refundEpochSeconds: Math.floor(accepted.atEpochMs / 1000),
    region: accepted.region,
    declineReason: null,
  };
  return { kind: 'accept', refund, refunds: [...journal.refunds, refund] };
}

/** What may still be given back: the charge less every refund that is settled or may be. Pure. */
export function remainingMinorOf(journal: Journal): bigint {
  return journal.request.amountMinor - sumMinorOf(journal.refunds, ['ACCEPTED', 'REFUNDED']);
}

/** The sum of the refunds in one of `statuses`. Pure. */
export function sumMinorOf(refunds: readonly Refund[], statuses: readonly RefundStatus[]): bigint {
  return refunds
    .filter(({ status }) => statuses.includes(status))
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** The refunds with one of them settled. Pure. */
export function withSettled(
  refunds: readonly Refund[],
  refundId: string,
  settled: Pick<Refund, 'status' | 'declineReason'>,
): readonly Refund[] {
  return refunds.map((refund) =>
    refund.refundId === refundId ? { ...refund, ...settled } : refund,
  );
}
