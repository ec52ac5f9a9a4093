/** What others are told of a payment, with ids by which they drop repeats. */

import type { NotificationSubject } from '#contract/names.ts';
import type { Journal } from './journal.ts';
import { paymentOf } from './journal.ts';
import { viewDeclinedPayment, viewPayment, viewRefund } from './payment-view.ts';
import type { Refund } from './refund.ts';

export interface Notification {
  /** The same from every attempt, in every Region. */
  readonly id: string;
  readonly subject: NotificationSubject;
  /** A JSON object; made from the journal alone, so that repeats are the same bytes. */
  readonly body: object;
}

/** The charge's idempotency key at the gateway. Percent-encoded, so that it fits an HTTP header. */
export function chargeKeyOf(transactionId: string): string {
  return encodeURIComponent(transactionId);
}

/** The refund's. Encoding leaves no `/` in an id, so that no two keys are the same. */
export function refundKeyOf(transactionId: string, refundId: string): string {
  return `${encodeURIComponent(transactionId)}/refunds/${encodeURIComponent(refundId)}`;
}

/** Of a charged payment: the payment item, as the contract has it. */
export function paymentProcessed(journal: Journal): Notification {
  return {
    id: `${journal.transactionId}#PROCESSED`,
    subject: 'Payment Processed',
    body: viewPayment(paymentOf(journal)),
  };
}

/** Of a payment that the gateway declined. */
export function paymentDeclined(journal: Journal): Notification {
  return {
    id: `${journal.transactionId}#DECLINED`,
    subject: 'Payment Declined',
    body: viewDeclinedPayment(journal),
  };
}

/** Of a refund that is settled. */
export function refundSettled(journal: Journal, refund: Refund): Notification {
  const key = refundKeyOf(journal.transactionId, refund.refundId);
  return {
    id: `${key}#${refund.status}`,
    subject: refund.status === 'DECLINED' ? 'Refund Declined' : 'Refund Processed',
    body: viewRefund(journal, refund),
  };
}
