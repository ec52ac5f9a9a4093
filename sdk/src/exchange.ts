/** One request to one Region, and what came of it. Never throws. */

import { connectionFault } from './connection-fault.ts';
import type { Sleep } from './system.ts';

export type Fetch = typeof globalThis.fetch;
export type JsonObject = Readonly<Record<string, unknown>>;

export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The id that a result must carry; an answer about another one is not believed. Null: none. */
  readonly transactionId: string | null;
}

export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Null: no JSON object, or none that was asked for. */
      readonly body: JsonObject | null;
      readonly requestId: string | null;
      readonly retryAfterMs: number | null;
    }
  | {
      readonly kind: 'no-answer';
      readonly because: 'refused' | 'broken' | 'timeout';
      readonly cause?: unknown;
    }
  /** The caller's signal ended it, wherever it was. */
  | { readonly kind: 'aborted' };

/** The largest answer is a payment with 100 refunds whose ids are 2 KB each. */
const ANSWER_BYTES_MAX = 1_048_576;

/** Sends the request and waits for the whole answer, `timeoutMs` at most. */
export async function exchange(
  request: WireRequest,
  timeoutMs: number,
  { fetch, sleep, signal }: { fetch: Fetch; sleep: Sleep; signal: AbortSignal | undefined },
): Promise<Exchange> {
  if (signal?.aborted) return { kind: 'aborted' };
  const ending = new AbortController();
  let onAbort = (): void => undefined;
  const aborted = new Promise<Exchange>((resolve) => {
    onAbort = () => resolve({ kind: 'aborted' });
    signal?.addEventListener('abort', onAbort);
  });
  const timedOut = sleep(timeoutMs, ending.signal).then(
    (): Exchange => ({ kind: 'no-answer', because: 'timeout' }),
  );
  try {
    // A race, since a `fetch` that is handed in may not honour its signal.
    return await Promise.race([ask(request, fetch, ending.signal), timedOut, aborted]);
  } finally {
    ending.abort();
    signal?.removeEventListener('abort', onAbort);
  }
}

async function ask(request: WireRequest, fetch: Fetch, signal: AbortSignal): Promise<Exchange> {
  const { url, method, headers, body } = request;
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === null ? {} : { body }),
      // A redirect would carry the payment to somebody else.
      redirect: 'manual',
      signal,
    });
    return judge(request, response, readObject(await readBounded(response)));
  } catch (cause) {
    return { kind: 'no-answer', because: connectionFault(cause), cause };
  }
}

function judge(
  { transactionId }: WireRequest,
  { status, ok, headers }: Response,
  body: JsonObject | null,
): Exchange {
  const isResult =
    body !== null && (transactionId === null || body['transaction_id'] === transactionId);
  // A 200 of somebody in between (a proxy, a sign-in page) is no proof that anything was charged.
  if (ok && !isResult) return { kind: 'no-answer', because: 'broken', cause: notTheApi(status) };
  const idInBody = body?.['request_id'];
  return {
    kind: 'answered',
    status,
    body,
    requestId: headers.get('x-request-id') ?? (typeof idInBody === 'string' ? idInBody : null),
    retryAfterMs: readRetryAfter(headers),
  };
}

function notTheApi(status: number): Error {
  return new Error(`HTTP ${status} with a body that is not the API's answer to this request`);
}

/** Reads the whole body; null when it is over the bound. */
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

function readObject(text: string | null): JsonObject | null {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

/**
 * Seconds or a date. The date counts from the answer's own `Date`, so that the local clock need not be right.
 * Source: RFC 9110, section 10.2.3.
 */
function readRetryAfter(headers: Headers): number | null {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const untilMs = Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(untilMs) ? null : Math.max(0, untilMs);
}
