/** The one error of the client's methods. */

import type { ErrorCode, RetryAdvice } from './error-codes.ts';

/**
 * What is known of the money when a call ends without its result.
 *
 * - `not-charged`, `not-refunded`: certainly nothing was moved or kept by this call.
 * - `declined`: the payment gateway refused; final for these ids.
 * - `conflict`: the id belongs to another request; this one did nothing.
 * - `unknown`: a try may have taken effect. Repeat with the same ids, to any Region: never twice.
 * - `read`: nothing was asked to change.
 */
export type Outcome = 'not-charged' | 'not-refunded' | 'declined' | 'conflict' | 'unknown' | 'read';

/** One request to one Region. Times in milliseconds, from the start of the call. */
export interface Attempt {
  readonly region: string;
  readonly startedAfterMs: number;
  readonly tookMs: number;
  /** HTTP status; null without an answer. */
  readonly status: number | null;
  /** The answer's error code, or why there was none: `refused`, `broken`, `timeout`, `aborted`. */
  readonly code: string | null;
}

export interface HoldfastErrorFields {
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly retry: RetryAdvice;
  /** What to do next, in one sentence. */
  readonly nextStep: string;
  /** HTTP status of the last answer; null without one. */
  readonly status: number | null;
  /** To be quoted to whoever runs the API. */
  readonly requestId: string | null;
  readonly attempts: readonly Attempt[];
  /** The id that all tries carried: repeat with it. Null when the request was refused before it had one. */
  readonly transactionId: string | null;
  /** Of a refund: the id that all tries carried. */
  readonly refundId?: string;
  /** The field at fault, when there is one. */
  readonly field?: string;
  /** With `declined`: the gateway's reason. */
  readonly declineReason?: string;
  /** Why the client stopped trying; absent when an answer ended the call. */
  readonly gaveUp?: 'deadline' | 'tries' | 'aborted';
  /** The error body as it came, members that this version does not know included. */
  readonly problem?: Readonly<Record<string, unknown>>;
}

/** Thrown (as a rejection) by every method that brings no result. Switch on `outcome`, then on `code`. */
export class HoldfastError extends Error implements HoldfastErrorFields {
  override readonly name = 'HoldfastError';
  readonly code: ErrorCode;
  readonly outcome: Outcome;
  readonly retry: RetryAdvice;
  readonly nextStep: string;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly attempts: readonly Attempt[];
  readonly transactionId: string | null;
  declare readonly refundId?: string;
  declare readonly field?: string;
  declare readonly declineReason?: string;
  declare readonly gaveUp?: 'deadline' | 'tries' | 'aborted';
  declare readonly problem?: Readonly<Record<string, unknown>>;

  constructor(message: string, fields: HoldfastErrorFields, options?: { cause?: unknown }) {
    super(message, options);
    this.code = fields.code;
    this.outcome = fields.outcome;
    this.retry = fields.retry;
    this.nextStep = fields.nextStep;
    this.status = fields.status;
    this.requestId = fields.requestId;
    this.attempts = fields.attempts;
    this.transactionId = fields.transactionId;
    if (fields.refundId !== undefined) this.refundId = fields.refundId;
    if (fields.field !== undefined) this.field = fields.field;
    if (fields.declineReason !== undefined) this.declineReason = fields.declineReason;
    if (fields.gaveUp !== undefined) this.gaveUp = fields.gaveUp;
    if (fields.problem !== undefined) this.problem = fields.problem;
  }
}
