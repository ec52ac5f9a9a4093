/** The one HTTP address of both Regions: a client that resolves with a TTL, behind a proxy. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { sendProblem } from '../control/send-problem.ts';
import { srvNameOf } from './dns-zone.ts';
import { type ForwardFailure, forwardRequest } from './forward-request.ts';
import { createSrvResolver, type ServiceEndpoint, type SrvResolver } from './srv-resolver.ts';

export interface GlobalEntryOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Of the twin's DNS server on 127.0.0.1. */
  readonly dnsPort: number;
  /** What it resolves, `api.holdfast.test`. */
  readonly name: string;
  /** Region of the name that DNS gives as the target. */
  readonly regionOf: (host: string) => string;
  /** @default 29000, API Gateway's integration timeout */
  readonly answerTimeoutMs?: number;
  /** @default one that asks `dnsPort` */
  readonly resolver?: SrvResolver;
}

export interface GlobalEntry {
  readonly port: number;
  /** Exchanges since the start; `failures` by kind. */
  counters(): { readonly requests: number; readonly failures: Readonly<Record<string, number>> };
  /** Breaks what is in flight. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const ANSWER_TIMEOUT_MS = 29_000;
const CONNECT_TIMEOUT_MS = 4_000;
/** For one Region: a Region that hangs must not take every file descriptor with it. */
const CONNECTIONS_MAX = 512;

/** Listens until `close`. Rejects, naming the port, when it can't listen. */
export async function startGlobalEntry(options: GlobalEntryOptions): Promise<GlobalEntry> {
  const { regionOf, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  const srvName = srvNameOf(options.name);
  const server = { address: HOST, port: options.dnsPort };
  const resolver = options.resolver ?? createSrvResolver({ name: srvName, server });
  const pools = new Map<string, Pool>();
  const failures: Partial<Record<ForwardFailure | 'name_unresolved', number>> = {};
  let requests = 0;

  const countFailure = (kind: ForwardFailure | 'name_unresolved'): void => {
    failures[kind] = (failures[kind] ?? 0) + 1;
  };

  const poolOf = ({ address, port }: ServiceEndpoint): Pool => {
    const origin = `http://${address}:${port}`;
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      connections: CONNECTIONS_MAX,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      // One timer for the whole exchange is in `forwardRequest`; these would be two more.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    pools.set(origin, pool);
    return pool;
  };

  const forward = (
    request: IncomingMessage,
    response: ServerResponse,
    endpoint: ServiceEndpoint,
  ): void =>
    forwardRequest({
      request,
      response,
      pool: poolOf(endpoint),
      region: regionOf(endpoint.host),
      answerTimeoutMs,
      onFailure: countFailure,
    });

  const http = createServer((request, response) => {
    requests += 1;
    const known = resolver.cached();
    if (known !== null) return forward(request, response, known);
    resolver.resolve().then(
      (endpoint) => {
        // Its client may have left meanwhile; then nothing must reach the Region.
        if (response.destroyed) countFailure('client_gone');
        else forward(request, response, endpoint);
      },
      () => {
        countFailure('name_unresolved');
        sendProblem(request, response, {
          status: 502,
          code: 'name_unresolved',
          title: `${srvName} could not be resolved`,
          detail: 'The request was not sent. Retry it, or send it directly to a Region.',
        });
      },
    );
  });
  http.keepAliveTimeout = 65_000;

  http.listen(options.port, HOST);
  try {
    await once(http, 'listening');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new Error(`the global entry cannot listen on ${HOST}:${options.port} (${code})`, {
      cause,
    });
  }

  return {
    port: (http.address() as AddressInfo).port,
    counters: () => ({ requests, failures: { ...failures } }),
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      await closed;
    },
  };
}
