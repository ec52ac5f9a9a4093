/**
 * Passes requests of functions on to the APIs that they ask for by public names, through the network
 * between the Regions. It serves on the port of the AWS endpoint, whose other callers it leaves alone.
 */

import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { createRegionGate } from '../endpoint/region-gate.ts';
import type { Network } from '../faults/fault.ts';
import { endToEndHeaders } from '../routing/end-to-end-headers.ts';
import { type ApiHost, pathAtRegion } from './api-hosts.ts';
import { EGRESS_HEADER } from './known-host-fetch.ts';

export interface ApiEgressOptions {
  /** By host name. */
  readonly hosts: ReadonlyMap<string, ApiHost>;
  readonly network: Network;
  /** Port of each Region's API on 127.0.0.1. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface ApiEgress {
  /** Whether the request comes from a function and asks for an API. */
  accepts(request: IncomingMessage): boolean;
  /** Answers a request that was accepted. Never throws. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  stop(): void;
}

interface Asked {
  /** Region of the function. */
  readonly from: string;
  readonly host: string;
  readonly api: ApiHost;
}

/** What API Gateway says where no stage answers. Source: seen at `execute-api` without a stage. */
const FORBIDDEN = '{"message":"Forbidden"}';

/**
 * A request waits as long as its Region can't be reached, and its answer as long as that can't get
 * back: a fault that strikes in between leaves the outcome unknown to the caller. The connection is cut
 * where the Region is down. Nothing is repeated, and the answer goes back unchanged.
 */
export function createApiEgress({ hosts, network, ports }: ApiEgressOptions): ApiEgress {
  const gate = createRegionGate(network);

  function askedBy({ headers }: IncomingMessage): Asked | null {
    const said = headers[EGRESS_HEADER];
    const [from = '', host = ''] = typeof said === 'string' ? said.split(' ') : [];
    const api = hosts.get(host);
    // A web page can't be a function: what it asks for is refused where all of its requests are.
    if (from === '' || api === undefined || headers.origin !== undefined) return null;
    return { from, host, api };
  }

  async function carry(
    { from, host, api }: Asked,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const leaving = new AbortController();
    response.once('close', () => leaving.abort());
    const { signal } = leaving;
    const traveller = { region: api.region, from, signal };
    if ((await gate.pass(traveller)) !== 'open') return void request.socket.destroy();

    const path = pathAtRegion(api, request.url ?? '/');
    if (path === null) {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/json' }).end(FORBIDDEN);
      return;
    }
    const answer = await ask(request, host, path, ports[api.region], signal);
    if ((await gate.pass({ ...traveller, isAnswer: true })) !== 'open') {
      answer.destroy();
      request.socket.destroy();
      return;
    }
    const headers = endToEndHeaders(answer.rawHeaders);
    response.sendDate = false;
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers);
    // Either side that breaks ends the other one.
    pipeline(answer, response, () => undefined);
  }

  return {
    accepts: (request) => askedBy(request) !== null,
    serve(request, response) {
      const asked = askedBy(request);
      if (asked === null) return void request.socket.destroy();
      // A Region that dies, or refuses the connection, breaks the caller's.
      carry(asked, request, response).catch(() => request.socket.destroy());
    },
    stop: () => gate.stop(),
  };
}

/** The head of the Region's answer. Rejects when there is none. */
function ask(
  request: IncomingMessage,
  host: string,
  path: string,
  port: number | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (port === undefined) return reject(new Error(`No Region serves ${host}.`));
    const headers = endToEndHeaders(request.rawHeaders, ['host', EGRESS_HEADER]);
    const upstream = httpRequest({
      ...{ host: '127.0.0.1', port, path, method: request.method, signal },
      headers: ['host', host, ...headers],
      // A kept connection might lead to a process that has been killed since.
      agent: false,
    });
    upstream.once('response', resolve);
    upstream.once('error', reject);
    pipeline(request, upstream, (error) => {
      if (error) reject(error);
    });
  });
}
