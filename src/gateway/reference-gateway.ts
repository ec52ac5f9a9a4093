/**
 * The reference payment gateway: an HTTP server that keeps the contract (src/contract/gateway.ts) to the
 * letter and breaks down on request. For the twin, tests and demonstrations; it moves no money.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import {
  GATEWAY_PATHS,
  type GatewayFoundCharge,
  type GatewayFoundRefund,
} from '#contract/gateway.ts';
import { type Behaviour, BehaviourError, readBehaviour } from './behaviour.ts';
import {
  checkCaller,
  checkSecret,
  keyIn,
  keyOf,
  movementRequest,
  RequestError,
  readJson,
} from './gateway-request.ts';
import { createLedger, type Finding, type Ledger, type Movement } from './ledger.ts';

/** Called around an effect and waited for; a rejection destroys the connection. */
export type EffectHook = (what: Movement, key: string) => Promise<void>;

export interface ReferenceGatewayOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** @default null: any bearer token will do */
  readonly secret?: string | null;
  readonly clock: { nowEpochMs(): number };
  /** Uniform in [0, 1): draws the faults. */
  readonly random: () => number;
  readonly behaviour?: Partial<Behaviour>;
  /** The key is under way meanwhile: repeats receive 409. A rejection leaves no effect. */
  readonly beforeEffect?: EffectHook;
  /** The effect is final and not yet answered. */
  readonly afterEffect?: EffectHook;
  /** Told of defects of this server. @default ignored */
  readonly onError?: (error: unknown) => void;
}

export interface ReferenceGateway {
  readonly port: number;
  /** Without a slash at the end. */
  readonly url: string;
  readonly ledger: Pick<Ledger, 'view'>;
  /** Replaces the behaviour: what is left out is off. Throws `BehaviourError`. */
  setBehaviour(behaviour: Partial<Behaviour>): void;
  /** Rotates the secret: requests with the old one are refused from now on. */
  setSecret(secret: string | null): void;
  /** Stops listening and destroys what is connected, hanging or not. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const REQUEST_TIMEOUT_MS = 10_000;
const UNLUCKY_CUSTOMER = 'decline';
const DECLINE_CODE = 'insufficient_funds';

/** What a handler gives back: an answer, or one of the ways to give none. */
type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'hang' }
  | { readonly kind: 'destroy' };

/** Listens on loopback until `close`. Rejects, naming the port, when it can't. */
export async function startReferenceGateway(
  options: ReferenceGatewayOptions,
): Promise<ReferenceGateway> {
  const startedAt = options.clock.nowEpochMs().toString(36);
  let ids = 0;
  const ledger = createLedger((what) => `${what === 'charge' ? 'ch' : 're'}_${startedAt}_${++ids}`);
  const closing = new AbortController();
  let behaviour: Behaviour = readBehaviour(options.behaviour ?? {});
  let secret = options.secret ?? null;

  const happens = (rate: number): boolean => rate > 0 && options.random() < rate;

  /** A charge or a refund. */
  const move = async (what: Movement, request: IncomingMessage): Promise<Reply> => {
    const key = keyOf(request);
    const wanted = movementRequest(what, await readJson(request));
    if (happens(behaviour.hangRate)) return { kind: 'hang' };
    if (happens(behaviour.unavailableRate)) throw new RequestError(503, 'not now');
    if (happens(behaviour.errorRate)) throw new RequestError(500, 'failed, as it was told to');

    const begun = ledger.begin(what, key, wanted);
    if (begun.kind === 'other-body') throw new RequestError(422, 'the key had another body before');
    if (begun.kind === 'under-way') throw underWay();
    if (begun.kind === 'settled') return answer(200, begun.result);

    try {
      await options.beforeEffect?.(what, key);
    } catch {
      ledger.abandon(what, key);
      return { kind: 'destroy' };
    }
    const result = ledger.settle(what, key, what === 'charge' ? declineCode(wanted.subject) : null);
    try {
      await options.afterEffect?.(what, key);
    } catch {
      return { kind: 'destroy' };
    }
    if (happens(behaviour.failAfterChargeRate)) return { kind: 'destroy' };
    if (happens(behaviour.lateRate)) {
      await wait(behaviour.lateMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
    return answer(201, result);
  };
  const declineCode = (customerId: string): string | null =>
    customerId.startsWith(UNLUCKY_CUSTOMER) || happens(behaviour.declineRate) ? DECLINE_CODE : null;

  const lookUp = (what: Movement, query: URLSearchParams): Reply => {
    if (happens(behaviour.lookUpErrorRate))
      throw new RequestError(500, 'failed, as it was told to');
    const found = ledger.find(what, keyIn(query));
    if (found === null) throw new RequestError(404, 'nothing is known of this key');
    if (found.kind === 'under-way') throw underWay();
    return answer(200, foundBody(what, found));
  };

  const serve = async (request: IncomingMessage): Promise<Reply> => {
    checkCaller(request);
    const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
    const route = `${request.method} ${path}`;
    if (route === 'GET /control/ledger') return answer(200, ledger.view());
    if (route === 'GET /control/behaviour') return answer(200, behaviour);
    if (route === 'PUT /control/behaviour') {
      behaviour = readBehaviour(await readJson(request));
      return answer(200, behaviour);
    }
    const what = movementAt(path);
    if (what === null) throw new RequestError(404, `there are ${PATHS.join(', ')}`);
    checkSecret(request, secret);
    if (request.method === 'POST') return move(what, request);
    if (request.method === 'GET') return lookUp(what, new URLSearchParams(query));
    throw new RequestError(405, 'use GET or POST');
  };

  const server = createServer((request, response) => {
    serve(request)
      .catch((error: unknown): Reply => refusal(error, options.onError))
      .then((reply) => send(response, reply))
      .catch((error: unknown) => options.onError?.(error));
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  server.listen(options.port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new Error(`the gateway cannot listen on ${LOOPBACK}:${options.port} (${code})`, {
      cause,
    });
  }
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${LOOPBACK}:${port}`,
    ledger,
    setBehaviour: (next) => {
      behaviour = readBehaviour(next);
    },
    setSecret: (next) => {
      secret = next;
    },
    close: async () => {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

const PATHS = [
  GATEWAY_PATHS.charges,
  GATEWAY_PATHS.refunds,
  '/control/ledger',
  '/control/behaviour',
];

function movementAt(path: string): Movement | null {
  if (path === GATEWAY_PATHS.charges) return 'charge';
  return path === GATEWAY_PATHS.refunds ? 'refund' : null;
}

function foundBody(
  what: Movement,
  { result, request }: Extract<Finding, { readonly kind: 'settled' }>,
): GatewayFoundCharge | GatewayFoundRefund {
  const { amountMinor, currency, subject } = request;
  const found = { ...result, amount_minor: String(amountMinor) };
  return what === 'charge'
    ? { ...found, currency, customer_id: subject }
    : { ...found, charge_key: subject };
}

function answer(status: number, body: unknown): Reply {
  return { kind: 'answer', status, body };
}

function underWay(): RequestError {
  return new RequestError(409, 'the first request with this key is still under way');
}

function refusal(error: unknown, onError: ReferenceGatewayOptions['onError']): Reply {
  if (error instanceof RequestError) return answer(error.status, { error: error.message });
  if (error instanceof BehaviourError) return answer(400, { error: error.message });
  // A client that went away in the middle of its body is no defect of ours.
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return { kind: 'destroy' };
  onError?.(error);
  return answer(500, { error: 'a defect of the gateway' });
}

function send(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'hang') return;
  if (reply.kind === 'destroy') {
    response.destroy();
    return;
  }
  const body = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}
