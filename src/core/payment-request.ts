/**
 * Reads a payment request: the one validation that /validate, /process and /payments share, before any
 * effect.
 */

import { MINOR_UNIT_DIGITS } from './iso-4217.ts';
import { type Money, toMinorUnits } from './money.ts';
import {
  type Members,
  type Refused,
  readAmount,
  readId,
  readMembers,
  refuse,
} from './request-members.ts';

/** A payment that may be made: every field checked, the amount exact. */
export interface PaymentRequest extends Money {
  readonly transactionId: string;
  readonly customerId: string;
}

export type ParsedRequest = { readonly kind: 'valid'; readonly request: PaymentRequest } | Refused;

/** In the order in which a missing one is reported (the original's order). */
const FIELDS = {
  required: ['transaction_id', 'customer_id', 'amount', 'currency'],
  optional: [],
} as const;

/**
 * Parses and checks the body of a payment request. Pure; never throws for any text.
 *
 * Order of the checks: JSON, object, missing fields, unknown fields, ids, amount and its sign,
 * currency, then the amount against the currency's minor unit.
 */
export function parsePaymentRequest(body: string): ParsedRequest {
  const read = readMembers(body, FIELDS);
  if (read.kind === 'invalid') return read;
  const { members } = read;
  const transactionId = readId(members, 'transaction_id', 'invalid_transaction_id');
  if (transactionId.kind === 'invalid') return transactionId;
  const customerId = readId(members, 'customer_id', 'invalid_customer_id');
  if (customerId.kind === 'invalid') return customerId;
  const money = readMoney(members);
  if (money.kind === 'invalid') return money;
  return {
    kind: 'valid',
    request: { transactionId: transactionId.id, customerId: customerId.id, ...money.money },
  };
}

function readMoney(members: Members): { readonly kind: 'money'; readonly money: Money } | Refused {
  const amount = readAmount(members.get('amount'));
  if (amount.kind === 'invalid') return amount;
  const currency = members.get('currency');
  const code = currency?.kind === 'string' ? currency.value : '';
  const minorDigits = MINOR_UNIT_DIGITS.get(code);
  if (minorDigits === undefined) return refuse('invalid_currency', { field: 'currency' });
  const minor = toMinorUnits(amount.decimal, minorDigits);
  switch (minor.kind) {
    case 'exact':
      return { kind: 'money', money: { amountMinor: minor.amountMinor, currency: code } };
    case 'too_large':
      return refuse('amount_too_large', { field: 'amount' });
    case 'too_precise':
      return refuse('amount_too_precise', {
        field: 'amount',
        detail: `${code} has ${minorDigits} decimals; send an amount that is whole in its minor unit.`,
      });
  }
}
