/**
 * What a caller is answered, made from what the core found: status and body. Headers and request ids are
 * the transport's.
 */

import { ERRORS, type ErrorCode, problemBody } from '#contract/errors.ts';
import type { AcceptOutcome } from './accept-payment.ts';
import { AppError, rootOf } from './app-error.ts';
import type { Journal, Payment } from './journal.ts';
import { formatMoney } from './money.ts';
import {
  viewDeclinedPayment,
  viewOpenPayment,
  viewPayment,
  viewPaymentDetail,
} from './payment-view.ts';
import type { ProcessOutcome } from './process-payment.ts';
import type { RefundOutcome } from './refund-payment.ts';
import type { RequestFault } from './request-members.ts';

export interface OkAnswer {
  readonly kind: 'ok';
  readonly status: 200 | 202;
  /** A JSON value. The order of its members is part of the answer. */
  readonly body: object;
}

export interface RefusedAnswer {
  readonly kind: 'refused';
  readonly fault: RequestFault;
}

export type CoreAnswer = OkAnswer | RefusedAnswer;

/** POST /process. Every attempt at a payment gets the same. Pure. */
export function answerOfProcess(outcome: ProcessOutcome): CoreAnswer {
  switch (outcome.kind) {
    case 'conflict':
      return refuse({ code: 'transaction_conflict', field: 'transaction_id' });
    case 'declined':
      return refuse({ code: 'payment_declined', declineReason: outcome.reason });
    case 'processed':
      return ok(200, {
        message: 'Payment processed successfully',
        transaction_id: outcome.payment.transactionId,
        timestamp: outcome.payment.timestampEpochSeconds,
      });
  }
}

/** POST /payments. The same whatever has become of the payment since it was accepted. Pure. */
export function answerOfAccept(outcome: AcceptOutcome): CoreAnswer {
  if (outcome.kind === 'conflict') {
    return refuse({ code: 'transaction_conflict', field: 'transaction_id' });
  }
  return ok(202, {
    message: 'Payment accepted',
    transaction_id: outcome.journal.transactionId,
    status: 'ACCEPTED',
    timestamp: outcome.journal.paymentEpochSeconds,
  });
}

/** POST /payments/{transaction_id}/refunds. Pure. */
export function answerOfRefund(outcome: RefundOutcome): CoreAnswer {
  switch (outcome.kind) {
    case 'settled':
      return answerOfSettled(outcome);
    case 'no-payment':
      return refuse({ code: 'payment_not_found' });
    case 'conflict':
      return refuse({ code: 'refund_conflict', field: 'refund_id' });
    case 'exceeds':
      return refuse({ code: 'refund_exceeds_charge', field: 'amount' });
    case 'too-many':
      return refuse({ code: 'too_many_refunds' });
    case 'amount-too-precise': {
      const detail = `The payment's currency has ${outcome.minorDigits} decimals.`;
      return refuse({ code: 'amount_too_precise', field: 'amount', detail });
    }
    case 'still-open':
      return refuse({ code: 'payment_still_open' });
    case 'not-charged':
      return refuse({ code: 'payment_not_charged' });
  }
}

function answerOfSettled({
  journal,
  refund,
}: Extract<RefundOutcome, { kind: 'settled' }>): CoreAnswer {
  if (refund.status === 'DECLINED') {
    return refuse({ code: 'refund_declined', declineReason: refund.declineReason ?? 'declined' });
  }
  const { currency } = journal.request;
  return ok(200, {
    message: 'Refund processed successfully',
    transaction_id: journal.transactionId,
    refund_id: refund.refundId,
    amount: formatMoney({ amountMinor: refund.amountMinor, currency }),
    currency,
    timestamp: refund.refundEpochSeconds,
  });
}

/** GET /payments/{transaction_id}, from whichever of the two items exist. Pure. */
export function answerOfRead({
  payment,
  journal,
}: {
  readonly payment: Payment | null;
  readonly journal: Journal | null;
}): CoreAnswer {
  if (journal?.status === 'DECLINED') return ok(200, viewDeclinedPayment(journal));
  if (payment !== null) return ok(200, viewPaymentDetail(payment, journal));
  if (journal !== null) return ok(200, viewOpenPayment(journal));
  return refuse({ code: 'payment_not_found' });
}

/** GET /customers/{customer_id}/payments. `nextCursor`: where the next page begins, null on the last. Pure. */
export function answerOfList(payments: readonly Payment[], nextCursor: string | null): CoreAnswer {
  return ok(200, { payments: payments.map(viewPayment), next_cursor: nextCursor });
}

/** What was thrown, as a caller learns of it: the code of a fault, and of anything else nothing. Pure. */
export function answerOfError(error: unknown): RefusedAnswer {
  return refuse({ code: error instanceof AppError ? error.code : 'internal_error' });
}

/**
 * Whether the answer says nothing of this Region: payments are the other Region's now, or this one is for a person
 * to end, and no Region can. Counted as faults, clients that try here while the other Region is lost would call this
 * one impaired, and an impaired Region takes no traffic over; and the repeats of two payments that wait for a person
 * would move all the others. A lease that could not be asked for is a fault: its error has the reason as its cause.
 * Pure.
 */
export function isTurnedAway(error: unknown): boolean {
  if (!(error instanceof AppError)) return false;
  const root = rootOf(error);
  return root.isFinal || (error.code === 'region_not_active' && root.code === 'region_not_active');
}

/** HTTP status of an answer, of an error by the catalogue. Pure. */
export function statusOf(answer: CoreAnswer): number {
  return answer.kind === 'ok' ? answer.status : statusOfCode(answer.fault.code);
}

function statusOfCode(code: ErrorCode): number {
  return ERRORS[code].status;
}

/** Body of an answer as JSON text; the request id is part of an error's alone. Pure. */
export function bodyTextOf(answer: CoreAnswer, requestId: string): string {
  if (answer.kind === 'ok') return JSON.stringify(answer.body);
  const { code, ...more } = answer.fault;
  return JSON.stringify(problemBody(code, requestId, more));
}

function ok(status: OkAnswer['status'], body: object): OkAnswer {
  return { kind: 'ok', status, body };
}

function refuse(fault: RequestFault): RefusedAnswer {
  return { kind: 'refused', fault };
}
