/** The paying clients: each sends its payment until somebody acknowledges it, in either Region. */

import { setTimeout as wait } from 'node:timers/promises';
import type { PlannedPayment } from './planned-payments.ts';

export interface RegionApi {
  readonly region: string;
  /** Base URL, without a slash at the end. */
  readonly url: string;
}

/** What a client holds in its hands: the promise that the proof checks. */
export interface Acknowledgement {
  readonly payment: PlannedPayment;
  /** Region that answered 202. */
  readonly region: string;
  /** The payment's timestamp as the client was told. */
  readonly timestampEpochSeconds: number;
  /** Requests that it took. */
  readonly requests: number;
}

export interface Acceptance {
  readonly acknowledged: readonly Acknowledgement[];
  /** Payments that nobody acknowledged, and the last answer. */
  readonly refused: readonly { readonly payment: PlannedPayment; readonly because: string }[];
}

export interface AcceptOptions {
  readonly payments: readonly PlannedPayment[];
  readonly apis: readonly RegionApi[];
  /** Requests at once. */
  readonly concurrency: number;
  /** Told after each acknowledgement, with the count so far. */
  readonly onAcknowledged: (count: number) => void;
}

/** Longer than the API's own budget of 7 s: an answer that comes is not thrown away. */
const REQUEST_TIMEOUT_MS = 10_000;
const REQUESTS_MAX = 20;
const RETRY_AFTER_MS = 250;

/**
 * Sends every payment, half of them to each Region first. A client that is in doubt (no answer, 429 or
 * 5xx) repeats the same request at the other Region. Never rejects.
 */
export async function acceptPayments(options: AcceptOptions): Promise<Acceptance> {
  const acknowledged: Acknowledgement[] = [];
  const refused: { payment: PlannedPayment; because: string }[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    for (let index = next++; index < options.payments.length; index = next++) {
      const payment = options.payments[index] as PlannedPayment;
      const outcome = await pay(payment, index, options.apis);
      if ('because' in outcome) refused.push(outcome);
      else {
        acknowledged.push(outcome);
        options.onAcknowledged(acknowledged.length);
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, client));
  return { acknowledged, refused };
}

async function pay(
  payment: PlannedPayment,
  firstApi: number,
  apis: readonly RegionApi[],
): Promise<Acknowledgement | { readonly payment: PlannedPayment; readonly because: string }> {
  let because = '';
  for (let requests = 1; requests <= REQUESTS_MAX; requests += 1) {
    const { region, url } = apis[(firstApi + requests - 1) % apis.length] as RegionApi;
    const answer = await post(`${url}/payments`, payment);
    if (answer.kind === 'accepted') {
      const { timestampEpochSeconds } = answer;
      return { payment, region, timestampEpochSeconds, requests };
    }
    because = `${region}: ${answer.because}`;
    if (answer.kind === 'final') break;
    // The first repeat is at once: the other Region is there for that.
    if (requests >= apis.length) await wait(RETRY_AFTER_MS);
  }
  return { payment, because };
}

type Answer =
  | { readonly kind: 'accepted'; readonly timestampEpochSeconds: number }
  | { readonly kind: 'in-doubt' | 'final'; readonly because: string };

async function post(url: string, payment: PlannedPayment): Promise<Answer> {
  const { transactionId, customerId, amount, currency } = payment;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        transaction_id: transactionId,
        customer_id: customerId,
        amount,
        currency,
      }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.status === 202) {
      const { timestamp } = JSON.parse(text) as { timestamp: number };
      return { kind: 'accepted', timestampEpochSeconds: timestamp };
    }
    const isInDoubt = response.status === 429 || response.status >= 500;
    return { kind: isInDoubt ? 'in-doubt' : 'final', because: `${response.status} ${text}` };
  } catch (error) {
    return { kind: 'in-doubt', because: (error as Error).message };
  }
}
