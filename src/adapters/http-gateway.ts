/**
 * The payment gateway over HTTP. The wire is in src/contract/gateway.ts, the rules in docs/gateway.md.
 *
 * What certainly had no effect is repeated here, until the deadline; what may have had one is not: it
 * is `outcome_unknown`, and the core looks the key up before it charges again.
 */

import type { GatewayChargeRequest, GatewayRefundRequest } from '#contract/gateway.ts';
import { GATEWAY_PATHS, type GatewayResult, IDEMPOTENCY_KEY_HEADER } from '#contract/gateway.ts';
import { gatewayUrlFault } from '#contract/gateway-url.ts';
import { AppError } from '#core/app-error.ts';
import type { ChargeResult, Clock, Deadline, PaymentGateway, RefundResult } from '#core/ports.ts';
import { type Countdown, createCountdown } from './countdown.ts';
import type { SecretSource } from './gateway-secret.ts';
import { type Exchange, exchange, type GatewayRequest } from './http-gateway-exchange.ts';

export interface HttpGatewayOptions {
  /** By the rule of src/contract/gateway-url.ts; may end in a path. */
  readonly baseUrl: string;
  readonly secret: SecretSource;
  /** Longest time for one request, milliseconds; banks are slower than AWS. */
  readonly attemptTimeoutMs: number;
  readonly clock: Clock;
  /** Waits between attempts. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Uniform in [0, 1): the jitter. */
  readonly random: () => number;
  /** @default the global one, which keeps connections alive */
  readonly fetch?: typeof fetch;
}

/** Which of the two the wire carries; also what logs call it. */
type Movement = 'charge' | 'refund';

const JSON_TYPE = 'application/json';
/** First ceiling of the waits between attempts, doubled up to the cap; the real wait is drawn below it. */
const BACKOFF_BASE_MS = 50;
const BACKOFF_CAP_MS = 1_000;
/** Least share of a wait, so that a look-up of what is under way is no busy loop. */
const BACKOFF_SHARE_MIN = 0.5;

/** Throws when the base URL breaks the rule; the message names the mend. */
export function createHttpGateway(options: HttpGatewayOptions): PaymentGateway {
  const urlFault = gatewayUrlFault(options.baseUrl);
  if (urlFault !== null) throw new Error(`gateway URL: ${urlFault}`);
  const urlOf = (what: Movement): string =>
    options.baseUrl.replace(/\/+$/, '') + GATEWAY_PATHS[`${what}s`];

  const countdown = (deadline: Deadline): Countdown => createCountdown(deadline, options.clock);

  /** Carries a POST to its answer. Throws `AppError` by the rules of the port. */
  const move = async (
    what: Movement,
    key: string,
    body: GatewayChargeRequest | GatewayRefundRequest,
    deadline: Countdown,
  ): Promise<GatewayResult> => {
    const request: GatewayRequest = {
      method: 'POST',
      url: urlOf(what),
      headers: { [IDEMPOTENCY_KEY_HEADER]: headerBytes(key), 'content-type': JSON_TYPE },
      body: JSON.stringify(body),
    };
    let reason = 'no time left to begin';
    for (let attempt = 0; deadline.leftMs() > 0; attempt += 1) {
      const answer = await authorised(what, request, deadline, options);
      switch (answer.kind) {
        case 'result':
          return answer.result;
        case 'under-way':
          return awaitResult(what, key, deadline);
        case 'not-found':
          throw new AppError('internal_error', `gateway ${what}: HTTP 404; check the base URL`);
        case 'rejected':
          throw new AppError('internal_error', `gateway ${what}: ${answer.reason}`);
        case 'unclear':
          throw new AppError('outcome_unknown', `gateway ${what}: ${answer.reason}`);
        case 'refused-for-now':
          reason = answer.reason;
      }
      if (!(await pause(attempt, deadline, options))) break;
    }
    throw new AppError('unavailable', `gateway ${what}: ${reason}`);
  };

  /** Repeats a look-up until it is answered. Null: the gateway knows no result (yet). */
  const lookUp = async (
    what: Movement,
    key: string,
    deadline: Countdown,
  ): Promise<GatewayResult | null> => {
    const url = `${urlOf(what)}?key=${encodeURIComponent(key)}`;
    let reason = 'no time left to begin';
    for (let attempt = 0; deadline.leftMs() > 0; attempt += 1) {
      const answer = await authorised(what, { method: 'GET', url, headers: {} }, deadline, options);
      switch (answer.kind) {
        case 'result':
          return answer.result;
        case 'not-found':
        case 'under-way':
          return null;
        case 'rejected':
          throw new AppError('internal_error', `gateway ${what} look-up: ${answer.reason}`);
        case 'unclear':
        case 'refused-for-now':
          reason = answer.reason;
      }
      if (!(await pause(attempt, deadline, options))) break;
    }
    throw new AppError('unavailable', `gateway ${what} look-up: ${reason}`);
  };

  /** Waits for the end of another request with our key. It may take effect whatever happens here. */
  const awaitResult = async (
    what: Movement,
    key: string,
    deadline: Countdown,
  ): Promise<GatewayResult> => {
    try {
      for (let attempt = 0; await pause(attempt, deadline, options); attempt += 1) {
        const found = await lookUp(what, key, deadline);
        if (found !== null) return found;
      }
    } catch (cause) {
      const message = `gateway ${what}: under way, and the look-up failed`;
      throw new AppError('outcome_unknown', message, { cause });
    }
    throw new AppError('outcome_unknown', `gateway ${what}: still under way`);
  };

  return {
    charge: async ({ idempotencyKey, customerId, amountMinor, currency }, deadline) => {
      const body = { amount_minor: String(amountMinor), currency, customer_id: customerId };
      return chargeResult(await move('charge', idempotencyKey, body, countdown(deadline)));
    },
    findCharge: async (key, deadline) => {
      const found = await lookUp('charge', key, countdown(deadline));
      return found === null ? { kind: 'none' } : chargeResult(found);
    },
    refund: async ({ idempotencyKey, chargeKey, amountMinor, currency }, deadline) => {
      const body = { amount_minor: String(amountMinor), currency, charge_key: chargeKey };
      return refundResult(await move('refund', idempotencyKey, body, countdown(deadline)));
    },
    findRefund: async (key, deadline) => {
      const found = await lookUp('refund', key, countdown(deadline));
      return found === null ? { kind: 'none' } : refundResult(found);
    },
  };
}

/**
 * Makes one request with our secret. One that is refused may have been rotated a moment ago: if a newer
 * one is found, the request is made once more with it. `secret-refused` never comes out of here.
 * Throws what reading the secret throws; then nothing was sent.
 */
async function authorised(
  what: Movement,
  request: GatewayRequest,
  deadline: Countdown,
  options: HttpGatewayOptions,
): Promise<Exclude<Exchange, { kind: 'secret-refused' }>> {
  const { secret, attemptTimeoutMs, fetch: fetchFunction = fetch } = options;
  const withSecret = (token: string): Promise<Exchange> | Exchange => {
    // Reading the secret took its time.
    const timeoutMs = Math.ceil(Math.min(attemptTimeoutMs, deadline.leftMs()));
    if (timeoutMs <= 0) return { kind: 'refused-for-now', reason: 'no time left to begin' };
    const headers = { ...request.headers, accept: JSON_TYPE, authorization: `Bearer ${token}` };
    return exchange({ ...request, headers }, AbortSignal.timeout(timeoutMs), fetchFunction);
  };

  const first = await secret.read(deadline);
  const answer = await withSecret(first);
  if (answer.kind !== 'secret-refused') return answer;
  secret.invalidate(first);
  const second = await secret.read(deadline);
  const again = second === first ? answer : await withSecret(second);
  if (again.kind !== 'secret-refused') return again;
  secret.invalidate(second);
  throw new AppError('internal_error', `gateway ${what}: refused our secret (${again.reason})`);
}

/** Waits with jitter; false, at once, when that would be past the deadline. */
async function pause(
  attempt: number,
  deadline: Countdown,
  { sleep, random }: HttpGatewayOptions,
): Promise<boolean> {
  const ceilingMs = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 10));
  const waitMs = ceilingMs * (BACKOFF_SHARE_MIN + (1 - BACKOFF_SHARE_MIN) * random());
  if (waitMs >= deadline.leftMs()) return false;
  await sleep(waitMs);
  return true;
}

/** The key's UTF-8 bytes, as `fetch` takes bytes: one character each. ASCII stays as it is. */
function headerBytes(key: string): string {
  return String.fromCharCode(...new TextEncoder().encode(key));
}

function chargeResult({ id, status, decline_code: reason }: GatewayResult): ChargeResult {
  return status === 'succeeded'
    ? { kind: 'charged', chargeId: id }
    : { kind: 'declined', reason: reason ?? 'declined' };
}

function refundResult({ status, decline_code: reason }: GatewayResult): RefundResult {
  return status === 'succeeded'
    ? { kind: 'refunded' }
    : { kind: 'declined', reason: reason ?? 'declined' };
}
