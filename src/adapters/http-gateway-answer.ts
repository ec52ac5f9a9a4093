/**
 * Reads the gateway's answers: a body of the contract as the port's result, or null for anything else.
 * Pure. Guessing would be about money, so whatever breaks a rule is no answer.
 */

import type { GatewayFoundCharge, GatewayFoundRefund } from '#contract/gateway.ts';
import type { ChargeResult, FoundCharge, FoundRefund, RefundResult } from '#core/ports.ts';

/** A JSON object, of anybody's making. */
export type AnswerFields = Partial<
  Record<keyof (GatewayFoundCharge & GatewayFoundRefund), unknown>
>;

type Result =
  | { readonly kind: 'succeeded'; readonly id: string }
  | { readonly kind: 'declined'; readonly reason: string };

/** Visible ASCII: an id, and a key. */
const VISIBLE_TEXT = /^[\x21-\x7e]{1,255}$/;
const DECLINE_CODE = /^[a-z0-9_]{1,64}$/;
/** Without leading zeros, so that an amount is written in one way. */
const AMOUNT_MINOR = /^[1-9]\d{0,17}$/;
const CURRENCY = /^[A-Z]{3}$/;
/** Whatever was sent as one: it is compared with that. */
const CUSTOMER = /./s;

/** To a POST of a charge. */
export function readCharge(fields: AnswerFields): ChargeResult | null {
  const result = readResult(fields);
  return result?.kind === 'succeeded' ? { kind: 'charged', chargeId: result.id } : result;
}

/** To a look-up of one. */
export function readFoundCharge(fields: AnswerFields): FoundCharge | null {
  const charge = readCharge(fields);
  if (charge?.kind !== 'charged') return charge;
  const amountMinor = readAmount(fields);
  const currency = textIn(fields.currency, CURRENCY);
  const customerId = textIn(fields.customer_id, CUSTOMER);
  if (amountMinor === null || currency === null || customerId === null) return null;
  return { ...charge, customerId, amountMinor, currency };
}

/** To a POST of a refund. */
export function readRefund(fields: AnswerFields): RefundResult | null {
  const result = readResult(fields);
  return result?.kind === 'succeeded' ? { kind: 'refunded' } : result;
}

/** To a look-up of one. */
export function readFoundRefund(fields: AnswerFields): FoundRefund | null {
  const refund = readRefund(fields);
  if (refund?.kind !== 'refunded') return refund;
  const amountMinor = readAmount(fields);
  const chargeKey = textIn(fields.charge_key, VISIBLE_TEXT);
  return amountMinor === null || chargeKey === null ? null : { ...refund, amountMinor, chargeKey };
}

/** What both have in common. A decline code that breaks the rule is dropped. */
function readResult({ id, status, decline_code: code }: AnswerFields): Result | null {
  if (typeof id !== 'string' || !VISIBLE_TEXT.test(id)) return null;
  // Both at once can't be true.
  if (status === 'succeeded') {
    return code === undefined || code === null ? { kind: 'succeeded', id } : null;
  }
  if (status !== 'declined') return null;
  return { kind: 'declined', reason: textIn(code, DECLINE_CODE) ?? 'declined' };
}

function readAmount({ amount_minor: amount }: AnswerFields): bigint | null {
  const text = textIn(amount, AMOUNT_MINOR);
  return text === null ? null : BigInt(text);
}

function textIn(value: unknown, rule: RegExp): string | null {
  return typeof value === 'string' && rule.test(value) ? value : null;
}
