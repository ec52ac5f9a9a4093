/** Reads what comes in: callers, bodies, keys. Whatever breaks the contract throws `RequestError`. */

import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { IDEMPOTENCY_KEY_HEADER } from '#contract/gateway.ts';
import type { Movement, MovementRequest } from './ledger.ts';

/** Carries a refusal to the one place that answers. `message`: what to mend; no value of the caller's. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const BODY_BYTES_MAX = 16_384;
const KEY_BYTES_MAX = 8_192;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Keeps web pages out: a browser reaches loopback, under a name of the page's choosing too. */
export function checkCaller({ headers }: IncomingMessage): void {
  if (headers.origin !== undefined) throw new RequestError(403, 'web pages may not call this');
  if (!LOOPBACK_HOST.test(headers.host ?? '')) {
    throw new RequestError(403, 'Host must be localhost, 127.0.0.1 or [::1]');
  }
}

/** `secret` null: any bearer token will do, but there must be one. */
export function checkSecret({ headers }: IncomingMessage, secret: string | null): void {
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token !== undefined && (secret === null || isEqual(token, secret))) return;
  throw new RequestError(401, 'send Authorization: Bearer with the secret');
}

/** Takes the same time wherever the two differ; their digests have one length. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** The key of a POST: the header's bytes are UTF-8. */
export function keyOf({ headers }: IncomingMessage): string {
  const header = headers[IDEMPOTENCY_KEY_HEADER];
  const key = typeof header === 'string' ? Buffer.from(header, 'latin1').toString('utf8') : '';
  return checkedKey(key, 'header Idempotency-Key');
}

/** The key of a look-up. */
export function keyIn(query: URLSearchParams): string {
  return checkedKey(query.get('key') ?? '', 'query parameter key');
}

function checkedKey(key: string, where: string): string {
  const bytes = Buffer.byteLength(key);
  if (bytes > 0 && bytes <= KEY_BYTES_MAX) return key;
  throw new RequestError(400, `${where}: send 1 to ${KEY_BYTES_MAX} bytes`);
}

/** Reads a JSON body within the bound. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json *(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new RequestError(415, 'send Content-Type: application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Ending the stream early would end the connection, and the refusal could not be sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) {
      throw new RequestError(413, `send at most ${BODY_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new RequestError(400, 'the body is not valid JSON');
  }
}

/** Checks a body of the contract. */
export function movementRequest(what: Movement, body: unknown): MovementRequest {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string, rule: RegExp): string => {
    const value = fields[name];
    if (typeof value === 'string' && rule.test(value)) return value;
    throw new RequestError(400, `${name}: missing, or not as the contract has it`);
  };
  return {
    amountMinor: BigInt(text('amount_minor', /^[1-9]\d{0,17}$/)),
    currency: text('currency', /^[A-Z]{3}$/),
    subject: text(what === 'charge' ? 'customer_id' : 'charge_key', /^[^]+$/),
  };
}
