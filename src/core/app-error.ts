/** The one error type for faults. Expected outcomes are returned, not thrown. */

import { ERRORS, type ErrorCode, type RetryAdvice } from '#contract/errors.ts';

/**
 * A fault with its place in the catalogue. `message` and `cause` are for logs and never reach a
 * caller; the answer is made from `code` alone.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get retry(): RetryAdvice {
    return ERRORS[this.code].retry;
  }

  get nextStep(): string {
    return ERRORS[this.code].nextStep;
  }
}

/**
 * The code of what went wrong in the first place: after acceptance every fault is `outcome_unknown` to a
 * caller, and an operator wants to know which it was. Pure.
 */
export function rootCodeOf(error: AppError): ErrorCode {
  return error.cause instanceof AppError ? rootCodeOf(error.cause) : error.code;
}

/** A read has no outcome to be unknown: whatever failed, this Region could not serve it. */
export async function knownRead<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof AppError && error.code === 'outcome_unknown') {
      throw new AppError('unavailable', error.message, { cause: error });
    }
    throw error;
  }
}
