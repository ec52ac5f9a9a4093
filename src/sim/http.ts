/** A Region's API as its callers see it. */

export type ApiRoute = 'process' | 'accept' | 'refund' | 'read' | 'health' | 'traffic';

export interface ApiRequest {
  readonly route: ApiRoute;
  /** In the path, for `refund` and `read`; for `process` and `accept` of no effect: the body says it. */
  readonly transactionId: string;
  /** JSON text; empty where a route has none. */
  readonly body: string;
}

export interface ApiResponse {
  readonly status: number;
  /** Of an error; null for a success. */
  readonly code: string | null;
  /** The bytes. */
  readonly body: string;
  readonly retryAfterMs: number | null;
}

export type HttpResult =
  | { readonly kind: 'answered'; readonly response: ApiResponse }
  | { readonly kind: 'no-answer'; readonly because: 'refused' | 'broken' | 'timeout' };
