/**
 * Exact money: decimal text to integer minor units and back. No value ever passes through a float.
 */

import { invariant } from './invariant.ts';
import { MINOR_UNIT_DIGITS } from './iso-4217.ts';

/** An amount in a currency's minor unit: 10.50 USD is 1050n. */
export interface Money {
  readonly amountMinor: bigint;
  /** ISO 4217 code. */
  readonly currency: string;
}

/**
 * The largest amount, in minor units: 15 digits, so that a consumer that reads our JSON numbers or
 * strings into a double (53 bits) still has the exact value.
 */
export const AMOUNT_MAX_MINOR = 999_999_999_999_999n;
const AMOUNT_MAX_DIGITS = 15;

/** A decimal number, normalised: `digits × 10^exponent`, without leading or trailing zeros. */
export interface Decimal {
  readonly negative: boolean;
  /** Empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

const JSON_NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;
const DECIMAL_STRING = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/;

/** Beyond this an exponent decides by itself: no amount has so many digits. */
const EXPONENT_CAP = 1_000_000;

/**
 * Reads decimal text. `number`: the source text of a JSON number, exponents allowed. `string`: the
 * content of a JSON string, plain decimals only (no sign but `-`, no exponent, no grouping, ASCII
 * digits). Returns null for anything else.
 */
export function parseDecimal(text: string, syntax: 'number' | 'string'): Decimal | null {
  const match = (syntax === 'number' ? JSON_NUMBER : DECIMAL_STRING).exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponentText = '0'] = match;
  const digitsAndZeros = (whole + fraction).replace(/^0+/, '');
  const digits = stripTrailingZeros(digitsAndZeros);
  const givenExponent = Math.max(-EXPONENT_CAP, Math.min(EXPONENT_CAP, Number(exponentText)));
  return {
    negative: sign === '-',
    digits,
    exponent: givenExponent - fraction.length + (digitsAndZeros.length - digits.length),
  };
}

export type MinorUnits =
  | { readonly kind: 'exact'; readonly amountMinor: bigint }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'too_precise' };

/**
 * A positive decimal in the minor unit of a currency with `minorDigits` decimals. Exact or refused:
 * nothing is rounded.
 */
export function toMinorUnits(decimal: Decimal, minorDigits: number): MinorUnits {
  invariant(!decimal.negative && decimal.digits !== '', 'toMinorUnits takes a positive amount');
  const shift = decimal.exponent + minorDigits;
  if (decimal.digits.length + shift > AMOUNT_MAX_DIGITS) return { kind: 'too_large' };
  if (shift < 0) return { kind: 'too_precise' };
  return { kind: 'exact', amountMinor: BigInt(decimal.digits + '0'.repeat(shift)) };
}

/** The canonical decimal text: always all decimals of the currency (`10.50`, `500`, `1.234`). */
export function formatMoney({ amountMinor, currency }: Money): string {
  const minorDigits = minorDigitsOf(currency);
  const digits = amountMinor.toString().padStart(minorDigits + 1, '0');
  if (minorDigits === 0) return digits;
  const point = digits.length - minorDigits;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** Whether an amount is strictly above `major` whole units of its currency. */
export function exceedsMajor({ amountMinor, currency }: Money, major: bigint): boolean {
  return amountMinor > major * 10n ** BigInt(minorDigitsOf(currency));
}

function minorDigitsOf(currency: string): number {
  const digits = MINOR_UNIT_DIGITS.get(currency);
  invariant(digits !== undefined, 'money has a known currency');
  return digits;
}

/** A loop, not /0+$/: that regular expression is quadratic on long runs of zeros inside digits. */
function stripTrailingZeros(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '0') end -= 1;
  return text.slice(0, end);
}
