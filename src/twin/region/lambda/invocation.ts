/** What becomes of one invocation of a function, and the payload limits of Lambda's Invoke. */

/**
 * `answered`: the handler's answer as JSON text. Every other kind but `request-too-large` and `throttled` is
 * what Lambda reports as status 200 with an `X-Amz-Function-Error` header.
 */
export type InvocationOutcome =
  | { readonly kind: 'answered'; readonly payload: string }
  /** The handler threw, or its answer can't be sent. The environment lives on. */
  | {
      readonly kind: 'function-error';
      readonly errorType: string;
      readonly errorMessage: string;
    }
  /** The function's timeout passed; its environment is gone. */
  | { readonly kind: 'timed-out'; readonly timeoutMs: number }
  /** The environment ended, or could not start, while the invocation was in it. */
  | { readonly kind: 'crashed'; readonly reason: string }
  /** Refused before the function was called. */
  | { readonly kind: 'request-too-large'; readonly sizeBytes: number }
  /** Refused before the function was called: as many invocations run as the function has reserved. */
  | { readonly kind: 'throttled'; readonly reservedConcurrency: number };

/** Largest event of a synchronous invocation. Source: Lambda's error text, "limit 6291456 bytes". */
export const EVENT_LIMIT_BYTES = 6_291_456;

/** Largest answer. Source: Lambda's error text, "maximum allowed payload size (6291556 bytes)". */
export const ANSWER_LIMIT_BYTES = 6_291_556;
