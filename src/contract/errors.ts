/**
 * The error catalogue: one row maps a code to HTTP status, retry advice, the original's `error` text
 * and what to do next. Codes are append-only: clients switch on them.
 *
 * A test holds docs/reference/errors.md and the OpenAPI document to this table.
 */

/** `never`: mend the request first. `same-key`: repeat with the same transaction_id. */
export type RetryAdvice = 'never' | 'same-key' | 'after-delay';

export interface ErrorEntry {
  readonly status: number;
  readonly retry: RetryAdvice;
  /** Default `error` text. Some codes replace it with one that names the field. */
  readonly error: string;
  /** What the caller does next, in one sentence. */
  readonly nextStep: string;
}

export const ERRORS = {
  missing_field: {
    status: 400,
    retry: 'never',
    error: 'Missing required field',
    nextStep: 'Send every field that the API description requires.',
  },
  unknown_field: {
    status: 400,
    retry: 'never',
    error: 'Unknown field',
    nextStep: 'Send only the fields that the API description names.',
  },
  duplicate_field: {
    status: 400,
    retry: 'never',
    error: 'Duplicate field',
    nextStep: 'Send each field once.',
  },
  invalid_json: {
    status: 400,
    retry: 'never',
    error: 'Request body is not valid JSON',
    nextStep: 'Send one JSON object, encoded as UTF-8.',
  },
  invalid_encoding: {
    status: 400,
    retry: 'never',
    error: 'Request body is not valid UTF-8',
    nextStep: 'Encode the body as UTF-8; if it is sent as base64, as standard base64.',
  },
  invalid_body: {
    status: 400,
    retry: 'never',
    error: 'Request body must be a JSON object',
    nextStep: 'Send one JSON object, not an array, a string, a number or null.',
  },
  nesting_too_deep: {
    status: 400,
    retry: 'never',
    error: 'Request body is nested too deeply',
    nextStep: 'Send a flat JSON object.',
  },
  invalid_transaction_id: {
    status: 400,
    retry: 'never',
    error: 'Invalid transaction_id',
    nextStep: 'Send a string of 1 to 2,048 bytes in UTF-8 without control characters.',
  },
  invalid_customer_id: {
    status: 400,
    retry: 'never',
    error: 'Invalid customer_id',
    nextStep: 'Send a string of 1 to 2,048 bytes in UTF-8 without control characters.',
  },
  invalid_refund_id: {
    status: 400,
    retry: 'never',
    error: 'Invalid refund_id',
    nextStep: 'Send a string of 1 to 2,048 bytes in UTF-8 without control characters.',
  },
  invalid_amount: {
    status: 400,
    retry: 'never',
    error: 'Invalid amount',
    nextStep: 'Send a JSON number or a decimal string such as "10.50".',
  },
  amount_not_positive: {
    status: 400,
    retry: 'never',
    error: 'Amount must be positive',
    nextStep: 'Send an amount above zero.',
  },
  amount_too_large: {
    status: 400,
    retry: 'never',
    error: 'Amount is too large',
    nextStep: 'Send at most 999,999,999,999,999 minor units of the currency.',
  },
  amount_too_precise: {
    status: 400,
    retry: 'never',
    error: 'Amount has more decimals than the currency',
    nextStep: "Send an amount that is whole in the currency's minor unit.",
  },
  invalid_currency: {
    status: 400,
    retry: 'never',
    error: 'Invalid currency',
    nextStep: 'Send the upper-case ISO 4217 code of a currency in use, such as "USD".',
  },
  invalid_parameter: {
    status: 400,
    retry: 'never',
    error: 'Invalid query parameter',
    nextStep: 'Mend the parameter that `field` names.',
  },
  invalid_cursor: {
    status: 400,
    retry: 'never',
    error: 'Invalid cursor',
    nextStep: 'Send the next_cursor of the page before, unchanged, or none for the first page.',
  },
  bad_request: {
    status: 400,
    retry: 'never',
    error: 'Bad request',
    nextStep: 'Check the method, the path, the query and the headers against the API description.',
  },
  payment_declined: {
    status: 402,
    retry: 'never',
    error: 'Payment declined',
    nextStep: 'Ask for another way to pay, and send that as a new payment.',
  },
  refund_declined: {
    status: 402,
    retry: 'never',
    error: 'Refund declined',
    nextStep: 'Nothing went back; settle it with the customer in another way.',
  },
  unauthorized: {
    status: 403,
    retry: 'never',
    error: 'Not allowed',
    nextStep:
      'Sign the request (AWS Signature Version 4, for the Region that answers it) as a principal that may invoke the API.',
  },
  route_not_found: {
    status: 404,
    retry: 'never',
    error: 'No such resource',
    nextStep: 'Check the method and the path against the API description.',
  },
  payment_not_found: {
    status: 404,
    retry: 'never',
    error: 'Payment not found',
    nextStep: 'Check the transaction_id; a payment that was never accepted does not exist.',
  },
  transaction_conflict: {
    status: 409,
    retry: 'never',
    error: 'transaction_id was already used for a different payment',
    nextStep: 'Use a new transaction_id, or repeat the first request unchanged.',
  },
  refund_conflict: {
    status: 409,
    retry: 'never',
    error: 'refund_id was already used for a different amount',
    nextStep: 'Use a new refund_id, or repeat the first request unchanged.',
  },
  refund_exceeds_charge: {
    status: 409,
    retry: 'never',
    error: 'Refund exceeds what is left of the charge',
    nextStep: 'Send at most what is left; GET /payments/{transaction_id} shows the refunds so far.',
  },
  too_many_refunds: {
    status: 409,
    retry: 'never',
    error: 'The payment has too many refunds',
    nextStep: 'A payment takes at most 100 refunds; settle the rest in another way.',
  },
  payment_not_charged: {
    status: 409,
    retry: 'never',
    error: 'The payment was declined: there is nothing to refund',
    nextStep: 'Check the transaction_id; a declined payment was never charged.',
  },
  payment_still_open: {
    status: 409,
    retry: 'after-delay',
    error: 'The payment is not finished yet',
    nextStep: 'Retry shortly; it is finished within a minute, or waits for an operator.',
  },
  body_too_large: {
    status: 413,
    retry: 'never',
    error: 'Request body is too large',
    nextStep: 'Send at most 65,536 bytes.',
  },
  unsupported_media_type: {
    status: 415,
    retry: 'never',
    error: 'Content-Type must be application/json',
    nextStep: 'Send Content-Type: application/json; charset=utf-8.',
  },
  too_many_requests: {
    status: 429,
    retry: 'after-delay',
    error: 'Too many requests',
    nextStep: 'Slow down, then retry with the same transaction_id.',
  },
  internal_error: {
    status: 500,
    retry: 'same-key',
    error: 'Internal error',
    nextStep: 'Retry with the same transaction_id; quote the request_id if it persists.',
  },
  outcome_unknown: {
    status: 503,
    retry: 'same-key',
    error: 'Outcome unknown, retry with the same transaction_id',
    nextStep: 'Retry with the same transaction_id, here or in the other Region.',
  },
  region_not_active: {
    status: 503,
    retry: 'same-key',
    error: 'This Region may not take payments now',
    nextStep: 'Send the same request to the other Region.',
  },
  traffic_elsewhere: {
    status: 503,
    retry: 'after-delay',
    error: 'Traffic is sent to another Region',
    nextStep: 'Resolve the API name again; a payment sent here is still taken.',
  },
  unavailable: {
    status: 503,
    retry: 'after-delay',
    error: 'This Region cannot serve the request now',
    nextStep: 'Retry shortly, here or in the other Region.',
  },
  gateway_timeout: {
    status: 504,
    retry: 'same-key',
    error: 'Timed out, outcome unknown, retry with the same transaction_id',
    nextStep: 'Retry with the same transaction_id, here or in the other Region.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Seconds in `Retry-After` of every error that may be retried. */
const RETRY_AFTER_SECONDS = '1';

/** `Retry-After` of an error, seconds; null: it says nothing, because the same request never succeeds. */
export function retryAfterOf(code: ErrorCode): string | null {
  return ERRORS[code].retry === 'never' ? null : RETRY_AFTER_SECONDS;
}

/** Media type of every error body (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** An error body: RFC 9457's members, the original's `error`, a stable `code`, the request id. */
export interface ProblemBody {
  readonly error: string;
  readonly code: ErrorCode;
  /** RFC 9457 `type`: a URI that identifies the kind of problem. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly request_id: string;
  /** The body field or query parameter at fault, when there is one. */
  readonly field?: string;
  /** With `payment_declined` and `refund_declined`: the gateway's reason. */
  readonly decline_reason?: string;
}

/** RFC 9457 `type` of a code. A URN, so that it stays valid wherever the documentation moves. */
export function problemType(code: ErrorCode): string {
  return `urn:holdfast:error:${code.replaceAll('_', '-')}`;
}

/**
 * Builds the body of an error answer. `error` and `detail` replace the catalogue's texts when given.
 * Pure. Carries nothing internal: callers pass only their own fixed texts.
 */
export function problemBody(
  code: ErrorCode,
  requestId: string,
  more: {
    readonly error?: string;
    readonly detail?: string;
    readonly field?: string;
    readonly declineReason?: string;
  } = {},
): ProblemBody {
  const entry = ERRORS[code];
  return {
    error: more.error ?? entry.error,
    code,
    type: problemType(code),
    title: entry.error,
    status: entry.status,
    detail: more.detail ?? entry.nextStep,
    request_id: requestId,
    ...(more.field === undefined ? {} : { field: more.field }),
    ...(more.declineReason === undefined ? {} : { decline_reason: more.declineReason }),
  };
}
