/**
 * Reads a payment request: the one validation that /validate and /process share, before any effect.
 */

import type { ErrorCode } from '#contract/errors.ts';
import { identifierFault } from './identifier.ts';
import { MINOR_UNIT_DIGITS } from './iso-4217.ts';
import { type Decimal, type Money, parseDecimal, toMinorUnits } from './money.ts';
import { type JsonValue, parseStrictJson } from './strict-json.ts';

/** A payment that may be made: every field checked, the amount exact. */
export interface PaymentRequest extends Money {
  readonly transactionId: string;
  readonly customerId: string;
}

/** Why a request is refused. `error` and `detail` are fixed texts of ours, safe to answer with. */
export interface RequestFault {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly error?: string;
  readonly detail?: string;
}

export type ParsedRequest =
  | { readonly kind: 'valid'; readonly request: PaymentRequest }
  | { readonly kind: 'invalid'; readonly fault: RequestFault };

/** In the order in which a missing one is reported (the original's order). */
const FIELDS = ['transaction_id', 'customer_id', 'amount', 'currency'] as const;

/** Longest part of a caller's own key that an error repeats. */
const ECHO_MAX = 64;

/**
 * Parses and checks the body of a payment request. Pure; never throws for any text.
 *
 * Order of the checks: JSON, object, missing fields, unknown fields, ids, amount and its sign,
 * currency, then the amount against the currency's minor unit.
 */
export function parsePaymentRequest(body: string): ParsedRequest {
  const parsed = parseStrictJson(body);
  switch (parsed.kind) {
    case 'value':
      return readMembers(parsed.value);
    case 'invalid_json':
      return refuse('invalid_json', {
        detail: `Send one JSON object; this text stops being JSON at offset ${parsed.offset}.`,
      });
    case 'duplicate_field':
      return refuse('duplicate_field', {
        field: echo(parsed.key),
        error: `Duplicate field: ${echo(parsed.key)}`,
      });
    case 'nesting_too_deep':
      return refuse('nesting_too_deep');
  }
}

function readMembers(value: JsonValue): ParsedRequest {
  if (value.kind !== 'object') return refuse('invalid_body');
  const { members } = value;
  for (const field of FIELDS) {
    if (!members.has(field)) {
      return refuse('missing_field', { field, error: `Missing required field: ${field}` });
    }
  }
  for (const key of members.keys()) {
    if (!(FIELDS as readonly string[]).includes(key)) {
      return refuse('unknown_field', { field: echo(key), error: `Unknown field: ${echo(key)}` });
    }
  }
  const transactionId = readId(members, 'transaction_id', 'invalid_transaction_id');
  if (transactionId.kind === 'invalid') return transactionId;
  const customerId = readId(members, 'customer_id', 'invalid_customer_id');
  if (customerId.kind === 'invalid') return customerId;
  const money = readMoney(members.get('amount'), members.get('currency'));
  if (money.kind === 'invalid') return money;
  return {
    kind: 'valid',
    request: { transactionId: transactionId.id, customerId: customerId.id, ...money.money },
  };
}

type Invalid = Extract<ParsedRequest, { kind: 'invalid' }>;

function readId(
  members: ReadonlyMap<string, JsonValue>,
  field: 'transaction_id' | 'customer_id',
  code: 'invalid_transaction_id' | 'invalid_customer_id',
): { readonly kind: 'id'; readonly id: string } | Invalid {
  const value = members.get(field);
  if (value?.kind !== 'string') {
    return refuse(code, { field, detail: `${field} must be a string.` });
  }
  const fault = identifierFault(value.value);
  if (fault !== null) return refuse(code, { field, detail: `${field} ${fault}.` });
  return { kind: 'id', id: value.value };
}

function readMoney(
  amount: JsonValue | undefined,
  currency: JsonValue | undefined,
): { readonly kind: 'money'; readonly money: Money } | Invalid {
  const decimal = readDecimal(amount);
  if (decimal === null) return refuse('invalid_amount', { field: 'amount' });
  if (decimal.negative || decimal.digits === '') {
    return refuse('amount_not_positive', { field: 'amount' });
  }
  const code = currency?.kind === 'string' ? currency.value : '';
  const minorDigits = MINOR_UNIT_DIGITS.get(code);
  if (minorDigits === undefined) return refuse('invalid_currency', { field: 'currency' });
  const minor = toMinorUnits(decimal, minorDigits);
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

function readDecimal(amount: JsonValue | undefined): Decimal | null {
  if (amount?.kind === 'number') return parseDecimal(amount.source, 'number');
  if (amount?.kind === 'string') return parseDecimal(amount.value, 'string');
  return null;
}

function refuse(code: ErrorCode, more: Omit<RequestFault, 'code'> = {}): Invalid {
  return { kind: 'invalid', fault: { code, ...more } };
}

/** A caller's key, made safe to repeat in an answer: well-formed, printable, short. */
function echo(key: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this replaces
  const printable = key.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
  return printable.length > ECHO_MAX
    ? `${printable.slice(0, ECHO_MAX).toWellFormed()}…`
    : printable;
}
