/** The codes of errors. Append-only, like the API's own catalogue. */

/** `never`: mend the request first. `same-key`: repeat with the same ids. `after-delay`: that, later. */
export type RetryAdvice = 'never' | 'same-key' | 'after-delay';

/**
 * What the API answers, and whether to repeat it. A code that is not here is passed on as it came.
 * Source: docs/reference/errors.md; a test holds the two together.
 */
export const SERVER_CODES = {
  missing_field: 'never',
  unknown_field: 'never',
  duplicate_field: 'never',
  invalid_json: 'never',
  invalid_encoding: 'never',
  invalid_body: 'never',
  nesting_too_deep: 'never',
  invalid_transaction_id: 'never',
  invalid_customer_id: 'never',
  invalid_refund_id: 'never',
  invalid_amount: 'never',
  amount_not_positive: 'never',
  amount_too_large: 'never',
  amount_too_precise: 'never',
  invalid_currency: 'never',
  invalid_parameter: 'never',
  invalid_cursor: 'never',
  bad_request: 'never',
  payment_declined: 'never',
  refund_declined: 'never',
  unauthorized: 'never',
  route_not_found: 'never',
  payment_not_found: 'never',
  transaction_conflict: 'never',
  refund_conflict: 'never',
  refund_exceeds_charge: 'never',
  too_many_refunds: 'never',
  payment_not_charged: 'never',
  payment_still_open: 'after-delay',
  body_too_large: 'never',
  unsupported_media_type: 'never',
  too_many_requests: 'after-delay',
  internal_error: 'same-key',
  outcome_unknown: 'same-key',
  region_not_active: 'same-key',
  traffic_elsewhere: 'after-delay',
  unavailable: 'after-delay',
  gateway_timeout: 'same-key',
} as const satisfies Record<string, RetryAdvice>;

export type ServerCode = keyof typeof SERVER_CODES;

/**
 * What the client itself finds. `invalid_request`: nothing was sent. `no_answer`: the last try brought
 * none. `unexpected_answer`: not the API's words. `aborted`: by the caller's signal.
 */
export type ClientCode = 'invalid_request' | 'no_answer' | 'unexpected_answer' | 'aborted';

/** Every code that this version knows, and any that a newer API adds. */
export type ErrorCode = ServerCode | ClientCode | (string & Record<never, never>);

/** The advice for an answer; by its status where the code is not known. Pure. */
export function adviceFor(status: number, code: string): RetryAdvice {
  if (Object.hasOwn(SERVER_CODES, code)) return SERVER_CODES[code as ServerCode];
  if (status >= 500 || status === 408) return 'same-key';
  return status === 429 || status === 425 ? 'after-delay' : 'never';
}
