/** One HTTP check of an endpoint, by the rules of a Route 53 health checker. */

import { request } from 'node:http';

export type CheckResult =
  | { readonly passed: true; readonly detail: string }
  /** `detail`: what went wrong, in a few words for a person. */
  | { readonly passed: false; readonly detail: string };

export interface ProbeLimits {
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
}

export type Probe = (url: string, limits: ProbeLimits, signal: AbortSignal) => Promise<CheckResult>;

/**
 * Sends one GET on a new connection and judges the status: 2xx and 3xx pass. The TCP connection must
 * stand within `connectTimeoutMs`, and the status must arrive within `responseTimeoutMs` after that.
 * The body is not read. Never rejects; an aborted check has failed.
 * Source: Amazon Route 53 Developer Guide (4 s to connect, 2 s more to answer).
 */
export const probeEndpoint: Probe = (url, limits, signal) =>
  new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (result: CheckResult) => {
      clearTimeout(timer);
      outgoing.destroy();
      resolve(result);
    };
    const failAfter = (ms: number, detail: string) => {
      clearTimeout(timer);
      timer = setTimeout(() => settle({ passed: false, detail }), ms);
    };

    const outgoing = request(url, {
      agent: false,
      signal,
      headers: { 'user-agent': 'twin-health-checker', connection: 'close' },
    });
    failAfter(limits.connectTimeoutMs, `no connection within ${limits.connectTimeoutMs} ms`);
    outgoing.on('socket', (socket) => {
      socket.once('connect', () =>
        failAfter(limits.responseTimeoutMs, `no answer within ${limits.responseTimeoutMs} ms`),
      );
    });
    outgoing.on('response', (response) => {
      const status = response.statusCode ?? 0;
      settle({ passed: status >= 200 && status < 400, detail: `HTTP ${status}` });
    });
    // Also the way out for an abort and for the destroy above, which find the promise settled.
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      settle({ passed: false, detail: detailOf(error) }),
    );
    outgoing.end();
  });

function detailOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET') return 'connection reset';
  return code ?? message;
}
