/**
 * The payment gateway over HTTP. The wire is in src/contract/gateway.ts, the rules in docs/gateway.md.
 *
 * What certainly had no effect is repeated here, until the deadline; what may have had one is not: it
 * is `outcome_unknown`, and the core looks the key up before it charges again.
 */

import type { GatewayChargeRequest, GatewayRefundRequest } from '#contract/gateway.ts';
import { GATEWAY_PATHS, IDEMPOTENCY_KEY_HEADER } from '#contract/gateway.ts';
import { gatewayUrlFault } from '#contract/gateway-url.ts';
import { AppError } from '#core/app-error.ts';
import { keyOfAnother, ownCharge, ownRefund } from '#core/found-by-key.ts';
import type {
  ChargeResult,
  Clock,
  Deadline,
  FoundCharge,
  FoundRefund,
  NothingFound,
  PaymentGateway,
  RefundResult,
} from '#core/ports.ts';
import { type Countdown, createCountdown } from './countdown.ts';
import type { SecretSource } from './gateway-secret.ts';
import { readCharge, readFoundCharge, readFoundRefund, readRefund } from './http-gateway-answer.ts';
import { type Exchange, exchange, type GatewayRequest } from './http-gateway-exchange.ts';
import { createGatewayWire, type GatewayWire } from './http-gateway-wire.ts';

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
  /** @default connections of its own */
  readonly wire?: GatewayWire;
}

/** The two kinds of money movement that the wire carries, and how their answers are read. */
interface Movement<Result, Found> {
  /** What logs call it. */
  readonly what: 'charge' | 'refund';
  readonly path: string;
  /** To a POST, and to a look-up. */
  readonly readResult: GatewayRequest<Result>['read'];
  readonly readFound: GatewayRequest<Found>['read'];
}

/** One of them, asked for. */
interface Order<Result, Found> {
  readonly key: string;
  readonly body: GatewayChargeRequest | GatewayRefundRequest;
  /** What the look-up found, if it is what this order asks for. Throws `internal_error` otherwise. */
  readonly own: (found: Found) => Result;
}

const CHARGE: Movement<ChargeResult, FoundCharge> = {
  what: 'charge',
  path: GATEWAY_PATHS.charges,
  readResult: readCharge,
  readFound: readFoundCharge,
};
const REFUND: Movement<RefundResult, FoundRefund> = {
  what: 'refund',
  path: GATEWAY_PATHS.refunds,
  readResult: readRefund,
  readFound: readFoundRefund,
};
const NOTHING: NothingFound = { kind: 'none' };

const JSON_TYPE = 'application/json';
/** Firewalls refuse requests that don't say who makes them. Source: AWS WAF, core rule set, `NoUserAgent_HEADER`. */
const OWN_HEADERS = { accept: JSON_TYPE, 'accept-encoding': 'identity', 'user-agent': 'holdfast' };
/** First ceiling of the waits between attempts, doubled up to the cap; the real wait is drawn below it. */
const BACKOFF_BASE_MS = 50;
const BACKOFF_CAP_MS = 1_000;
/** Least share of a wait, so that a look-up of what is under way is no busy loop. */
const BACKOFF_SHARE_MIN = 0.5;

/** Throws when the base URL breaks the rule; the message names the mend. */
export function createHttpGateway(options: HttpGatewayOptions): PaymentGateway {
  const urlFault = gatewayUrlFault(options.baseUrl);
  if (urlFault !== null) throw new Error(`gateway URL: ${urlFault}`);
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const { clock, wire = createGatewayWire(clock) } = options;
  const countdown = (deadline: Deadline): Countdown => createCountdown(deadline, clock);

  /** Carries a POST to its answer. Throws `AppError` by the rules of the port. */
  const move = async <Result, Found>(
    movement: Movement<Result, Found>,
    order: Order<Result, Found>,
    deadline: Countdown,
  ): Promise<Result> => {
    const { what, path, readResult: read } = movement;
    const request: GatewayRequest<Result> = {
      method: 'POST',
      url: baseUrl + path,
      headers: { [IDEMPOTENCY_KEY_HEADER]: headerBytes(order.key), 'content-type': JSON_TYPE },
      body: JSON.stringify(order.body),
      read,
    };
    let reason = 'no time left to begin';
    for (let attempt = 0; deadline.leftMs() > 0; attempt += 1) {
      const answer = await authorised(what, request, deadline, { ...options, wire });
      switch (answer.kind) {
        case 'result':
          return answer.result;
        case 'under-way':
          // It may be another order's: only what is found tells.
          return order.own(await awaitFound(movement, order.key, deadline));
        case 'not-found':
          throw new AppError('internal_error', `gateway ${what}: HTTP 404; check the base URL`);
        case 'key-of-another':
          throw keyOfAnother(what);
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
  const lookUp = async <Found>(
    { what, path, readFound: read }: Movement<unknown, Found>,
    key: string,
    deadline: Countdown,
  ): Promise<Found | null> => {
    const url = `${baseUrl}${path}?key=${encodeURIComponent(key)}`;
    const request: GatewayRequest<Found> = { method: 'GET', url, headers: {}, read };
    let reason = 'no time left to begin';
    for (let attempt = 0; deadline.leftMs() > 0; attempt += 1) {
      const answer = await authorised(what, request, deadline, { ...options, wire });
      switch (answer.kind) {
        case 'result':
          return answer.result;
        case 'not-found':
        case 'under-way':
          return null;
        case 'key-of-another':
          throw new AppError('internal_error', `gateway ${what} look-up: HTTP 422`);
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
  const awaitFound = async <Found>(
    movement: Movement<unknown, Found>,
    key: string,
    deadline: Countdown,
  ): Promise<Found> => {
    const { what } = movement;
    try {
      for (let attempt = 0; await pause(attempt, deadline, options); attempt += 1) {
        const found = await lookUp(movement, key, deadline);
        if (found !== null) return found;
      }
    } catch (cause) {
      const message = `gateway ${what}: under way, and the look-up failed`;
      throw new AppError('outcome_unknown', message, { cause });
    }
    throw new AppError('outcome_unknown', `gateway ${what}: still under way`);
  };

  return {
    charge: (charge, deadline) => {
      const { idempotencyKey: key, customerId, amountMinor, currency } = charge;
      const body = { amount_minor: String(amountMinor), currency, customer_id: customerId };
      const order = { key, body, own: (found: FoundCharge) => ownCharge(found, charge) };
      return move(CHARGE, order, countdown(deadline));
    },
    findCharge: async (key, deadline) =>
      (await lookUp(CHARGE, key, countdown(deadline))) ?? NOTHING,
    refund: (refund, deadline) => {
      const { idempotencyKey: key, chargeKey, amountMinor, currency } = refund;
      const body = { amount_minor: String(amountMinor), currency, charge_key: chargeKey };
      const order = { key, body, own: (found: FoundRefund) => ownRefund(found, refund) };
      return move(REFUND, order, countdown(deadline));
    },
    findRefund: async (key, deadline) =>
      (await lookUp(REFUND, key, countdown(deadline))) ?? NOTHING,
  };
}

/**
 * Makes one request with our secret. One that is refused may have been rotated a moment ago: if a newer
 * one is found, the request is made once more with it. `secret-refused` never comes out of here.
 * Throws what reading the secret throws; then nothing was sent.
 */
async function authorised<Result>(
  what: 'charge' | 'refund',
  request: GatewayRequest<Result>,
  deadline: Countdown,
  options: Pick<Required<HttpGatewayOptions>, 'secret' | 'attemptTimeoutMs' | 'wire'>,
): Promise<Exclude<Exchange<Result>, { kind: 'secret-refused' }>> {
  const { secret, attemptTimeoutMs, wire } = options;
  const withSecret = (token: string): Promise<Exchange<Result>> | Exchange<Result> => {
    // Reading the secret took its time.
    const timeoutMs = Math.ceil(Math.min(attemptTimeoutMs, deadline.leftMs()));
    if (timeoutMs <= 0) return { kind: 'refused-for-now', reason: 'no time left to begin' };
    const headers = { ...request.headers, ...OWN_HEADERS, authorization: `Bearer ${token}` };
    return exchange({ ...request, headers }, AbortSignal.timeout(timeoutMs), wire);
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

/** The key's UTF-8 bytes, as headers take bytes: one character each. ASCII stays as it is. */
function headerBytes(key: string): string {
  return String.fromCharCode(...new TextEncoder().encode(key));
}
