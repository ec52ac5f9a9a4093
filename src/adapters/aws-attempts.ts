/**
 * Carries one AWS call through time-outs and retries, and says honestly what is known afterwards.
 *
 * The SDK's own retries are off (`maxAttempts: 1`): they hide which attempt may have taken effect,
 * and a call whose first try timed out and whose second was refused is still *unknown*.
 */

import { AppError } from '#core/app-error.ts';
import type { Clock, Deadline } from '#core/ports.ts';
import { ATTEMPTS } from '#core/time-budgets.ts';
import { createCountdown } from './countdown.ts';

export interface AttemptOptions {
  readonly clock: Clock;
  /** Longest time for one attempt, milliseconds. A hanging dependency costs no more than this each. */
  readonly attemptTimeoutMs: number;
  readonly attemptsMax: number;
  /** Waits between attempts. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1): the jitter. */
  readonly random: () => number;
}

/**
 * Runs `call` until it succeeds, is refused for good, or the deadline or the attempts are used up. Lost
 * races for an item do not count as attempts: fifty copies of one payment must all have their answer. Nor does
 * the first refusal of our clock, which the SDK has set right by then; a second one is final.
 * No attempt begins after the deadline; the one under way is aborted at it, so nothing is sent later.
 *
 * `what` names the call for logs. Errors that are `isOutcome` are the caller's to handle and pass
 * through unchanged. Throws `AppError`: `outcome_unknown` when any attempt may have taken effect,
 * `unavailable` when none did, `internal_error` when the call can never work (permissions, names).
 */
export async function attemptAws<T>(
  what: string,
  call: (signal: AbortSignal) => Promise<T>,
  deadline: Deadline,
  options: AttemptOptions,
  isOutcome: (error: unknown) => boolean = () => false,
): Promise<T> {
  let mayHaveTakenEffect = false;
  let last: unknown;
  let faults = 0;
  let isClockCorrected = false;
  let isFinal = false;
  const { leftMs } = createCountdown(deadline, options.clock);
  for (let attempt = 1; faults < options.attemptsMax; attempt += 1) {
    const remainingMs = leftMs();
    if (remainingMs <= 0) break;
    try {
      const timeoutMs = Math.ceil(Math.min(options.attemptTimeoutMs, remainingMs));
      return await call(AbortSignal.timeout(timeoutMs));
    } catch (error) {
      if (isOutcome(error)) throw error;
      last = error;
      const fault = classifyAwsFault(error);
      mayHaveTakenEffect ||= fault.effect === 'unknown';
      isFinal = !fault.retryable || (fault.isClockCorrected && isClockCorrected);
      if (isFinal) break;
      isClockCorrected ||= fault.isClockCorrected;
      // Losing a race says nothing against the service: only the deadline ends that.
      if (!fault.isContention && !fault.isClockCorrected) faults += 1;
    }
    if (faults < options.attemptsMax) {
      const ceilingMs = Math.min(
        ATTEMPTS.backoffCapMs,
        ATTEMPTS.backoffBaseMs * 2 ** Math.min(attempt - 1, 10),
      );
      await options.sleep(Math.min(Math.max(0, leftMs()), options.random() * ceilingMs));
    }
  }
  throw givenUp(what, last, mayHaveTakenEffect, isFinal);
}

function givenUp(
  what: string,
  last: unknown,
  mayHaveTakenEffect: boolean,
  isFinal: boolean,
): AppError {
  const reason = last === undefined ? 'no time left to begin' : describe(last);
  const options = last === undefined ? {} : { cause: last };
  if (mayHaveTakenEffect) return new AppError('outcome_unknown', `${what}: ${reason}`, options);
  return new AppError(isFinal ? 'internal_error' : 'unavailable', `${what}: ${reason}`, options);
}

export interface AwsFault {
  /** `none`: the call certainly had no effect. */
  readonly effect: 'none' | 'unknown';
  readonly retryable: boolean;
  /** Others were quicker at the same item; it works as soon as they are done. */
  readonly isContention: boolean;
  /** Our clock was refused, and the SDK signs by the service's from now on: worth one repeat. */
  readonly isClockCorrected: boolean;
}

/**
 * Refused before any effect, and worth repeating. Names as the services send them, and as the SDK renames
 * them: SQS's `KMS.ThrottlingException` is its `KmsThrottled`, SNS's `KMSThrottling` its `KMSThrottlingException`.
 * Sources: DynamoDB, SNS, SQS and Lambda API references, "Errors" and "Common errors"; the SDK's schemas;
 * ReplicatedWriteConflictException is documented as safe to retry.
 */
const REFUSED_FOR_NOW = new Set([
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'Throttled',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'KmsThrottled',
  'KMS.ThrottlingException',
  'KMSThrottlingException',
  'KMSThrottling',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ReplicatedWriteConflictException',
  'TransactionInProgressException',
]);

/** Of these, the ones that mean a race for one item, in this Region or between two. */
const CONTENTION = new Set(['ReplicatedWriteConflictException', 'TransactionInProgressException']);

/**
 * What a signature by a wrong clock is refused with; also by a wrong secret, so that they are worth a repeat
 * only where the SDK has found our clock wrong (`clockSkewCorrected`), by the answer's date.
 * Source: the SDK's `CLOCK_SKEW_ERROR_CODES`, without the name that a missing permission has too.
 */
const CLOCK_REFUSED = new Set([
  'AuthFailure',
  'InvalidSignatureException',
  'RequestExpired',
  'RequestInTheFuture',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/** The connection was never made, so nothing was sent. Node.js system error codes. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** `ECONNRESET`: what Node.js gives a system error, and AWS none of its own. */
const SYSTEM_CODE = /^E[A-Z]+$/;

/** Never connected if connecting met it. On a connection that stands, a write or a read can meet it too. */
const UNREACHABLE = 'EHOSTUNREACH';

/** Says what an error of the AWS SDK means for the effect of the call. Pure. */
export function classifyAwsFault(error: unknown): AwsFault {
  const { name, code, syscall, status, clockSkewCorrected } = fieldsOf(error);
  const neverConnected =
    NEVER_CONNECTED.has(code) || (code === UNREACHABLE && syscall === 'connect');
  if (REFUSED_FOR_NOW.has(name) || neverConnected || status === 429) {
    const isContention = CONTENTION.has(name);
    return { effect: 'none', retryable: true, isContention, isClockCorrected: false };
  }
  const never = { isContention: false, isClockCorrected: false } as const;
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    const isClockCorrected = clockSkewCorrected && CLOCK_REFUSED.has(name);
    // An answer that broke off says by its status that nothing happened, and not why.
    const brokeOff = SYSTEM_CODE.test(code);
    return { ...never, effect: 'none', retryable: isClockCorrected || brokeOff, isClockCorrected };
  }
  return { ...never, effect: 'unknown', retryable: true };
}

interface FaultFields {
  readonly name: string;
  readonly code: string;
  /** What Node.js was doing for a system error: `connect`, `write`, `read`, `getaddrinfo`. */
  readonly syscall: string;
  readonly status: number | undefined;
  readonly clockSkewCorrected: boolean;
}

function fieldsOf(error: unknown): FaultFields {
  if (typeof error !== 'object' || error === null) {
    return { name: '', code: '', syscall: '', status: undefined, clockSkewCorrected: false };
  }
  const name = 'name' in error && typeof error.name === 'string' ? error.name : '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const syscall = 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : '';
  const found = '$metadata' in error ? error.$metadata : undefined;
  const metadata = typeof found === 'object' && found !== null ? found : {};
  const status = 'httpStatusCode' in metadata ? metadata.httpStatusCode : undefined;
  return {
    ...{ name, code, syscall },
    status: typeof status === 'number' ? status : undefined,
    clockSkewCorrected: 'clockSkewCorrected' in metadata && metadata.clockSkewCorrected === true,
  };
}

/** For logs: the kind of the error, never its message, which may repeat what the caller sent. */
function describe(error: unknown): string {
  const { name, code, status } = fieldsOf(error);
  return (
    [name, code, status].filter((part) => part !== '' && part !== undefined).join(' ') || 'error'
  );
}
