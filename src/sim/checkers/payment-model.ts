/**
 * One transaction_id as its callers see it, for the linearizability check.
 *
 * A payment or a refund that is answered with its end takes effect twice: its journal entry is made, and
 * later its end is known. Others may look in between, so each part has its own place in the order. What
 * nobody asks for (the bank's decision, a sweeper's work) happens here as late as an answer allows: it
 * only ever goes forward, so nothing is lost by waiting.
 */

import { REFUNDS_MAX } from '#core/refund.ts';
import {
  checkLinearizable,
  type Linearizability,
  type RecordedOperation,
  type SequentialModel,
} from './linearizable.ts';
import {
  ABSENT,
  asProcessed,
  keyOfPayment,
  type PaymentState,
  type RefundState,
  remainingMinor,
  withEnd,
  withNewRefund,
  withRefund,
  withRefunded,
  withRoomFor,
} from './payment-state.ts';

/**
 * One request, not all the tries of one caller: a try that nobody answered may take effect after another
 * one was refused.
 */
export type PaymentOperation =
  | {
      readonly kind: 'process' | 'accept';
      readonly fingerprint: string;
      /** Of the request that has this fingerprint. */
      readonly amountMinor: bigint;
    }
  /** `amountMinor` null: all that is left. */
  | { readonly kind: 'refund'; readonly refundId: string; readonly amountMinor: bigint | null }
  | { readonly kind: 'read' };

/** `answer`: whatever must be the same for every repeat, such as the body's bytes. */
export type PaymentOutput =
  | {
      readonly kind: 'processed' | 'accepted' | 'declined' | 'refunded' | 'refund-declined';
      readonly answer: string;
    }
  | {
      readonly kind:
        | 'conflict'
        | 'refund-conflict'
        | 'exceeds'
        | 'still-open'
        | 'not-charged'
        | 'no-payment'
        | 'too-many'
        | 'absent'
        | 'open';
    }
  | {
      readonly kind: 'settled';
      readonly status: 'PROCESSED' | 'DECLINED';
      /** Sum of the refunds that are settled. */
      readonly refundedMinor: bigint;
    };

/** An operation, or one of the two parts of one that waits for its end. */
export interface PaymentPart {
  readonly part: 'begin' | 'end';
  readonly operation: PaymentOperation;
}

/** `begun`: it was not refused, and its end is another part's. */
export type PaymentPartOutput = PaymentOutput | { readonly kind: 'begun' };

const IMPOSSIBLE: readonly PaymentState[] = [];
const BEGUN = { kind: 'begun' } as const;

export const paymentModel: SequentialModel<PaymentState, PaymentPart, PaymentPartOutput> = {
  initial: ABSENT,
  step: (state, { part, operation }, output) => {
    switch (operation.kind) {
      case 'process':
      case 'accept':
        return part === 'begin'
          ? enter(state, operation, output)
          : endPayment(state, operation.fingerprint, output);
      case 'refund':
        return part === 'begin'
          ? reserve(state, operation, output)
          : endRefund(state, operation, output);
      case 'read':
        return output === null ? [state] : read(state, output);
    }
  },
  stateKey: keyOfPayment,
};

/**
 * Checks one transaction_id's history. An operation of two parts is named twice in the order. Leave out
 * requests that certainly had no effect; one whose outcome the server itself did not know is unanswered.
 */
export function checkPaymentHistory(
  history: readonly RecordedOperation<PaymentOperation, PaymentOutput>[],
  stepsMax?: number,
): Linearizability {
  const parts: RecordedOperation<PaymentPart, PaymentPartOutput>[] = [];
  const origins: number[] = [];
  for (const [index, { input: operation, calledAt, answer }] of history.entries()) {
    const input = { part: 'begin', operation } as const;
    origins.push(index);
    if (answer === null || !isEnd(operation, answer.output)) {
      parts.push({ input, calledAt, answer });
      continue;
    }
    parts.push({ input, calledAt, answer: { output: BEGUN, at: answer.at } });
    origins.push(index);
    parts.push({ input: { part: 'end', operation }, calledAt, answer });
  }
  const verdict = checkLinearizable(parts, paymentModel, stepsMax);
  const originOf = (part: number): number => origins[part] as number;
  switch (verdict.kind) {
    case 'linearizable':
      return { kind: 'linearizable', order: verdict.order.map(originOf) };
    case 'not-linearizable':
      return { kind: 'not-linearizable', longest: verdict.longest.map(originOf) };
    case 'undecided':
      return verdict;
  }
}

function isEnd(operation: PaymentOperation, { kind }: PaymentOutput): boolean {
  return operation.kind === 'refund'
    ? kind === 'refunded' || kind === 'refund-declined'
    : operation.kind === 'process' && (kind === 'processed' || kind === 'declined');
}

/** Makes the journal, or meets the one that is there. */
function enter(
  state: PaymentState,
  operation: Extract<PaymentOperation, { kind: 'process' | 'accept' }>,
  output: PaymentPartOutput | null,
): readonly PaymentState[] {
  const { kind, fingerprint, amountMinor } = operation;
  const isAbsent = state.phase === 'absent';
  const isSame = isAbsent || state.fingerprint === fingerprint;
  if (output?.kind === 'conflict') return isSame ? IMPOSSIBLE : [state];
  // Nobody heard that it was refused.
  if (!isSame) return output === null ? [state] : IMPOSSIBLE;
  if (output !== null && output.kind !== (kind === 'accept' ? 'accepted' : 'begun')) {
    return IMPOSSIBLE;
  }
  const answer = output?.kind === 'accepted' ? output.answer : state.acceptAnswer;
  if (state.acceptAnswer !== null && state.acceptAnswer !== answer) return IMPOSSIBLE;
  if (isAbsent) {
    return [{ ...state, phase: 'accepted', fingerprint, amountMinor, acceptAnswer: answer }];
  }
  return answer === state.acceptAnswer ? [state] : [{ ...state, acceptAnswer: answer }];
}

/** The caller hears the payment's end. */
function endPayment(
  state: PaymentState,
  fingerprint: string,
  output: PaymentPartOutput | null,
): readonly PaymentState[] {
  if (output?.kind !== 'processed' && output?.kind !== 'declined') return IMPOSSIBLE;
  if (state.phase === 'absent' || state.fingerprint !== fingerprint) return IMPOSSIBLE;
  const { answer } = output;
  if (state.endAnswer !== null && state.endAnswer !== answer) return IMPOSSIBLE;
  const ended = withEnd(state, output.kind === 'processed' ? 'PROCESSED' : 'DECLINED');
  if (ended === null) return IMPOSSIBLE;
  return ended.endAnswer === answer ? [ended] : [{ ...ended, endAnswer: answer }];
}

/** Reserves the amount, or meets the refund that is there, or is refused. */
function reserve(
  state: PaymentState,
  operation: Extract<PaymentOperation, { kind: 'refund' }>,
  output: PaymentPartOutput | null,
): readonly PaymentState[] {
  const { refundId, amountMinor } = operation;
  const isPossible = (condition: boolean) => (condition ? [state] : IMPOSSIBLE);
  if (output?.kind === 'no-payment') return isPossible(state.phase === 'absent');
  // Recorded and answered, but not settled in the journal: a refund has to wait.
  if (output?.kind === 'still-open') {
    return isPossible(state.phase === 'accepted' || state.phase === 'recorded');
  }
  if (output?.kind === 'not-charged') {
    const declined = withEnd(state, 'DECLINED');
    return declined === null ? IMPOSSIBLE : [declined];
  }
  const processed = asProcessed(state);
  if (processed === null) return IMPOSSIBLE;
  const known = processed.refunds.find((refund) => refund.refundId === refundId);
  if (known !== undefined) {
    if (output === null) return [state];
    return isPossible(output.kind === (isAsked(known, operation) ? 'begun' : 'refund-conflict'));
  }
  const isFull = processed.refunds.length >= REFUNDS_MAX;
  switch (output?.kind) {
    case 'exceeds': {
      const remaining = remainingMinor(processed);
      const asked = amountMinor ?? remaining;
      return asked > remaining || asked === 0n ? [processed] : IMPOSSIBLE;
    }
    case 'too-many':
      return isFull ? withRoomFor(processed, amountMinor) : IMPOSSIBLE;
    case 'begun':
    case undefined:
      if (isFull) return IMPOSSIBLE;
      return withRoomFor(processed, amountMinor).map((roomy) =>
        withNewRefund(roomy, refundId, amountMinor),
      );
    default:
      return IMPOSSIBLE;
  }
}

function isAsked(
  refund: RefundState,
  { amountMinor }: Extract<PaymentOperation, { kind: 'refund' }>,
): boolean {
  return amountMinor === null
    ? refund.isRemainder
    : !refund.isRemainder && refund.amountMinor === amountMinor;
}

/** The caller hears the refund's end. */
function endRefund(
  state: PaymentState,
  operation: Extract<PaymentOperation, { kind: 'refund' }>,
  output: PaymentPartOutput | null,
): readonly PaymentState[] {
  if (output?.kind !== 'refunded' && output?.kind !== 'refund-declined') return IMPOSSIBLE;
  const at = state.refunds.findIndex(({ refundId }) => refundId === operation.refundId);
  const refund = state.refunds[at];
  if (refund === undefined || !isAsked(refund, operation)) return IMPOSSIBLE;
  const { answer } = output;
  if (refund.answer !== null && refund.answer !== answer) return IMPOSSIBLE;
  const isDecline = output.kind === 'refund-declined';
  if (refund.phase === 'reserved') {
    return [withRefund(state, at, { phase: isDecline ? 'declined' : 'given', answer })];
  }
  if ((refund.phase === 'declined') !== isDecline) return IMPOSSIBLE;
  return refund.answer === answer ? [state] : [withRefund(state, at, { answer })];
}

/** A strong read. What it shows of an end is there from then on. */
function read(state: PaymentState, output: PaymentPartOutput): readonly PaymentState[] {
  switch (output.kind) {
    case 'absent':
      return state.phase === 'absent' ? [state] : IMPOSSIBLE;
    case 'open':
      return state.phase === 'accepted' ? [state] : IMPOSSIBLE;
    case 'settled': {
      const ended = withEnd(state, output.status);
      return ended === null ? IMPOSSIBLE : withRefunded(ended, output.refundedMinor);
    }
    default:
      return IMPOSSIBLE;
  }
}
