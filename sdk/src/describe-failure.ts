/** Makes the error of a call that brought no result: what is known of the money, and what to do next. */

import { adviceFor, type RetryAdvice } from './error-codes.ts';
import { HoldfastError, type HoldfastErrorFields, type Outcome } from './holdfast-error.ts';
import { type Answered, type CallEnd, codeOf } from './run-call.ts';

/** What a call asks for, and the ids that all its tries carry. */
export interface CallSubject {
  readonly intent: 'charge' | 'refund' | 'read';
  readonly transactionId: string;
  readonly refundId?: string;
}

const NEXT_STEP_UNKNOWN =
  'Repeat the request with the same ids, in any Region: it takes effect once, whatever happened before.';

/** Pure. */
export function describeFailure(subject: CallSubject, call: CallEnd): HoldfastError {
  return call.end.kind === 'answered'
    ? describeAnswer(subject, call, call.end.answer)
    : describeGivenUp(subject, call, call.end);
}

function describeAnswer(subject: CallSubject, call: CallEnd, answer: Answered): HoldfastError {
  const { status, body } = answer;
  const code = codeOf(answer) ?? 'unexpected_answer';
  const outcome = outcomeOfAnswer(subject, call, answer);
  const mend = textOf(body?.['detail']) ?? nextStepFor(status);
  const message = textOf(body?.['error']) ?? `the API answered HTTP ${status}`;
  return new HoldfastError(`${code}: ${message}`, {
    ...common(subject, call, answer),
    code,
    outcome,
    retry: adviceFor(status, code),
    // An earlier try may have taken effect: when this is mended, the same ids find out.
    nextStep: outcome === 'unknown' ? `${mend} Then: ${NEXT_STEP_UNKNOWN}` : mend,
  });
}

function describeGivenUp(
  subject: CallSubject,
  call: CallEnd,
  { because, last }: Extract<CallEnd['end'], { kind: 'gave-up' }>,
): HoldfastError {
  const answer = last?.kind === 'answered' ? last : null;
  const outcome = call.mayHaveTakenEffect ? inDoubt(subject) : withoutEffect(subject);
  const serverCode = answer === null ? null : codeOf(answer);
  const missing = answer === null ? 'no_answer' : 'unexpected_answer';
  const code = because === 'aborted' ? 'aborted' : (serverCode ?? missing);
  const why = {
    deadline: 'the deadline passed',
    tries: 'every try failed',
    aborted: 'the caller aborted it',
  }[because];
  const regions = [...new Set(call.attempts.map(({ region }) => region))].join(', ');
  const tries = `${call.attempts.length} tries${regions === '' ? '' : ` in ${regions}`}`;
  return new HoldfastError(
    `${code}: ${why} after ${tries}; ${MEANINGS[outcome]}`,
    {
      ...common(subject, call, answer),
      code,
      outcome,
      retry: adviceAfterGivingUp(outcome, answer),
      nextStep: NEXT_STEP_GIVEN_UP[subject.intent],
      gaveUp: because,
    },
    last?.kind === 'no-answer' && last.cause !== undefined ? { cause: last.cause } : {},
  );
}

const MEANINGS: Readonly<Record<Outcome, string>> = {
  'not-charged': 'nothing was charged',
  'not-refunded': 'nothing was given back',
  declined: 'it was declined',
  conflict: 'the id belongs to another request',
  unknown: 'the outcome is unknown',
  read: 'nothing was read',
};

const NEXT_STEP_GIVEN_UP: Readonly<Record<CallSubject['intent'], string>> = {
  charge: NEXT_STEP_UNKNOWN,
  refund: NEXT_STEP_UNKNOWN,
  read: 'Read again later.',
};

function adviceAfterGivingUp(outcome: Outcome, answer: Answered | null): RetryAdvice {
  if (outcome === 'unknown' || answer === null) return 'same-key';
  return adviceFor(answer.status, codeOf(answer) ?? '');
}

/**
 * Only the API's own 402 and 409 settle what an earlier try of the same ids may have done: they are read off
 * what is stored under them. Any other refusal is about this try alone.
 */
function outcomeOfAnswer(subject: CallSubject, call: CallEnd, answer: Answered): Outcome {
  if (subject.intent === 'read') return 'read';
  const code = codeOf(answer);
  if (code !== null && answer.status === 402) return 'declined';
  if (code === 'transaction_conflict' || code === 'refund_conflict') return 'conflict';
  const settles = code !== null && answer.status === 409;
  return call.mayHaveTakenEffect && !settles ? 'unknown' : withoutEffect(subject);
}

function inDoubt({ intent }: CallSubject): Outcome {
  return intent === 'read' ? 'read' : 'unknown';
}

function withoutEffect({ intent }: CallSubject): Outcome {
  switch (intent) {
    case 'charge':
      return 'not-charged';
    case 'refund':
      return 'not-refunded';
    case 'read':
      return 'read';
  }
}

function common(
  { transactionId, refundId }: CallSubject,
  { attempts }: CallEnd,
  answer: Answered | null,
): Pick<HoldfastErrorFields, 'status' | 'requestId' | 'attempts' | 'transactionId'> &
  Partial<HoldfastErrorFields> {
  const field = textOf(answer?.body?.['field']);
  const declineReason = textOf(answer?.body?.['decline_reason']);
  const problem = answer?.body ?? undefined;
  return {
    status: answer?.status ?? null,
    requestId: answer?.requestId ?? null,
    attempts,
    transactionId,
    ...(refundId === undefined ? {} : { refundId }),
    ...(field === undefined ? {} : { field }),
    ...(declineReason === undefined ? {} : { declineReason }),
    ...(problem === undefined ? {} : { problem }),
  };
}

function nextStepFor(status: number): string {
  // What a browser makes of a redirect that it must not follow has the status 0.
  return status < 400
    ? "Check the endpoint's URL: it redirects, and a payment is not sent on."
    : "Check the endpoint's URL and what stands between here and the API.";
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
