/**
 * The same request in many spellings: what JSON and the API's amounts leave open, drawn.
 *
 * Knows the currencies' decimals by itself, so that the code under test is not its own witness.
 */

import type { Random } from '../kernel/random.ts';
import type { Meaning } from '../ledger.ts';

/** Currency → decimals of its minor unit. Source: ISO 4217, list one. */
export const CURRENCY_DIGITS = { USD: 2, EUR: 2, JPY: 0, BHD: 3, UYW: 4 } as const;
export type Currency = keyof typeof CURRENCY_DIGITS;

/** Share of the characters that are escaped without need, where a spelling does that at all. */
const ESCAPES_EVERY_MAX = 5;
const BLANKS = ['', '', ' ', '\t', '\n  ', ' \r\n'] as const;

/** As most clients write it: the members in the documentation's order, no white space, all decimals. */
export function spellPlainly(meaning: Meaning): string {
  const { transactionId, customerId, amountMinor, currency } = meaning;
  const amount = decimalText(amountMinor, digitsOf(currency));
  const ids = `"transaction_id":${quote(transactionId)},"customer_id":${quote(customerId)}`;
  return `{${ids},"amount":"${amount}","currency":"${currency}"}`;
}

/** JSON text of a payment request in a drawn spelling. Every spelling of a meaning is the same request. */
export function spell(meaning: Meaning, random: Random): string {
  const { transactionId, customerId, amountMinor, currency } = meaning;
  const escapes = random.chance(0.4);
  const members = [
    member('transaction_id', spellText(transactionId, escapes, random), escapes, random),
    member('customer_id', spellText(customerId, escapes, random), escapes, random),
    member('amount', spellAmount(amountMinor, digitsOf(currency), random), escapes, random),
    member('currency', spellText(currency, escapes, random), escapes, random),
  ];
  return spellObject(members, random);
}

/** JSON text of a refund request. `amountMinor` null: all that is left. */
export function spellRefund(
  refund: { readonly refundId: string; readonly amountMinor: bigint | null },
  currency: string,
  random: Random,
): string {
  const escapes = random.chance(0.2);
  const members = [
    member('refund_id', spellText(refund.refundId, escapes, random), escapes, random),
  ];
  if (refund.amountMinor !== null) {
    const amount = spellAmount(refund.amountMinor, digitsOf(currency), random);
    members.push(member('amount', amount, escapes, random));
  }
  return spellObject(members, random);
}

/** `1050` minor units with two decimals are `10.50`. */
export function decimalText(amountMinor: bigint, digits: number): string {
  const text = amountMinor.toString().padStart(digits + 1, '0');
  if (digits === 0) return text;
  const point = text.length - digits;
  return `${text.slice(0, point)}.${text.slice(point)}`;
}

function digitsOf(currency: string): number {
  return CURRENCY_DIGITS[currency as Currency];
}

/** A JSON number or a JSON string: shortest, with zeros to spare, or with an exponent (numbers only). */
function spellAmount(amountMinor: bigint, digits: number, random: Random): string {
  if (random.chance(0.25)) return withExponent(amountMinor, digits, random);
  let text = decimalText(amountMinor, digits);
  const form = random.int(0, 2);
  if (form === 1) {
    if (digits > 0) text = text.replace(/\.?0+$/, '');
  } else if (form === 2) {
    text = `${text}${digits === 0 ? '.' : ''}${'0'.repeat(random.int(1, 4))}`;
  }
  return random.chance(0.5) ? `"${text}"` : text;
}

/** `105e-1`, `1.05E+1`, `0.105e2`: any place of the point, with the exponent that makes up for it. */
function withExponent(amountMinor: bigint, digits: number, random: Random): string {
  const all = amountMinor.toString();
  const significant = all.replace(/0+$/, '');
  const exponent = all.length - significant.length - digits;
  const shift = random.int(0, significant.length);
  const point = significant.length - shift;
  const whole = point === 0 ? '0' : significant.slice(0, point);
  const mantissa = shift === 0 ? whole : `${whole}.${significant.slice(point)}`;
  const power = exponent + shift;
  const sign = power >= 0 && random.chance(0.5) ? '+' : '';
  return `${mantissa}${random.chance(0.5) ? 'e' : 'E'}${sign}${power}`;
}

/** `"name": value`, without what comes around it. */
function member(name: string, value: string, escapes: boolean, random: Random): string {
  const blank = random.pick(BLANKS);
  return `${spellText(name, escapes && random.chance(0.3), random)}${blank}:${blank}${value}`;
}

function spellObject(members: string[], random: Random): string {
  const outer = random.pick(BLANKS);
  const between = `${outer},${random.pick(BLANKS)}`;
  let text = `${outer}{`;
  // Shuffled on the way: what comes next is any of those that are left.
  for (let at = 0; at < members.length; at += 1) {
    const other = random.int(at, members.length - 1);
    text += (at === 0 ? outer : between) + (members[other] as string);
    members[other] = members[at] as string;
  }
  return `${text}${outer}}${outer}`;
}

/** A JSON string of a text without control characters: ids have none. */
function quote(text: string): string {
  return text.includes('"') || text.includes('\\') ? JSON.stringify(text) : `"${text}"`;
}

/** A JSON string; with `escapes`, characters as `\uXXXX` that need not be, and `\/`. */
function spellText(text: string, escapes: boolean, random: Random): string {
  if (!escapes) return quote(text);
  const every = random.int(1, ESCAPES_EVERY_MAX);
  const isUpper = random.chance(0.5);
  let spelled = '"';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (at % every === 0 || character === '"' || character === '\\') {
      const hex = text.charCodeAt(at).toString(16).padStart(4, '0');
      spelled += `\\u${isUpper ? hex.toUpperCase() : hex}`;
    } else {
      spelled += character === '/' ? '\\/' : character;
    }
  }
  return `${spelled}"`;
}
