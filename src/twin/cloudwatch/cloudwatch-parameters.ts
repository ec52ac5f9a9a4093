/** What CloudWatch's operations take and give, checked member by member. */

import type { AwsWireError } from '../endpoint/aws-service.ts';

export type Parameters = Readonly<Record<string, unknown>>;
export type Outcome = Parameters | AwsWireError;

export function isWireError(outcome: Outcome): outcome is AwsWireError {
  return 'code' in outcome && 'message' in outcome && 'status' in outcome;
}

export function invalidValue(message: string): AwsWireError {
  return { status: 400, code: 'InvalidParameterValueException', message };
}

export function invalidCombination(message: string): AwsWireError {
  return { status: 400, code: 'InvalidParameterCombinationException', message };
}

export function missing(name: string): AwsWireError {
  const message = `The parameter ${name} is required.`;
  return { status: 400, code: 'MissingRequiredParameterException', message };
}

/** Null for anything else than a list of texts. Pure. */
export function textList(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : null;
}

/** Null for anything else than a list of objects. Pure. */
export function objectList(value: unknown): readonly Parameters[] | null {
  return Array.isArray(value) && value.every(isObject) ? value : null;
}

export function isObject(value: unknown): value is Parameters {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Seconds since 1970, as JSON 1.0 writes times, or an ISO text, in milliseconds; null for neither. */
export function timeOf(value: unknown): number | null {
  const epochMs = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
  return Number.isFinite(epochMs) ? epochMs : null;
}

/** `[{Name, Value}]` as a record; null for anything else. Absent: no dimensions. Pure. */
export function dimensionsOf(value: unknown): Readonly<Record<string, string>> | null {
  const list = objectList(value ?? []);
  if (list === null) return null;
  const entries: [string, string][] = [];
  for (const { Name: name, Value: text } of list) {
    if (typeof name !== 'string' || typeof text !== 'string') return null;
    entries.push([name, text]);
  }
  return Object.fromEntries(entries);
}

/** The other way round. */
export function dimensionList(dimensions: Readonly<Record<string, string>>) {
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

/** One page of a list of which callers know an item by its `keyOf`; the token is the last one's. */
export function pageOf<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  parameters: { readonly countMax: number; readonly token: unknown },
): { readonly page: readonly Item[]; readonly NextToken?: string } | AwsWireError {
  const { countMax, token } = parameters;
  const after = typeof token === 'string' ? Buffer.from(token, 'base64').toString('utf8') : null;
  const start = after === null ? 0 : items.findIndex((item) => keyOf(item) === after) + 1;
  if ((token !== undefined && after === null) || (after !== null && start === 0)) {
    const message = 'NextToken must be one that this operation gave.';
    return { status: 400, code: 'InvalidNextToken', message };
  }
  const page = items.slice(start, start + countMax);
  const last = page.at(-1);
  if (last === undefined || start + countMax >= items.length) return { page };
  return { page, NextToken: Buffer.from(keyOf(last)).toString('base64') };
}
