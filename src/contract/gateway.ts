/**
 * The HTTP interface that Holdfast asks of a payment gateway: what the adapter sends and what the
 * reference gateway answers. Bodies are JSON; docs/gateway.md says it for whoever builds one.
 *
 *     POST /charges   Idempotency-Key: <key>   {amount_minor, currency, customer_id}
 *     POST /refunds   Idempotency-Key: <key>   {amount_minor, currency, charge_key}
 *     GET  /charges?key=<key>, GET /refunds?key=<key>
 *
 * Answers: 200 or 201 with a `GatewayResult`, to a look-up with what the key came with besides; 404 to a
 * look-up of a key that it does not know; 409 while the first request with this key is still under way;
 * 422 when the key came with another body before; 401 or 403 for a wrong secret; 429 and 503 before any
 * effect.
 */

export const GATEWAY_PATHS = { charges: '/charges', refunds: '/refunds' } as const;

/** Source: IETF draft "The Idempotency-Key HTTP Header Field"; the value is sent as it is. */
export const IDEMPOTENCY_KEY_HEADER = 'idempotency-key';

export interface GatewayChargeRequest {
  /** Whole minor units as decimal text: no reader's float may touch it. */
  readonly amount_minor: string;
  readonly currency: string;
  readonly customer_id: string;
}

export interface GatewayRefundRequest {
  readonly amount_minor: string;
  readonly currency: string;
  /** Idempotency key of the charge that it gives back. */
  readonly charge_key: string;
}

/** What became of a charge or a refund; the same for every repeat of its key. */
export interface GatewayResult {
  /** The gateway's own reference. */
  readonly id: string;
  readonly status: 'succeeded' | 'declined';
  /** With `declined`: short and stable, such as `insufficient_funds`. */
  readonly decline_code?: string;
}

/**
 * What a look-up of a charge finds: the result, and what the key came with, by which it is known whose it
 * is. A decline may leave that out: nothing moved.
 */
export interface GatewayFoundCharge extends GatewayResult, GatewayChargeRequest {}

/** As `GatewayFoundCharge`. */
export interface GatewayFoundRefund
  extends GatewayResult,
    Pick<GatewayRefundRequest, 'amount_minor' | 'charge_key'> {}
