/**
 * Carries requests to the payment gateway over connections that are kept, as long as they are surely there.
 *
 * Lambda freezes an environment between invocations: timers stand still, and idle connections are purged meanwhile. A
 * charge that is sent on one that is gone ends as unknown, and its caller is told to ask again. `fetch` can't be told to
 * leave its idle connections; hence Node's own client. Source: AWS Lambda developer guide, "Best practices for working
 * with AWS Lambda functions".
 */

import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Clock } from '#core/ports.ts';

export interface WireRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WireAnswer {
  readonly status: number;
  /** As it came; null: it did not. */
  readonly contentType: string | null;
  /** As UTF-8; null: there is more of it than `ANSWER_BYTES_MAX`. */
  readonly body: string | null;
}

/**
 * Carries one request, and reads its whole answer; redirects are answers. Rejects with the system's error, or with the
 * signal's reason.
 */
export type GatewayWire = (request: WireRequest, signal: AbortSignal) => Promise<WireAnswer>;

const ANSWER_BYTES_MAX = 65_536;
/** For longer no idle connection is relied on: as `fetch` has it, below what servers and NATs keep one for. */
const IDLE_MS = 4_000;

export function createGatewayWire(clock: Clock): GatewayWire {
  const kept = { keepAlive: true, timeout: IDLE_MS };
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };
  let usedAtMs = clock.nowEpochMs();

  const use = (agent: HttpAgent): void => {
    const now = clock.nowEpochMs();
    // No timer told of it if the process was frozen. A clock that was set says as little of what is alive.
    if (Math.abs(now - usedAtMs) >= IDLE_MS) leaveIdleConnections(agent);
    usedAtMs = now;
  };
  return async (request, signal) => {
    const [agent, send] = request.url.startsWith('https:')
      ? [agents.https, requestHttps]
      : [agents.http, requestHttp];
    use(agent);
    try {
      return await carry(request, signal, (options, answered) =>
        send(request.url, { ...options, agent }, answered),
      );
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      usedAtMs = clock.nowEpochMs();
    }
  };
}

/** Those that carry a request stay. */
function leaveIdleConnections({ freeSockets }: HttpAgent): void {
  for (const sockets of Object.values(freeSockets)) {
    for (const socket of sockets ?? []) socket.destroy();
  }
}

type Send = (
  options: Pick<WireRequest, 'method' | 'headers'> & { readonly signal: AbortSignal },
  answered: (response: IncomingMessage) => void,
) => ReturnType<typeof requestHttp>;

async function carry(
  { method, headers, body: text = '' }: WireRequest,
  signal: AbortSignal,
  send: Send,
): Promise<WireAnswer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    // Bytes: with a text Node would write the headers in its encoding as well.
    const body = Buffer.from(text);
    const length = { 'content-length': String(body.byteLength) };
    const all = method === 'GET' ? headers : { ...headers, ...length };
    send({ method, headers: all, signal }, resolve)
      .on('error', reject)
      // Without an answer and without an error: Node ends a request so that was told to switch protocols.
      .on('close', () => reject(new Error('closed without an answer')))
      .end(body);
  });
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers['content-type'] ?? null,
    body: await readBounded(response),
  };
}

/** Reads the whole body, so that the connection can be used again; null when it is over the bound. */
async function readBounded(response: AsyncIterable<Uint8Array>): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  // Leaving the loop early closes the connection.
  for await (const chunk of response) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
