/** What every HTTP function has in common: request id, answers, and a last line against surprises. */

import type { LogFields, Telemetry } from '#adapters/telemetry.ts';
import {
  ERRORS,
  type ErrorCode,
  PROBLEM_MEDIA_TYPE,
  problemBody,
  RETRY_AFTER_SECONDS,
} from '#contract/errors.ts';
import { REQUEST_ID_HEADER } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import { InvariantError } from '#core/invariant.ts';
import type { Clock } from '#core/ports.ts';
import type { RequestFault } from '#core/request-members.ts';
import type { ApiAnswer, ApiEvent, InvocationContext } from './api-event.ts';

/** What a route answers: a JSON value, or a fault from the catalogue. */
export type RouteResult =
  | {
      readonly kind: 'ok';
      readonly body: object;
      /** @default 200 */
      readonly status?: 202;
      /** Header names in lower case. */
      readonly headers?: Readonly<Record<string, string>>;
      readonly log?: LogFields;
    }
  | { readonly kind: 'refused'; readonly fault: RequestFault; readonly log?: LogFields };

export type Route = (event: ApiEvent, context: InvocationContext) => Promise<RouteResult>;

/**
 * Wraps a route as a Lambda handler. It never throws: whatever goes wrong becomes an answer from the
 * catalogue that says nothing internal, with the request id that the logs carry too.
 */
export function createApiHandler(
  name: string,
  route: Route,
  { telemetry, clock }: { readonly telemetry: Telemetry; readonly clock: Clock },
): (event: ApiEvent, context?: InvocationContext) => Promise<ApiAnswer> {
  return async (event, context = {}) => {
    const startedAtEpochMs = clock.nowEpochMs();
    const requestId = event.requestContext?.requestId ?? context.awsRequestId ?? 'unknown';
    const { answer, level, log } = await answerOf(route, event, context, requestId, telemetry);
    telemetry.log(level, 'request', {
      request_id: requestId,
      route: name,
      status: answer.statusCode,
      ...log,
      duration_ms: clock.nowEpochMs() - startedAtEpochMs,
    });
    return answer;
  };
}

async function answerOf(
  route: Route,
  event: ApiEvent,
  context: InvocationContext,
  requestId: string,
  telemetry: Telemetry,
): Promise<{ answer: ApiAnswer; level: 'INFO' | 'WARN' | 'ERROR'; log: LogFields }> {
  try {
    const result = await route(event, context);
    if (result.kind === 'ok') {
      return { answer: ok(result, requestId), level: 'INFO', log: result.log ?? {} };
    }
    const { code } = result.fault;
    return {
      answer: problem(result.fault, requestId),
      level: ERRORS[code].status >= 500 ? 'ERROR' : 'INFO',
      log: { code, ...result.log },
    };
  } catch (error) {
    if (error instanceof InvariantError) telemetry.metric('InvariantViolated', 1);
    const code: ErrorCode = error instanceof AppError ? error.code : 'internal_error';
    return {
      answer: problem({ code }, requestId),
      level: 'ERROR',
      log: { code, reason: reasonOf(error) },
    };
  }
}

function ok(
  { body, status, headers: more }: Extract<RouteResult, { kind: 'ok' }>,
  requestId: string,
): ApiAnswer {
  return {
    statusCode: status ?? 200,
    headers: { ...headers('application/json', requestId), ...more },
    body: JSON.stringify(body),
  };
}

function problem({ code, ...more }: RequestFault, requestId: string): ApiAnswer {
  const { status, retry } = ERRORS[code];
  return {
    statusCode: status,
    headers: {
      ...headers(PROBLEM_MEDIA_TYPE, requestId),
      ...(retry === 'never' ? {} : { 'retry-after': RETRY_AFTER_SECONDS }),
    },
    body: JSON.stringify(problemBody(code, requestId, more)),
  };
}

function headers(contentType: string, requestId: string): Record<string, string> {
  return {
    'content-type': contentType,
    'cache-control': 'no-store',
    [REQUEST_ID_HEADER]: requestId,
  };
}

/** Our own messages are safe to log; of a foreign error only its name is. */
function reasonOf(error: unknown): string {
  if (error instanceof AppError || error instanceof InvariantError) return error.message;
  return error instanceof Error ? error.name : 'not an error';
}
