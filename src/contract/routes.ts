/** The HTTP routes: the API's resources, the functions behind them and the documentation of both. */

import type { PaymentJob } from './names.ts';

export interface Route {
  /** Stable name, used as OpenAPI operationId. */
  readonly id: string;
  readonly method: 'GET' | 'POST';
  /** API Gateway path: `{name}` is a path parameter. */
  readonly path: string;
  readonly job: PaymentJob;
  /** True where nobody has to sign, even when the API asks for credentials: health checks. */
  readonly open: boolean;
  readonly summary: string;
  /** Name of the schema in `schemas.ts` that describes the body, if the route takes one. */
  readonly body?: 'PaymentRequest' | 'RefundRequest';
  readonly query?: readonly string[];
}

export const ROUTES = [
  {
    id: 'validatePayment',
    method: 'POST',
    path: '/validate',
    job: 'validate',
    open: false,
    summary: 'Check a payment without storing anything',
    body: 'PaymentRequest',
  },
  {
    id: 'processPayment',
    method: 'POST',
    path: '/process',
    job: 'process',
    open: false,
    summary: 'Charge a payment once; a repeat gets the first answer',
    body: 'PaymentRequest',
  },
  {
    id: 'acceptPayment',
    method: 'POST',
    path: '/payments',
    job: 'accept',
    open: false,
    summary: 'Accept a payment now, charge it soon; a repeat gets the first answer',
    body: 'PaymentRequest',
  },
  {
    id: 'refundPayment',
    method: 'POST',
    path: '/payments/{transaction_id}/refunds',
    job: 'refund',
    open: false,
    summary: 'Give back a payment or a part of it, once for each refund_id',
    body: 'RefundRequest',
  },
  {
    id: 'getPayment',
    method: 'GET',
    path: '/payments/{transaction_id}',
    job: 'read',
    open: false,
    summary: 'Read one payment',
  },
  {
    id: 'listCustomerPayments',
    method: 'GET',
    path: '/customers/{customer_id}/payments',
    job: 'read',
    open: false,
    summary: "List a customer's payments, newest first",
    query: ['limit', 'cursor'],
  },
  {
    id: 'getHealth',
    method: 'GET',
    path: '/health',
    job: 'health',
    open: true,
    summary: 'Whether this Region reads its payments table consistently',
  },
  {
    id: 'getTrafficHealth',
    method: 'GET',
    path: '/health/traffic',
    job: 'health',
    open: true,
    summary: 'Whether this Region reads its payments table consistently and gets traffic',
  },
] as const satisfies readonly Route[];

export type RouteId = (typeof ROUTES)[number]['id'];

/** Bounds of `limit` on lists. */
export const PAGE_LIMIT = { min: 1, max: 100, default: 25 } as const;
