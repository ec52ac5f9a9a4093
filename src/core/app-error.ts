/** The one error type for faults. Expected outcomes are returned, not thrown. */

import { ERRORS, type ErrorCode, type RetryAdvice } from '#contract/errors.ts';

/**
 * A fault with its place in the catalogue. `message` and `cause` are for logs and never reach a
 * caller; the answer is made from `code` alone.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** No repeat helps: a person has to look. */
  readonly isFinal: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly isFinal?: boolean } = {},
  ) {
    const { isFinal = false, ...known } = options;
    super(message, known);
    this.code = code;
    this.isFinal = isFinal;
  }

  get retry(): RetryAdvice {
    return ERRORS[this.code].retry;
  }

  get nextStep(): string {
    return ERRORS[this.code].nextStep;
  }
}

/**
 * What went wrong in the first place: after acceptance every fault is `outcome_unknown` to a caller, and
 * an operator wants to know which it was. Pure.
 */
export function rootOf(error: AppError): AppError {
  return error.cause instanceof AppError ? rootOf(error.cause) : error;
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
