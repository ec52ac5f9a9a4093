/**
 * The comparisons behind IAM condition operators: one policy value against one request value.
 *
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
 */

import { BlockList, isIP } from 'node:net';
import { matchesArn, matchesText } from './pattern.ts';
import { expandVariables, type RequestContext } from './policy-variables.ts';

export interface PolicyValue {
  readonly text: string;
  readonly version: string | undefined;
  readonly context: RequestContext;
}

export interface ConditionOperator {
  /** Whether the policy's value covers the request's. */
  readonly covers: (policy: PolicyValue, request: string) => boolean;
  /** `…Not…`: holds when no value of the policy covers the request's, or the key is absent. */
  readonly negated: boolean;
}

type Covers = ConditionOperator['covers'];

const stringEquals: Covers = ({ text, version, context }, request) => {
  const pattern = expandVariables(text, context, { version, asPattern: false });
  return pattern !== null && matchesText(pattern, request);
};

const stringEqualsIgnoreCase: Covers = ({ text, version, context }, request) => {
  const pattern = expandVariables(text, context, { version, asPattern: false });
  return pattern !== null && pattern.join('').toLowerCase() === request.toLowerCase();
};

const stringLike: Covers = ({ text, version, context }, request) => {
  const pattern = expandVariables(text, context, { version, asPattern: true });
  return pattern !== null && matchesText(pattern, request);
};

/** ArnEquals and ArnLike behave alike, wildcards included. */
const arnLike: Covers = ({ text, version, context }, request) => {
  const pattern = expandVariables(text, context, { version, asPattern: true });
  return pattern !== null && matchesArn(pattern, request);
};

const boolean: Covers = ({ text }, request) => text.toLowerCase() === request.toLowerCase();

const binaryEquals: Covers = ({ text }, request) =>
  Buffer.from(text, 'base64').equals(Buffer.from(request, 'base64'));

const ipAddress: Covers = ({ text }, request) => {
  const [address = '', prefix] = text.split('/');
  const family = isIP(address);
  if (family === 0 || isIP(request) !== family) return false;
  const bits = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, bits, type);
  return list.check(request, type);
};

function numeric(compare: (request: number, policy: number) => boolean): Covers {
  return ({ text }, request) => comparing(toNumber(request), toNumber(text), compare);
}

function date(compare: (request: number, policy: number) => boolean): Covers {
  return ({ text }, request) => comparing(toEpochMs(request), toEpochMs(text), compare);
}

/** What is no number or no date is covered by nothing. */
function comparing(
  request: number,
  policy: number,
  compare: (request: number, policy: number) => boolean,
): boolean {
  return !Number.isNaN(request) && !Number.isNaN(policy) && compare(request, policy);
}

function toNumber(text: string): number {
  return /^\s*$/.test(text) ? Number.NaN : Number(text);
}

/** ISO 8601, or seconds since 1970. */
function toEpochMs(text: string): number {
  if (/^-?\d+$/.test(text) && text.length > 4) return Number(text) * 1_000;
  return /^\d{4}(-\d{2}){0,2}(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
}

const equal = (request: number, policy: number) => request === policy;
const less = (request: number, policy: number) => request < policy;
const atMost = (request: number, policy: number) => request <= policy;
const greater = (request: number, policy: number) => request > policy;
const atLeast = (request: number, policy: number) => request >= policy;

/** By name, without `IfExists` and without a set prefix. `Null` is not a comparison. */
export const CONDITION_OPERATORS: ReadonlyMap<string, ConditionOperator> = new Map(
  (
    [
      ['StringEquals', stringEquals],
      ['StringNotEquals', stringEquals],
      ['StringEqualsIgnoreCase', stringEqualsIgnoreCase],
      ['StringNotEqualsIgnoreCase', stringEqualsIgnoreCase],
      ['StringLike', stringLike],
      ['StringNotLike', stringLike],
      ['NumericEquals', numeric(equal)],
      ['NumericNotEquals', numeric(equal)],
      ['NumericLessThan', numeric(less)],
      ['NumericLessThanEquals', numeric(atMost)],
      ['NumericGreaterThan', numeric(greater)],
      ['NumericGreaterThanEquals', numeric(atLeast)],
      ['DateEquals', date(equal)],
      ['DateNotEquals', date(equal)],
      ['DateLessThan', date(less)],
      ['DateLessThanEquals', date(atMost)],
      ['DateGreaterThan', date(greater)],
      ['DateGreaterThanEquals', date(atLeast)],
      ['Bool', boolean],
      ['BinaryEquals', binaryEquals],
      ['IpAddress', ipAddress],
      ['NotIpAddress', ipAddress],
      ['ArnEquals', arnLike],
      ['ArnLike', arnLike],
      ['ArnNotEquals', arnLike],
      ['ArnNotLike', arnLike],
    ] as const
  ).map(([name, covers]) => [name, { covers, negated: name.includes('Not') }]),
);
