/** Takes an id out of an event's path, as the caller meant it. */

import { identifierFault } from '#core/identifier.ts';
import type { RequestFault } from '#core/request-members.ts';
import type { ApiEvent } from './api-event.ts';

export type PathIdentifier =
  | { readonly kind: 'identifier'; readonly value: string }
  | { readonly kind: 'refused'; readonly fault: RequestFault };

const CODES = {
  transaction_id: 'invalid_transaction_id',
  customer_id: 'invalid_customer_id',
} as const;

const MALFORMED = 'is not percent-encoded UTF-8 in the path; encode it once, "%" itself as "%25"';

/**
 * The id decoded exactly once and checked, or why it is refused. Pure; never throws.
 *
 * A REST API hands path parameters on as they stand in the path, percent-encoded; only an HTTP API (payload
 * 2.0) decodes them. Undecoded, `a%3Ab` would be another payment than `a:b`. AWS does not document it;
 * seen on deployed APIs: https://github.com/serverless/serverless/issues/5037,
 * https://github.com/aws/aws-sam-cli/issues/3524.
 */
export function pathIdentifier(event: ApiEvent, name: keyof typeof CODES): PathIdentifier {
  const raw = event.pathParameters?.[name];
  const value = raw === undefined ? raw : decoded(raw);
  const fault = value === null ? MALFORMED : identifierFault(value);
  if (typeof value === 'string' && fault === null) return { kind: 'identifier', value };
  const detail = `${name} ${fault}.`;
  return { kind: 'refused', fault: { code: CODES[name], field: name, detail } };
}

/** Null: broken encoding, or not UTF-8. */
function decoded(raw: string): string | null {
  try {
    return decodeURIComponent(raw);
  } catch {
    return null;
  }
}
