/** What a Region's API says: the core's answers as HTTP, and what the service in front says by itself. */

import { bodyTextOf, type CoreAnswer, statusOf } from '#core/answers.ts';
import type { ApiResponse } from '../http.ts';

/** No function answered: there is none, or it died. */
export const BAD_GATEWAY: ApiResponse = gatewayFault(502);
/** A function that hangs is given up. */
export const GATEWAY_TIMEOUT: ApiResponse = gatewayFault(504);
/** After so long. Source: Amazon API Gateway quotas, "Integration timeout". Milliseconds. */
export const GATEWAY_TIMEOUT_MS = 29_000;

export function responseOf(answer: CoreAnswer): ApiResponse {
  return {
    status: statusOf(answer),
    code: answer.kind === 'ok' ? null : answer.fault.code,
    // Without a request id: it is the transport's, and differs from try to try.
    body: bodyTextOf(answer, ''),
    retryAfterMs: null,
  };
}

function gatewayFault(status: number): ApiResponse {
  return { status, code: null, body: '', retryAfterMs: null };
}
