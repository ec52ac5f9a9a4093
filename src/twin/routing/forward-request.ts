/** Carries one HTTP exchange to a Region and back, once, without changing a byte of its body. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher, Pool } from 'undici';
import { type Problem, sendProblem } from '../control/send-problem.ts';
import { endToEndHeaders } from './end-to-end-headers.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly pool: Pool;
  /** Reported to the client as `x-holdfast-region`. */
  readonly region: string;
  /** From the end of the request to the end of the answer, milliseconds. */
  readonly answerTimeoutMs: number;
  /** Told of an exchange that ended without the Region's whole answer. */
  readonly onFailure: (failure: ForwardFailure) => void;
}

export type ForwardFailure =
  | 'region_unreachable'
  | 'region_timeout'
  | 'bad_request'
  | 'client_gone';

export const REGION_HEADER = 'x-holdfast-region';
const VIA = '1.1 twin-entry';

/** undici's codes for a request that it will not send as it stands, such as `OPTIONS *`. */
const UNSENDABLE: ReadonlySet<string | undefined> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
]);

const SAFE_RETRY =
  'The request may or may not have taken effect; retry it with the same idempotency key, ' +
  'here or directly at the other Region.';

/**
 * Sends the request to the Region and streams the answer back. Tries once: the proxy can't know
 * whether a request that failed took effect, so a repeat is the client's to decide.
 *
 * A Region that refuses, resets or garbles: 502. No whole answer in time: 504, or, if part of it is
 * with the client already, a broken connection. A client that goes away ends the Region's side too.
 */
export function forwardRequest(exchange: Exchange): void {
  const { request, response, pool, region, answerTimeoutMs, onFailure } = exchange;
  let controller: Dispatcher.DispatchController | null = null;
  let failure: ForwardFailure | null = null;

  const fail = (kind: ForwardFailure): void => {
    if (failure !== null || response.writableEnded) return;
    failure = kind;
    clearTimeout(timer);
    controller?.abort(new Error(kind));
    onFailure(kind);
    if (kind === 'client_gone' || response.headersSent) response.destroy();
    else {
      const problem = problemOf(kind, region, answerTimeoutMs);
      sendProblem(request, response, problem, { [REGION_HEADER]: region, via: VIA });
    }
  };

  const timer = setTimeout(() => fail('region_timeout'), answerTimeoutMs);
  request.once('end', () => {
    if (failure === null && !response.writableEnded) timer.refresh();
  });
  response.once('close', () => {
    clearTimeout(timer);
    fail('client_gone');
  });

  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(started) {
      controller = started;
      // It waited for a connection for longer than its client or its time allowed.
      if (failure !== null) started.abort(new Error(failure));
    },
    onResponseStart(started, status, _headers, statusMessage) {
      if (status < 200 || failure !== null) return;
      const headers = endToEndHeaders(latin1(started.rawHeaders));
      headers.push(REGION_HEADER, region, 'via', VIA);
      response.sendDate = false;
      response.writeHead(status, statusMessage ?? '', headers);
    },
    onResponseData(started, chunk) {
      if (response.write(chunk)) return;
      started.pause();
      response.once('drain', () => started.resume());
    },
    onResponseEnd() {
      clearTimeout(timer);
      response.end();
    },
    onResponseError(_controller, error) {
      fail(
        UNSENDABLE.has((error as NodeJS.ErrnoException).code)
          ? 'bad_request'
          : 'region_unreachable',
      );
    },
  };

  pool.dispatch(
    {
      method: request.method as Dispatcher.HttpMethod,
      path: request.url ?? '/',
      headers: [...endToEndHeaders(request.rawHeaders, ['expect']), 'via', VIA],
      body: hasBody(request) ? request : null,
    },
    handler,
  );
}

/** RFC 9112 section 6: a request has a body if it says how long it is. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function latin1(rawHeaders: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(rawHeaders)) return [];
  return rawHeaders.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}

function problemOf(
  kind: Exclude<ForwardFailure, 'client_gone'>,
  region: string,
  timeoutMs: number,
): Problem {
  switch (kind) {
    case 'region_unreachable':
      return {
        status: 502,
        code: kind,
        title: `${region} did not answer`,
        detail: SAFE_RETRY,
      };
    case 'region_timeout':
      return {
        status: 504,
        code: kind,
        title: `${region} did not answer within ${timeoutMs} ms`,
        detail: SAFE_RETRY,
      };
    case 'bad_request':
      return {
        status: 400,
        code: kind,
        title: 'The request cannot be passed on',
        detail:
          'Send an origin-form path (starting with "/") and each of Host and Content-Length once.',
      };
  }
}
