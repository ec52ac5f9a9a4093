/** Reads a JSON body into its members: what every request's parser does first, in the same order. */

import type { ErrorCode } from '#contract/errors.ts';
import { identifierFault } from './identifier.ts';
import { type Decimal, parseDecimal } from './money.ts';
import { type JsonValue, parseStrictJson } from './strict-json.ts';

/** Why a request is refused. `error` and `detail` are fixed texts of ours, safe to answer with. */
export interface RequestFault {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly error?: string;
  readonly detail?: string;
  /** A short code of the gateway's. */
  readonly declineReason?: string;
}

export interface Refused {
  readonly kind: 'invalid';
  readonly fault: RequestFault;
}

export type Members = ReadonlyMap<string, JsonValue>;

/** Longest part of a caller's own key that an error repeats. */
const ECHO_MAX = 64;

/**
 * Checks, in this order: JSON, object, missing fields, unknown fields. Pure; never throws for any text.
 *
 * `required` in the order in which a missing one is reported.
 */
export function readMembers(
  body: string,
  fields: { readonly required: readonly string[]; readonly optional: readonly string[] },
): { readonly kind: 'members'; readonly members: Members } | Refused {
  const parsed = parseStrictJson(body);
  switch (parsed.kind) {
    case 'value':
      return membersOf(parsed.value, fields);
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

function membersOf(
  value: JsonValue,
  {
    required,
    optional,
  }: { readonly required: readonly string[]; readonly optional: readonly string[] },
): { readonly kind: 'members'; readonly members: Members } | Refused {
  if (value.kind !== 'object') return refuse('invalid_body');
  const { members } = value;
  const known = [...required, ...optional];
  for (const field of required) {
    if (!members.has(field)) {
      const detail = `Send ${listed(required)}.`;
      return refuse('missing_field', { field, error: `Missing required field: ${field}`, detail });
    }
  }
  for (const key of members.keys()) {
    if (!known.includes(key)) {
      const error = `Unknown field: ${echo(key)}`;
      return refuse('unknown_field', {
        field: echo(key),
        error,
        detail: `Send only ${listed(known)}.`,
      });
    }
  }
  return { kind: 'members', members };
}

/** Reads an id that a caller chose. Pure. */
export function readId(
  members: Members,
  field: string,
  code: ErrorCode,
): { readonly kind: 'id'; readonly id: string } | Refused {
  const value = members.get(field);
  if (value?.kind !== 'string') {
    return refuse(code, { field, detail: `${field} must be a string.` });
  }
  const fault = identifierFault(value.value);
  if (fault !== null) return refuse(code, { field, detail: `${field} ${fault}.` });
  return { kind: 'id', id: value.value };
}

/** Reads an amount above zero, in decimal; its currency is the caller's business. Pure. */
export function readAmount(
  amount: JsonValue | undefined,
): { readonly kind: 'amount'; readonly decimal: Decimal } | Refused {
  const decimal = decimalOf(amount);
  if (decimal === null) return refuse('invalid_amount', { field: 'amount' });
  if (decimal.negative || decimal.digits === '') {
    return refuse('amount_not_positive', { field: 'amount' });
  }
  return { kind: 'amount', decimal };
}

function decimalOf(amount: JsonValue | undefined): Decimal | null {
  if (amount?.kind === 'number') return parseDecimal(amount.source, 'number');
  if (amount?.kind === 'string') return parseDecimal(amount.value, 'string');
  return null;
}

export function refuse(code: ErrorCode, more: Omit<RequestFault, 'code'> = {}): Refused {
  return { kind: 'invalid', fault: { code, ...more } };
}

function listed(fields: readonly string[]): string {
  return fields.length < 2
    ? fields.join('')
    : `${fields.slice(0, -1).join(', ')} and ${fields.at(-1)}`;
}

/** A caller's key, made safe to repeat in an answer: well-formed, printable, short. */
function echo(key: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this replaces
  const printable = key.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
  return printable.length > ECHO_MAX
    ? `${printable.slice(0, ECHO_MAX).toWellFormed()}…`
    : printable;
}
