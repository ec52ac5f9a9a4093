/**
 * One request to the payment gateway, and what is known after it. Never throws.
 *
 * Reasons are for logs: kinds, codes and statuses only, never a secret, a key, a customer or a body.
 * Errors of the system and of `JSON.parse` quote those, so none of them is passed on.
 */

import type { AnswerFields } from './http-gateway-answer.ts';
import type { GatewayWire, WireAnswer, WireRequest } from './http-gateway-wire.ts';

export interface GatewayRequest<Result> extends WireRequest {
  /** Reads the answer; null: it is not the contract's. */
  readonly read: (fields: AnswerFields) => Result | null;
}

export type Exchange<Result> =
  | { readonly kind: 'result'; readonly result: Result }
  /** 404: it knows nothing of the key, or (to a POST) has no such path. */
  | { readonly kind: 'not-found' }
  /** 409: the first request with the key has not ended. */
  | { readonly kind: 'under-way' }
  /** Certainly without effect, and worth repeating. */
  | { readonly kind: 'refused-for-now'; readonly reason: string }
  /** 401, 403: without effect. */
  | { readonly kind: 'secret-refused'; readonly reason: string }
  /** 422, to a POST: the key came with another body before. Without effect, and no repeat helps. */
  | { readonly kind: 'key-of-another' }
  /** Certainly without effect, and the same request will be refused again. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** It may have taken effect. */
  | { readonly kind: 'unclear'; readonly reason: string };

/** Sends the request; `signal` ends it, wherever it is. */
export async function exchange<Result>(
  { read, ...request }: GatewayRequest<Result>,
  signal: AbortSignal,
  wire: GatewayWire,
): Promise<Exchange<Result>> {
  let answer: WireAnswer;
  try {
    answer = await wire(request, signal);
  } catch (error) {
    const { code, neverConnected } = connectionFault(error);
    return { kind: neverConnected ? 'refused-for-now' : 'unclear', reason: code };
  }
  return judge(answer, read);
}

function judge<Result>(
  { status, contentType, body }: WireAnswer,
  read: GatewayRequest<Result>['read'],
): Exchange<Result> {
  const reason = `HTTP ${status}`;
  if (status === 200 || status === 201) {
    const isJson = /^application\/json *(?:;|$)/i.test(contentType ?? '');
    const fields = body === null || !isJson ? null : objectIn(body);
    const result = fields === null ? null : read(fields);
    return result === null
      ? { kind: 'unclear', reason: `${reason} with an answer that is not the contract's` }
      : { kind: 'result', result };
  }
  if (status === 404) return { kind: 'not-found' };
  if (status === 409) return { kind: 'under-way' };
  if (status === 429 || status === 503) return { kind: 'refused-for-now', reason };
  if (status === 401 || status === 403) return { kind: 'secret-refused', reason };
  if (status === 422) return { kind: 'key-of-another' };
  // 408 says only that the gateway stopped waiting for the request, not how much it had of it.
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'rejected', reason };
  return { kind: 'unclear', reason };
}

function objectIn(body: string): AnswerFields | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

/**
 * The connection was never made, so nothing was sent: no name, nobody there, or a certificate that we
 * refuse. What fails in `connect` belongs here whatever its code; EHOSTUNREACH by itself does not, since a
 * connection that is made can end in it. Sources: Node.js documentation, "TLS, X509 certificate error
 * codes" and "Errors".
 */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Reads the system's error, or one for each address of the name. */
function connectionFault(error: unknown): { code: string; neverConnected: boolean } {
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [error];
  const faults = parts.map(systemFault);
  return {
    code: faults[0]?.code ?? 'error',
    neverConnected: faults.length > 0 && faults.every((fault) => fault.neverConnected),
  };
}

function systemFault(error: unknown): { code: string; neverConnected: boolean } {
  if (!(error instanceof Error)) return { code: 'error', neverConnected: false };
  const { code, syscall } = error as NodeJS.ErrnoException;
  return {
    code: typeof code === 'string' ? code : error.name,
    neverConnected:
      syscall === 'connect' || (typeof code === 'string' && NEVER_CONNECTED.has(code)),
  };
}
