/**
 * Holds what a look-up found against what the journal wants.
 *
 * Two Regions whose tables had not met may have accepted different requests under one id, and so under
 * one key: the money that moved with it is then not this request's, and must not be recorded as such.
 */

import { AppError } from './app-error.ts';
import type {
  ChargedMoney,
  ChargeResult,
  FoundCharge,
  FoundRefund,
  GatewayRefund,
  RefundResult,
} from './ports.ts';

/** The found result, if it is `own`'s. Pure. Throws `internal_error`, as the gateway's 422 does. */
export function ownCharge(found: FoundCharge, own: ChargedMoney): ChargeResult {
  if (found.kind === 'declined') return found;
  if (!isSameCharge(found, own)) throw keyOfAnother('charge');
  return { kind: 'charged', chargeId: found.chargeId };
}

/** Whether both are the same customer's same money: all that tells two charges under one key apart. Pure. */
export function isSameCharge(one: ChargedMoney, other: ChargedMoney): boolean {
  return (
    one.customerId === other.customerId &&
    one.amountMinor === other.amountMinor &&
    one.currency === other.currency
  );
}

/** As `ownCharge`. */
export function ownRefund(
  found: FoundRefund,
  own: Pick<GatewayRefund, 'amountMinor' | 'chargeKey'>,
): RefundResult {
  if (found.kind === 'declined') return found;
  const isOwn = found.amountMinor === own.amountMinor && found.chargeKey === own.chargeKey;
  if (!isOwn) throw keyOfAnother('refund');
  return { kind: 'refunded' };
}

/** What a key ends in that came with another body before: no repeat helps, and somebody has to look. */
export function keyOfAnother(what: 'charge' | 'refund'): AppError {
  const message = `gateway ${what}: the key belongs to another charge`;
  return new AppError('internal_error', message, { isFinal: true });
}
