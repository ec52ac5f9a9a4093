/** The API's requests and answers, in its own names. Source: docs/openapi.json. */

/** Major units: a number or a decimal string, exact in the currency's minor unit. */
export type Amount = number | string;

export interface PaymentRequest {
  /** Unique for each payment: the idempotency key. @default a random UUID, which the result carries */
  readonly transaction_id?: string;
  readonly customer_id: string;
  readonly amount: Amount;
  /** ISO 4217. */
  readonly currency: string;
}

export interface RefundRequest {
  /** The payment to give back. */
  readonly transaction_id: string;
  /** Unique for each refund of a payment: its key. @default a random UUID, which the result carries */
  readonly refund_id?: string;
  /** @default all that is left of the charge */
  readonly amount?: Amount;
}

export interface ProcessAnswer {
  readonly message: string;
  readonly transaction_id: string;
  /** Epoch seconds. */
  readonly timestamp: number;
}

export interface AcceptAnswer extends ProcessAnswer {
  readonly status: 'ACCEPTED';
}

export interface RefundAnswer extends ProcessAnswer {
  readonly refund_id: string;
  /** Decimal text with all decimals of the currency. */
  readonly amount: string;
  readonly currency: string;
}

export interface RefundDetail {
  readonly refund_id: string;
  readonly amount: string;
  readonly status: 'ACCEPTED' | 'REFUNDED' | 'DECLINED';
  readonly timestamp: number;
  readonly decline_reason?: string;
}

export interface PaymentDetail {
  readonly transaction_id: string;
  /** When it was accepted, epoch seconds. */
  readonly timestamp: number;
  readonly customer_id: string;
  readonly amount: string;
  readonly currency: string;
  /** `ACCEPTED` has work left; the others are final. */
  readonly status: 'ACCEPTED' | 'PROCESSED' | 'DECLINED';
  readonly processed_at?: number;
  readonly decline_reason?: string;
  /** The Region that accepted it. */
  readonly region: string;
  readonly refunded?: string;
  readonly refunds?: readonly RefundDetail[];
}
