/** What a Region's API says: the core's answers as HTTP, and what the service in front says by itself. */

import { type ErrorCode, retryAfterOf } from '#contract/errors.ts';
import { bodyTextOf, type CoreAnswer, type RefusedAnswer, statusOf } from '#core/answers.ts';
import type { ApiResponse } from '../http.ts';

/** Those that say their code and nothing else: the same text each time. */
const plainRefusals = new Map<ErrorCode, ApiResponse>();

/** No function answered: there is none, or it died. Source: src/infra/gateway-responses.ts, `DEFAULT_5XX`. */
export const NO_FUNCTION: ApiResponse = responseOf(refusal('internal_error'));
/** A function that hangs is given up. */
export const GATEWAY_TIMEOUT: ApiResponse = responseOf(refusal('gateway_timeout'));
/** After so long. Source: Amazon API Gateway quotas, "Integration timeout". Milliseconds. */
export const GATEWAY_TIMEOUT_MS = 29_000;

/** Without a request id: it is the transport's, and differs from try to try. Pure: what it keeps shows nowhere. */
export function responseOf(answer: CoreAnswer): ApiResponse {
  if (answer.kind === 'ok') {
    const { status } = answer;
    return { status, code: null, body: bodyTextOf(answer, ''), retryAfterMs: null };
  }
  const { code } = answer.fault;
  if (!isPlain(answer)) return refusedResponse(answer);
  const known = plainRefusals.get(code);
  if (known !== undefined) return known;
  const response = refusedResponse(answer);
  plainRefusals.set(code, response);
  return response;
}

function refusedResponse(answer: RefusedAnswer): ApiResponse {
  const { code } = answer.fault;
  const retryAfter = retryAfterOf(code);
  return {
    ...{ status: statusOf(answer), code, body: bodyTextOf(answer, '') },
    retryAfterMs: retryAfter === null ? null : 1_000 * Number(retryAfter),
  };
}

function isPlain({ fault: { field, error, detail, declineReason } }: RefusedAnswer): boolean {
  return (
    field === undefined &&
    error === undefined &&
    detail === undefined &&
    declineReason === undefined
  );
}

function refusal(code: ErrorCode): RefusedAnswer {
  return { kind: 'refused', fault: { code } };
}
