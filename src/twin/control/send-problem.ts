/** Error answers of the twin's own HTTP servers, as RFC 9457 problem documents. */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Problem {
  readonly status: number;
  /** Stable, lower case with underscores; `type` is derived from it. */
  readonly code: string;
  readonly title: string;
  /** What to do about it. */
  readonly detail: string;
}

/**
 * Answers with the problem and ends the response. `request_id` is the caller's `x-request-id` when
 * it sent a plain one, else new. `headers` are added to the answer's own.
 */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify({
    type: `urn:twin:${problem.code.replaceAll('_', '-')}`,
    title: problem.title,
    status: problem.status,
    error: problem.title,
    code: problem.code,
    detail: problem.detail,
    request_id: requestIdOf(request),
  });
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
