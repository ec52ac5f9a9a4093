/** What every kind of client of a drill does: it sends one payment and says what it saw. */

import type { DrillEvent } from '../drill-event.ts';

export interface DrillPayment {
  readonly transactionId: string;
  /** The request as JSON text, the same bytes each time it is sent. */
  readonly body: string;
}

export interface PaymentAnswer extends Pick<DrillEvent, 'outcome' | 'status' | 'fault' | 'region'> {
  /** When it was assigned, as the client was told; null where it was not acknowledged. */
  readonly timestampEpochSeconds: number | null;
  /** Text of the answer, where the client keeps it. */
  readonly text: string | null;
}

/** Never rejects: what goes wrong is an answer too. */
export type SendPayment = (payment: DrillPayment) => Promise<PaymentAnswer>;

/** Path of the synchronous charge: `processPayment` of src/contract/routes.ts. */
const PROCESS_PATH = '/process';

/** Payment number `index` of a drill. No two have the same amount, so that a mix-up is noticed. Pure. */
export function paymentNumber(index: number, prefix: string): DrillPayment {
  const transactionId = `${prefix}-${index}`;
  const body = JSON.stringify({
    transaction_id: transactionId,
    customer_id: `drill-${index % 20}`,
    amount: `${10 + Math.floor(index / 100)}.${String(index % 100).padStart(2, '0')}`,
    currency: 'USD',
  });
  return { transactionId, body };
}

/** Puts one payment to one address. Never rejects. */
export type PostPayment = (
  address: { readonly url: string; readonly region: string },
  payment: DrillPayment,
) => Promise<PaymentAnswer>;

/** Posts with `fetch`, waiting `timeoutMs` at most. */
export function createPost(
  timeoutMs: number,
  send: typeof globalThis.fetch = globalThis.fetch,
): PostPayment {
  return async ({ url, region }, { body }) => {
    try {
      const response = await send(url + PROCESS_PATH, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      return { ...readAnswer(response.status, text), region };
    } catch (error) {
      return { ...failed(faultOf(error)), region };
    }
  };
}

/** A failure without an answer. Pure. */
export function failed(fault: string): PaymentAnswer {
  return {
    outcome: 'failed',
    status: null,
    fault,
    region: null,
    timestampEpochSeconds: null,
    text: null,
  };
}

/** An answer counts as an acknowledgement only if it is 200 and says when. Pure. */
function readAnswer(status: number, text: string): Omit<PaymentAnswer, 'region'> {
  const answer = parseObject(text);
  const timestamp = answer?.['timestamp'];
  if (status === 200 && typeof timestamp === 'number') {
    return { outcome: 'ok', status, fault: null, timestampEpochSeconds: timestamp, text };
  }
  const code = answer?.['code'];
  const fault = typeof code === 'string' ? code : `HTTP ${status}`;
  return { outcome: 'failed', status, fault, timestampEpochSeconds: null, text };
}

/** `timeout`, the code of a system error, or the name of another. Pure. */
function faultOf(error: unknown): string {
  for (let next: unknown = error; next instanceof Error; next = next.cause) {
    if (next.name === 'TimeoutError') return 'timeout';
    const { code } = next as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    if (next.cause === undefined) return next.name;
  }
  return 'unknown';
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
