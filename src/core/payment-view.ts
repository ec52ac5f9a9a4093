/** What callers see of a payment: the same fields in reads, lists and notifications. */

import type { Journal, Payment } from './journal.ts';
import { formatMoney } from './money.ts';

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

/** A payment that exists and has work left: no `processed_at` yet. */
export type OpenPaymentView = Omit<PaymentView, 'status' | 'processed_at'> & {
  readonly status: 'ACCEPTED';
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

/** A journal without its payment item: accepted, not yet recorded. */
export function viewOpenPayment(journal: Journal): OpenPaymentView {
  return {
    transaction_id: journal.transactionId,
    timestamp: journal.paymentEpochSeconds,
    customer_id: journal.request.customerId,
    amount: formatMoney(journal.request),
    currency: journal.request.currency,
    status: 'ACCEPTED',
    region: journal.region,
  };
}
