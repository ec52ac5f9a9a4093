/** Serves a REST API over HTTP/1.1 on loopback. */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

import { type ApiAnswer, type ApiRequest, BODY_LIMIT_BYTES } from './api-request.ts';

export interface HttpServer {
  /** The port bound. */
  readonly port: number;
  /** Takes no more connections, waits for the requests in flight, at most `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Longest time for a request's headers to arrive; then 408. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Longest time for a whole request to arrive; then 408. */
const REQUEST_TIMEOUT_MS = 30_000;
/** How long an idle connection stays open. Longer than common client pools keep theirs. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/**
 * Room for the API to refuse headers by its own limit, with its own words; beyond it the parser
 * refuses them.
 */
const PARSER_HEADERS_LIMIT_BYTES = 64 * 1024;
/** How much of a body over the limit is read and dropped, so that the caller reads the refusal. */
const DISCARD_LIMIT_BYTES = 4 * BODY_LIMIT_BYTES;

/**
 * Listens on 127.0.0.1:`port` (0: any free port). Rejects with the system's error when it can't.
 *
 * `serve` is called with a whole request, and not at all for one that never arrives whole. When the
 * caller goes away, its answer is dropped; the function that makes it runs on, as on AWS.
 */
export async function startHttpServer(
  port: number,
  serve: (request: ApiRequest) => Promise<ApiAnswer>,
): Promise<HttpServer> {
  /** Requests being answered, by connection: no raw error may be written between their answers. */
  const busy = new Map<Duplex, number>();
  let isClosing = false;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === 'aborted' || response.destroyed) return;
    const { socket } = request;
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const left = (busy.get(socket) ?? 1) - 1;
      if (left === 0) busy.delete(socket);
      else busy.set(socket, left);
    });
    const answer = await serve(toApiRequest(request, body));
    if (response.destroyed) return;
    const content = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
    const headers = [...answer.headers, 'Content-Length', String(content.length)];
    // What was not read of the body would be taken for the next request.
    if (body === null || isClosing) headers.push('Connection', 'close');
    response.writeHead(answer.status, headers);
    response.end(content);
  }

  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: PARSER_HEADERS_LIMIT_BYTES,
    },
    (request, response) => {
      handle(request, response).catch(() => response.destroy());
    },
  );
  // A body that is announced as too long is refused before it is sent.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!isAnnouncedTooLong(request)) response.writeContinue();
    handle(request, response).catch(() => response.destroy());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || busy.has(socket)) socket.destroy();
    else socket.end(rawAnswer(statusOf(error)));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });

  return {
    port: (server.address() as AddressInfo).port,
    close(graceMs) {
      isClosing = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs);
      server.close(() => {
        clearTimeout(timer);
        resolve();
      });
      server.closeIdleConnections();
      return promise;
    },
  };
}

/** Null: over the limit. `aborted`: the caller went away before the end. */
function readBody(request: IncomingMessage): Promise<Buffer | null | 'aborted'> {
  if (isAnnouncedTooLong(request) && request.headers.expect !== undefined) {
    return Promise.resolve(null);
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      if (size > DISCARD_LIMIT_BYTES) {
        request.pause();
        resolve(null);
      }
    });
    request.once('end', () => {
      if (size > BODY_LIMIT_BYTES) resolve(null);
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    // After `end` this changes nothing.
    request.once('error', () => resolve('aborted'));
    request.once('close', () => resolve('aborted'));
  });
}

function isAnnouncedTooLong(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES;
}

function toApiRequest(request: IncomingMessage, body: Buffer | null): ApiRequest {
  const target = withoutAuthority(request.url ?? '/');
  const mark = target.indexOf('?');
  const { remoteAddress = '' } = request.socket;
  return {
    httpMethod: request.method ?? 'GET',
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark + 1),
    protocol: `HTTP/${request.httpVersion}`,
    sourceIp: remoteAddress.startsWith('::ffff:') ? remoteAddress.slice(7) : remoteAddress,
    rawHeaders: request.rawHeaders,
    headers: request.headers,
    body,
  };
}

/** A proxy's client asks for `http://host/path`; everybody else for `/path`. */
function withoutAuthority(url: string): string {
  if (url.startsWith('/')) return url;
  const scheme = url.indexOf('://');
  if (scheme === -1) return `/${url}`;
  const slash = url.indexOf('/', scheme + 3);
  return slash === -1 ? '/' : url.slice(slash);
}

function statusOf(error: NodeJS.ErrnoException): number {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    default:
      return 400;
  }
}

/** What is left to say when the request could not even be parsed. */
function rawAnswer(status: number): string {
  const text = STATUS_CODES[status] ?? '';
  const body = JSON.stringify({ message: text });
  return (
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
    `x-amzn-RequestId: ${randomUUID()}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}
