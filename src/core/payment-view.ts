/** What callers see of a payment: the same fields in reads, lists and notifications. */

import type { Journal, Payment } from './journal.ts';
import { formatMoney } from './money.ts';
import { type Refund, type RefundStatus, sumMinorOf } from './refund.ts';

/** The payment item's fields in the original's schema, plus the Region that accepted it. */
export interface PaymentView {
  readonly transaction_id: string;
  readonly timestamp: number;
  readonly customer_id: string;
  /** Canonical decimal text with all decimals of the currency. */
  readonly amount: string;
  readonly currency: string;
  readonly status: 'PROCESSED';
  readonly processed_at: number;
  readonly region: string;
}

/** A payment that exists and is not settled: no `processed_at` yet. */
export type OpenPaymentView = Omit<PaymentView, 'status' | 'processed_at'> & {
  readonly status: 'ACCEPTED';
};

export type DeclinedPaymentView = Omit<PaymentView, 'status' | 'processed_at'> & {
  readonly status: 'DECLINED';
  readonly decline_reason: string;
};

export interface RefundView {
  readonly transaction_id: string;
  readonly refund_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: RefundStatus;
  readonly timestamp: number;
  readonly decline_reason?: string;
}

/** A payment with its refunds, as `GET /payments/{transaction_id}` shows it. */
export type PaymentDetail = PaymentView & {
  /** Sum of what went back; present once there is a refund. */
  readonly refunded?: string;
  readonly refunds?: readonly Omit<RefundView, 'transaction_id' | 'currency'>[];
};

/** Field order is part of the answer: it is the same bytes from every Region. */
export function viewPayment(payment: Payment): PaymentView {
  return {
    transaction_id: payment.transactionId,
    timestamp: payment.timestampEpochSeconds,
    customer_id: payment.customerId,
    amount: formatMoney(payment),
    currency: payment.currency,
    status: payment.status,
    processed_at: payment.timestampEpochSeconds,
    region: payment.region,
  };
}

/** The payment with what its journal says of refunds. */
export function viewPaymentDetail(payment: Payment, journal: Journal | null): PaymentDetail {
  const refunds = journal?.refunds ?? [];
  if (refunds.length === 0) return viewPayment(payment);
  const { currency } = payment;
  return {
    ...viewPayment(payment),
    refunded: formatMoney({ amountMinor: sumMinorOf(refunds, ['REFUNDED']), currency }),
    refunds: refunds.map((refund) => viewRefundFields(refund, currency)),
  };
}

/** A journal without its payment item: accepted, not settled. */
export function viewOpenPayment(journal: Journal): OpenPaymentView {
  return { ...viewUnprocessed(journal), status: 'ACCEPTED', region: journal.region };
}

export function viewDeclinedPayment(journal: Journal): DeclinedPaymentView {
  return {
    ...viewUnprocessed(journal),
    status: 'DECLINED',
    decline_reason: journal.declineReason ?? 'unknown',
    region: journal.region,
  };
}

export function viewRefund(journal: Journal, refund: Refund): RefundView {
  const { currency } = journal.request;
  const { refund_id, amount, ...rest } = viewRefundFields(refund, currency);
  return { transaction_id: journal.transactionId, refund_id, amount, currency, ...rest };
}

function viewUnprocessed(journal: Journal) {
  return {
    transaction_id: journal.transactionId,
    timestamp: journal.paymentEpochSeconds,
    customer_id: journal.request.customerId,
    amount: formatMoney(journal.request),
    currency: journal.request.currency,
  };
}

function viewRefundFields(refund: Refund, currency: string) {
  return {
    refund_id: refund.refundId,
    amount: formatMoney({ amountMinor: refund.amountMinor, currency }),
    status: refund.status,
    timestamp: refund.refundEpochSeconds,
    ...(refund.declineReason === null ? {} : { decline_reason: refund.declineReason }),
  };
}
