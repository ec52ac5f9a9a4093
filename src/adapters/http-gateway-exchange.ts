/**
 * One request to the payment gateway, and what is known after it. Never throws.
 *
 * Reasons are for logs: kinds, codes and statuses only, never a secret, a key, a customer or a body.
 * Errors of `fetch` and `JSON.parse` quote those, so none of them is passed on.
 */

import type { GatewayResult } from '#contract/gateway.ts';

export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type Exchange =
  | { readonly kind: 'result'; readonly result: GatewayResult }
  /** 404: it knows nothing of the key, or (to a POST) has no such path. */
  | { readonly kind: 'not-found' }
  /** 409: the first request with the key has not ended. */
  | { readonly kind: 'under-way' }
  /** Certainly without effect, and worth repeating. */
  | { readonly kind: 'refused-for-now'; readonly reason: string }
  /** 401, 403: without effect. */
  | { readonly kind: 'secret-refused'; readonly reason: string }
  /** Certainly without effect, and the same request will be refused again. */
  | { readonly kind: 'rejected'; readonly reason: string }
  /** It may have taken effect. */
  | { readonly kind: 'unclear'; readonly reason: string };

const ANSWER_BYTES_MAX = 65_536;
const CHARGE_ID = /^[\x21-\x7e]{1,255}$/;
const DECLINE_CODE = /^[a-z0-9_]{1,64}$/;

/** Sends the request; `signal` ends it, wherever it is. */
export async function exchange(
  request: GatewayRequest,
  signal: AbortSignal,
  fetchFunction: typeof fetch,
): Promise<Exchange> {
  const { url, ...init } = request;
  let response: Response;
  let body: string | null;
  try {
    // A redirect would carry the secret, and perhaps the charge, to somebody else.
    response = await fetchFunction(url, { ...init, redirect: 'error', signal });
    body = await readBounded(response);
  } catch (error) {
    const { code, neverConnected } = connectionFault(error);
    return { kind: neverConnected ? 'refused-for-now' : 'unclear', reason: code };
  }
  return judge(response, body);
}

function judge({ status, headers }: Response, body: string | null): Exchange {
  const reason = `HTTP ${status}`;
  if (status === 200 || status === 201) {
    const isJson = /^application\/json *(?:;|$)/i.test(headers.get('content-type') ?? '');
    const result = body === null || !isJson ? null : readResult(body);
    return result === null
      ? { kind: 'unclear', reason: `${reason} with an answer that is not the contract's` }
      : { kind: 'result', result };
  }
  if (status === 404) return { kind: 'not-found' };
  if (status === 409) return { kind: 'under-way' };
  if (status === 429 || status === 503) return { kind: 'refused-for-now', reason };
  if (status === 401 || status === 403) return { kind: 'secret-refused', reason };
  if (status === 422) return { kind: 'rejected', reason: 'the key belongs to another charge' };
  // 408 says only that the gateway stopped waiting for the request, not how much it had of it.
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'rejected', reason };
  return { kind: 'unclear', reason };
}

/** Reads the whole body, so that the connection can be used again; null when it is over the bound. */
async function readBounded(response: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop early cancels the body, which closes the connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The contract's result, or null for anything else. A decline code that breaks the rule is dropped. */
function readResult(body: string): GatewayResult | null {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { id, status, decline_code: code } = value as Partial<Record<keyof GatewayResult, unknown>>;
  if (typeof id !== 'string' || !CHARGE_ID.test(id)) return null;
  // Both at once can't be true, and guessing would be about money.
  if (status === 'succeeded') return code === undefined || code === null ? { id, status } : null;
  if (status !== 'declined') return null;
  return typeof code === 'string' && DECLINE_CODE.test(code)
    ? { id, status, decline_code: code }
    : { id, status };
}

/**
 * The connection was never made, so nothing was sent: no name, nobody there, or a certificate that we
 * refuse. What fails in `connect` belongs here whatever its code; EHOSTUNREACH by itself does not, since a
 * connection that is made can end in it. Sources: Node.js documentation, "TLS, X509 certificate error
 * codes" and "Errors"; undici documentation, "Errors".
 */
const NEVER_CONNECTED = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
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

/** Reads what `fetch` threw: its cause is the system's error, or one for each address of the name. */
function connectionFault(error: unknown): { code: string; neverConnected: boolean } {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const parts: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
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
