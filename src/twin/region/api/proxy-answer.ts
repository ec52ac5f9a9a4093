/** Turns what a function answered into the HTTP answer of a Lambda proxy integration. */

import { validateHeaderName, validateHeaderValue } from 'node:http';

import type { ApiAnswer } from './api-request.ts';

export type ProxyAnswer =
  | { readonly kind: 'answer'; readonly answer: ApiAnswer }
  /** Not an answer that API Gateway accepts: 502. `reason` is for the log. */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** isBase64Encoded, and the body is not base64: 500. */
  | { readonly kind: 'not-base64' };

/** API Gateway takes these fields and refuses an answer with any other (observed, *unpublished*). */
const FIELDS = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

/**
 * Headers that a function can't set: API Gateway sends them under `x-amzn-Remapped-…` instead.
 * Source: API Gateway developer guide, "Important notes for REST APIs".
 */
const REMAPPED = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'server',
  'te',
  'upgrade',
  'user-agent',
  'www-authenticate',
]);
/** Dropped: the framing of the answer is API Gateway's own. */
const DROPPED = new Set(['transfer-encoding', 'trailer', 'keep-alive']);

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Maps `payload`, the function's answer as JSON text. Pure.
 *
 * `acceptsBinary`: whether the caller's Accept header is among the API's binary media types; only
 * then is a base64 body decoded. `statusCode` must be an integer, or one written as a string; AWS
 * answers 200 where it is absent, the twin refuses so that the omission shows.
 * Source: API Gateway developer guide, "Output format of a Lambda function for proxy integration".
 */
export function mapProxyAnswer(payload: string, acceptsBinary: boolean): ProxyAnswer {
  const output: unknown = JSON.parse(payload);
  if (typeof output !== 'object' || output === null || Array.isArray(output)) {
    return malformed('it is not an object');
  }
  const { statusCode, body, isBase64Encoded } = output as Record<string, unknown>;
  for (const field of Object.keys(output)) {
    if (!FIELDS.has(field)) return malformed(`it has the unknown field "${field}"`);
  }
  const status = Number(statusCode);
  if (!isStatus(statusCode) || status < 200 || status > 599) {
    return malformed('its statusCode is not an integer from 200 to 599');
  }
  if (body !== undefined && body !== null && typeof body !== 'string') {
    return malformed('its body is not a string');
  }
  if (!isOptionalBoolean(isBase64Encoded)) {
    return malformed('its isBase64Encoded is not a boolean');
  }
  const headers = collectHeaders(output as Record<string, unknown>);
  if (typeof headers === 'string') return malformed(headers);

  const text = body ?? '';
  if (isBase64Encoded !== true || !acceptsBinary) {
    return { kind: 'answer', answer: { status, headers, body: text } };
  }
  if (!BASE64.test(text)) return { kind: 'not-base64' };
  return { kind: 'answer', answer: { status, headers, body: Buffer.from(text, 'base64') } };
}

function malformed(reason: string): ProxyAnswer {
  return { kind: 'malformed', reason };
}

function isStatus(value: unknown): boolean {
  return typeof value === 'string' ? /^\d{3}$/.test(value) : Number.isInteger(value);
}

function isOptionalBoolean(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'boolean';
}

/**
 * Merges `multiValueHeaders` and `headers`; a pair that is in both is sent once. Returns the reason
 * when one of them is malformed.
 */
function collectHeaders(output: Readonly<Record<string, unknown>>): string[] | string {
  const collected: string[] = [];
  const sent = new Set<string>();
  let hasContentType = false;

  function add(name: string, value: unknown): string | null {
    if (typeof value !== 'string' && typeof value !== 'boolean') {
      return `its header "${name}" is not a string`;
    }
    const lower = name.toLowerCase();
    if (DROPPED.has(lower)) return null;
    const text = String(value);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, text);
    } catch {
      return `its header "${name}" has characters that HTTP does not allow`;
    }
    if (sent.has(`${lower}:${text}`)) return null;
    sent.add(`${lower}:${text}`);
    hasContentType ||= lower === 'content-type';
    collected.push(REMAPPED.has(lower) ? `x-amzn-Remapped-${name}` : name, text);
    return null;
  }

  for (const field of ['multiValueHeaders', 'headers'] as const) {
    const map = output[field];
    if (map === undefined || map === null) continue;
    if (typeof map !== 'object' || Array.isArray(map)) return `its ${field} is not an object`;
    for (const [name, value] of Object.entries(map)) {
      const values: readonly unknown[] =
        field === 'multiValueHeaders' && Array.isArray(value) ? value : [value];
      for (const one of values) {
        const reason = add(name, one);
        if (reason !== null) return reason;
      }
    }
  }
  if (!hasContentType) collected.push('Content-Type', 'application/json');
  return collected;
}
