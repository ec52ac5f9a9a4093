/** What others are told of a payment, with ids by which they drop repeats. */

import type { NotificationSubject } from '#contract/names.ts';
import type { Journal } from './journal.ts';
import { paymentOf } from './journal.ts';
import { viewDeclinedPayment, viewPayment, viewRefund } from './payment-view.ts';
import type { Hash } from './ports.ts';
import type { Refund } from './refund.ts';

export interface Notification {
  /** The same from every attempt, in every Region. */
  readonly id: string;
  readonly subject: NotificationSubject;
  /** A JSON object; made from the journal alone, so that repeats are the same bytes. */
  readonly body: object;
}

/** Longest key that is sent as it reads. Gateways and what stands before them bound headers and URLs. */
const KEY_MAX_LENGTH = 255;

/** The charge's idempotency key at the gateway: the transaction_id, percent-encoded to fit a header. */
export function chargeKeyOf(transactionId: string, hash: Hash): string {
  return shortened(encodeURIComponent(transactionId), hash);
}

/** The refund's. Encoding leaves no `/` in an id, so that no two keys are the same. */
export function refundKeyOf(transactionId: string, refundId: string, hash: Hash): string {
  return shortened(pathOf(transactionId, refundId), hash);
}

function pathOf(transactionId: string, refundId: string): string {
  return `${encodeURIComponent(transactionId)}/refunds/${encodeURIComponent(refundId)}`;
}

/** Encoding leaves no `:` either, so that a hash is nobody's id. */
function shortened(key: string, hash: Hash): string {
  return key.length <= KEY_MAX_LENGTH ? key : `sha256:${hash(key)}`;
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
  const path = pathOf(journal.transactionId, refund.refundId);
  return {
    // Not `#DECLINED`, in which a payment's id may end: a payment may be named like a refund's path.
    id: `${path}#${refund.status === 'DECLINED' ? 'REFUND_DECLINED' : 'REFUNDED'}`,
    subject: refund.status === 'DECLINED' ? 'Refund Declined' : 'Refund Processed',
    body: viewRefund(journal, refund),
  };
}
