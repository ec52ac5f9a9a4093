/**
 * Turns what a caller hands in into the bytes of a call. Only what would make the call unsafe or impossible
 * is refused here; the rules for amounts, currencies and ids are the API's, which names the field at fault.
 */

import type { CallSubject } from './describe-failure.ts';
import { HoldfastError } from './holdfast-error.ts';
import type { CallRequest } from './run-call.ts';

export interface PreparedCall {
  readonly subject: CallSubject;
  readonly request: CallRequest;
}

type Intent = CallSubject['intent'];

const JSON_TYPE = 'application/json';

/** POST /process and POST /payments. Throws `HoldfastError` with `invalid_request`. */
export function readPayment(path: '/process' | '/payments', given: unknown): PreparedCall {
  const { transaction_id: id, ...rest } = readObject('charge', given);
  const transactionId = readId('charge', 'transaction_id', id ?? newId(id));
  const body = { transaction_id: transactionId, ...rest };
  checkAmount('charge', body, transactionId);
  return {
    subject: { intent: 'charge', transactionId },
    request: post('charge', path, body, transactionId),
  };
}

/** POST /payments/{transaction_id}/refunds. Throws `HoldfastError` with `invalid_request`. */
export function readRefund(given: unknown): PreparedCall {
  const { transaction_id: id, refund_id: refund, ...rest } = readObject('refund', given);
  const transactionId = readId('refund', 'transaction_id', id);
  const refundId = readId('refund', 'refund_id', refund ?? newId(refund));
  const body = { refund_id: refundId, ...rest };
  checkAmount('refund', body, transactionId);
  const path = `${pathOf('refund', transactionId)}/refunds`;
  return {
    subject: { intent: 'refund', transactionId, refundId },
    request: post('refund', path, body, transactionId),
  };
}

/** GET /payments/{transaction_id}. Throws `HoldfastError` with `invalid_request`. */
export function readLookUp(given: unknown): PreparedCall {
  const transactionId = readId('read', 'transaction_id', given);
  return {
    subject: { intent: 'read', transactionId },
    request: {
      method: 'GET',
      path: pathOf('read', transactionId),
      headers: { accept: JSON_TYPE },
      body: null,
      transactionId,
    },
  };
}

/** The bytes are made once, so that every try carries the same ones. */
function post(
  intent: Intent,
  path: string,
  body: Readonly<Record<string, unknown>>,
  transactionId: string,
): CallRequest {
  let text: string;
  try {
    text = JSON.stringify(body);
  } catch (cause) {
    throw refused(intent, 'the request has a member that JSON cannot carry', undefined, cause);
  }
  const headers = { accept: JSON_TYPE, 'content-type': `${JSON_TYPE}; charset=utf-8` };
  return { method: 'POST', path, headers, body: text, transactionId };
}

/** A null was meant to be an id and is none: a new one would make the caller's retry another payment. */
function newId(given: unknown): string | null {
  return given === null ? null : globalThis.crypto.randomUUID();
}

function readObject(intent: Intent, given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    return given as Record<string, unknown>;
  }
  throw refused(intent, 'the request must be an object');
}

function readId(intent: Intent, field: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw refused(intent, `${field} must be a string that is not empty`, field);
  }
  if (!value.isWellFormed()) {
    throw refused(intent, `${field} has a lone surrogate, which has no UTF-8 form`, field);
  }
  return value;
}

/** JSON has no NaN and no Infinity: they would go out as null, and a bigint not at all. */
function checkAmount(
  intent: Intent,
  { amount }: Readonly<Record<string, unknown>>,
  transactionId: string,
): void {
  if (amount === undefined || typeof amount === 'string') return;
  if (typeof amount === 'number' && Number.isFinite(amount)) return;
  throw refused(
    intent,
    'amount must be a number or a decimal string',
    'amount',
    undefined,
    transactionId,
  );
}

/** URLs take `.` and `..` for steps, in whatever way they are written. Source: URL Standard, "path state". */
function pathOf(intent: Intent, transactionId: string): string {
  if (transactionId === '.' || transactionId === '..') {
    throw refused(intent, 'transaction_id: no URL leads to "." or ".."', 'transaction_id');
  }
  return `/payments/${encodeURIComponent(transactionId)}`;
}

function refused(
  intent: Intent,
  message: string,
  field?: string,
  cause?: unknown,
  transactionId: string | null = null,
): HoldfastError {
  const outcome = { charge: 'not-charged', refund: 'not-refunded', read: 'read' } as const;
  return new HoldfastError(
    `invalid_request: ${message}`,
    {
      code: 'invalid_request',
      outcome: outcome[intent],
      retry: 'never',
      nextStep: 'Mend the request; nothing was sent.',
      status: null,
      requestId: null,
      attempts: [],
      transactionId,
      ...(field === undefined ? {} : { field }),
    },
    cause === undefined ? {} : { cause },
  );
}
