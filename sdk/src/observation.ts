/** What came of one try, and what it means for the next one. */

export type Observation =
  /** No try was made yet. */
  | { readonly kind: 'start' }
  | {
      readonly kind: 'answered';
      readonly region: string;
      /** HTTP status. */
      readonly status: number;
      /** `code` of the error body; null when there is none that can be read. */
      readonly code: string | null;
      /** `Retry-After`, milliseconds; null when there is none. */
      readonly retryAfterMs: number | null;
    }
  | {
      readonly kind: 'no-answer';
      readonly region: string;
      /**
       * `refused`: the connection was never made. `broken`: it ended early, or what came is no answer of the
       * API. `timeout`: nothing came within the try's time.
       */
      readonly because: 'refused' | 'broken' | 'timeout';
    };

export type Made = Exclude<Observation, { kind: 'start' }>;

/**
 * `final`: no other try would be answered otherwise. `busy`: come back later, nothing is broken.
 * `not-active`: this Region is well and may not write. `fault`: it failed at once. `hung`: it kept silent.
 */
export type Meaning = 'final' | 'busy' | 'not-active' | 'fault' | 'hung';

/** Says what to make of a try. Pure. Source: sdk/README.md, "What is retried". */
export function meaningOf(observation: Made): Meaning {
  if (observation.kind === 'no-answer') {
    return observation.because === 'timeout' ? 'hung' : 'fault';
  }
  const { status, code } = observation;
  if (status === 503 && code === 'region_not_active') return 'not-active';
  // 408: the server had not the whole request in time. 425: RFC 8470, to be sent again, in full.
  if (status >= 500 || status === 408) return 'fault';
  if (status === 429 || status === 425) return 'busy';
  // The one conflict that passes by itself: the payment to give back is not finished yet.
  if (status === 409 && code === 'payment_still_open') return 'busy';
  return 'final';
}

/**
 * Codes of 5xx answers that the API gives only while it has stored nothing for the request.
 * Source: docs/reference/errors.md; what happens after acceptance is `outcome_unknown`.
 */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['unavailable', 'region_not_active']);

/**
 * Whether a try that brought no result may have taken effect all the same. Pure.
 *
 * In doubt it may have: a proxy's 502 says nothing of what is behind it.
 */
export function mayHaveTakenEffect(observation: Made): boolean {
  if (observation.kind === 'no-answer') return observation.because !== 'refused';
  const { status, code } = observation;
  if (status >= 500) return code === null || !WITHOUT_EFFECT.has(code);
  return status === 408;
}
