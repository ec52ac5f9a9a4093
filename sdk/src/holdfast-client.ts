/** The client: one call, one result, whichever Region is lost meanwhile. */

import {
  type ClientOptions,
  type HoldfastClientOptions,
  readOptions,
  refuseUnknown,
  wholeNumber,
} from './client-options.ts';
import { describeFailure } from './describe-failure.ts';
import { exchange } from './exchange.ts';
import type { Attempt } from './holdfast-error.ts';
import { type PreparedCall, readLookUp, readPayment, readRefund } from './read-request.ts';
import { codeOf, runCall, type SharedState } from './run-call.ts';
import type {
  AcceptAnswer,
  PaymentDetail,
  PaymentRequest,
  ProcessAnswer,
  RefundAnswer,
  RefundRequest,
} from './wire.ts';

export interface CallOptions {
  /** Instead of the client's, milliseconds. */
  readonly totalDeadlineMs?: number;
  /** Ends the call early, with `aborted`; its outcome may be unknown then. */
  readonly signal?: AbortSignal;
}

export interface HoldfastResult<Body> {
  readonly kind: 'ok';
  readonly status: number;
  readonly body: Body;
  readonly attempts: readonly Attempt[];
  /** Which Region answered. */
  readonly region: string;
  readonly requestId: string | null;
  /** The id that all tries carried, made by the client if the request had none. */
  readonly transactionId: string;
}

export interface RegionHealth {
  readonly kind: 'healthy' | 'unhealthy';
  readonly region: string;
  /** HTTP status; null without an answer. */
  readonly status: number | null;
  /** The error's code, or why there was no answer: `refused`, `broken`, `timeout`, `aborted`. */
  readonly code: string | null;
  readonly tookMs: number;
}

/** Every method but `health` rejects with `HoldfastError`; wrong options are a `TypeError`. */
export interface HoldfastClient {
  /** Charges a payment and waits for it. */
  processPayment(
    request: PaymentRequest,
    options?: CallOptions,
  ): Promise<HoldfastResult<ProcessAnswer>>;
  /** Hands a payment in, to be charged soon. */
  acceptPayment(
    request: PaymentRequest,
    options?: CallOptions,
  ): Promise<HoldfastResult<AcceptAnswer>>;
  /** Gives back a payment or a part of it. */
  refundPayment(
    request: RefundRequest,
    options?: CallOptions,
  ): Promise<HoldfastResult<RefundAnswer>>;
  /** Reads one payment. */
  getPayment(transactionId: string, options?: CallOptions): Promise<HoldfastResult<PaymentDetail>>;
  /** Asks one Region, once, whether it can serve a payment. Rejects only for a Region it does not have. */
  health(region: string, options?: Pick<CallOptions, 'signal'>): Promise<RegionHealth>;
}

/**
 * Creates a client. Keep one for each process: its calls share what they learn of the Regions.
 *
 * Throws `TypeError` for wrong or unknown options.
 */
export function createHoldfastClient(given: HoldfastClientOptions): HoldfastClient {
  const options = readOptions(given);
  const shared: SharedState = { breakers: new Map() };

  const run = async <Body>(
    { subject, request }: PreparedCall,
    callOptions: CallOptions = {},
  ): Promise<HoldfastResult<Body>> => {
    const call = await runCall(request, readLimits(callOptions, options), options, shared);
    const { end, attempts } = call;
    if (end.kind === 'gave-up' || end.answer.status < 200 || end.answer.status > 299) {
      throw describeFailure(subject, call);
    }
    const { status, body, requestId } = end.answer;
    return {
      kind: 'ok',
      status,
      // The API's own words: whatever a newer version adds stays in it.
      body: body as Body,
      attempts,
      region: end.region,
      requestId,
      transactionId: subject.transactionId,
    };
  };

  return {
    processPayment: async (request, callOptions) =>
      run(readPayment('/process', request), callOptions),
    acceptPayment: async (request, callOptions) =>
      run(readPayment('/payments', request), callOptions),
    refundPayment: async (request, callOptions) => run(readRefund(request), callOptions),
    getPayment: async (transactionId, callOptions) => run(readLookUp(transactionId), callOptions),
    health: async (region, callOptions) => askHealth(region, callOptions ?? {}, options),
  };
}

function readLimits(
  given: CallOptions,
  { policy }: ClientOptions,
): { totalDeadlineMs: number; signal: AbortSignal | undefined } {
  refuseUnknown('a call', given, ['totalDeadlineMs', 'signal']);
  const { totalDeadlineMs = policy.totalDeadlineMs, signal } = given;
  checkSignal(signal);
  return { totalDeadlineMs: wholeNumber('totalDeadlineMs', totalDeadlineMs), signal };
}

function checkSignal(signal: unknown): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError('signal must be an AbortSignal');
}

/** One request past the breakers, which stay as they are: looking at a Region is no call to it. */
async function askHealth(
  region: string,
  given: Pick<CallOptions, 'signal'>,
  { urls, policy, clock, sleep, fetch }: ClientOptions,
): Promise<RegionHealth> {
  refuseUnknown('health', given, ['signal']);
  checkSignal(given.signal);
  const base = urls.get(region);
  if (base === undefined) {
    throw new TypeError(`no endpoint for ${region}; there are ${[...urls.keys()].join(', ')}`);
  }
  const request = {
    method: 'GET',
    url: `${base}/health`,
    headers: { accept: 'application/json' },
    body: null,
    transactionId: null,
  } as const;
  const startedAtMs = clock.nowMs();
  const { signal } = given;
  const result = await exchange(request, policy.perTryTimeoutMs, { fetch, sleep, signal });
  const about = { region, tookMs: clock.nowMs() - startedAtMs };
  switch (result.kind) {
    case 'answered': {
      const isHealthy = result.status === 200 && result.body?.['status'] === 'healthy';
      const kind = isHealthy ? 'healthy' : 'unhealthy';
      return { kind, ...about, status: result.status, code: codeOf(result) };
    }
    case 'no-answer':
      return { kind: 'unhealthy', ...about, status: null, code: result.because };
    case 'aborted':
      return { kind: 'unhealthy', ...about, status: null, code: 'aborted' };
  }
}
