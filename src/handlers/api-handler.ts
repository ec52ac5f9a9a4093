/** What every HTTP function has in common: request id, answers, and a last line against surprises. */

import type { LogFields, Telemetry } from '#adapters/telemetry.ts';
import { PROBLEM_MEDIA_TYPE, retryAfterOf } from '#contract/errors.ts';
import { REQUEST_ID_HEADER } from '#contract/names.ts';
import {
  answerOfError,
  bodyTextOf,
  isTurnedAway,
  type RefusedAnswer,
  statusOf,
} from '#core/answers.ts';
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
      readonly status?: 200 | 202;
      /** Header names in lower case. */
      readonly headers?: Readonly<Record<string, string>>;
      readonly log?: LogFields;
    }
  | {
      readonly kind: 'refused';
      readonly fault: RequestFault;
      readonly log?: LogFields;
      /** What the fault was made of, where something was thrown. */
      readonly error?: AppError;
    };

export type Route = (event: ApiEvent, context: InvocationContext) => Promise<RouteResult>;

export interface ApiHandlerOptions {
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  /**
   * Whether each request is counted in the metrics that say if this Region serves payments: for routes
   * that make money move.
   * @default false
   */
  readonly counts?: boolean;
}

/**
 * Wraps a route as a Lambda handler. It never throws: whatever goes wrong becomes an answer from the
 * catalogue that says nothing internal, with the request id that the logs carry too.
 */
export function createApiHandler(
  name: string,
  route: Route,
  { telemetry, clock, counts = false }: ApiHandlerOptions,
): (event: ApiEvent, context?: InvocationContext) => Promise<ApiAnswer> {
  return async (event, context = {}) => {
    const startedAtEpochMs = clock.nowEpochMs();
    const requestId = event.requestContext?.requestId ?? context.awsRequestId ?? 'unknown';
    const outcome = await answerOf(route, event, context, requestId, telemetry);
    const { answer, level, log } = outcome;
    const durationMs = clock.nowEpochMs() - startedAtEpochMs;
    if (counts) countRequest(telemetry, outcome, durationMs);
    telemetry.log(level, 'request', {
      request_id: requestId,
      route: name,
      status: answer.statusCode,
      ...log,
      duration_ms: durationMs,
    });
    return answer;
  };
}

/**
 * Counts a request for the alarms that move traffic (src/infra/alarms.ts).
 *
 * A fault is a 5xx: bad input, a declined payment and a conflict are the caller's. Bad input is left out
 * of the latency, since it is quick and would hide that payments are slow.
 */
function countRequest(telemetry: Telemetry, outcome: Outcome, durationMs: number): void {
  if (outcome.turnedAway) {
    telemetry.metrics({ PaymentsTurnedAway: 1 });
    return;
  }
  const { statusCode } = outcome.answer;
  const isCallersFault = statusCode >= 400 && statusCode < 500;
  telemetry.metrics({
    PaymentRequests: 1,
    PaymentFaults: statusCode >= 500 ? 1 : 0,
    // The clock can be set back meanwhile; CloudWatch keeps a percentile of no negative values.
    ...(isCallersFault ? {} : { PaymentLatency: Math.max(0, durationMs) }),
  });
}

interface Outcome {
  readonly answer: ApiAnswer;
  readonly level: 'INFO' | 'WARN' | 'ERROR';
  readonly log: LogFields;
  /** See `isTurnedAway`. */
  readonly turnedAway: boolean;
}

async function answerOf(
  route: Route,
  event: ApiEvent,
  context: InvocationContext,
  requestId: string,
  telemetry: Telemetry,
): Promise<Outcome> {
  try {
    const result = await route(event, context);
    if (result.kind === 'ok') {
      const answer = ok(result, requestId);
      return { answer, level: 'INFO', log: result.log ?? {}, turnedAway: false };
    }
    return {
      answer: problem(result, requestId),
      level: statusOf(result) >= 500 ? 'ERROR' : 'INFO',
      log: { code: result.fault.code, ...result.log },
      turnedAway: isTurnedAway(result.error),
    };
  } catch (error) {
    if (error instanceof InvariantError) telemetry.metric('InvariantViolated', 1);
    const refused = answerOfError(error);
    return {
      answer: problem(refused, requestId),
      level: 'ERROR',
      log: { code: refused.fault.code, reason: reasonOf(error) },
      turnedAway: isTurnedAway(error),
    };
  }
}

function ok(
  { body, status = 200, headers: more }: Extract<RouteResult, { kind: 'ok' }>,
  requestId: string,
): ApiAnswer {
  return {
    statusCode: status,
    headers: { ...headers('application/json', requestId), ...more },
    body: bodyTextOf({ kind: 'ok', status, body }, requestId),
  };
}

function problem(refused: RefusedAnswer, requestId: string): ApiAnswer {
  const retryAfter = retryAfterOf(refused.fault.code);
  return {
    statusCode: statusOf(refused),
    headers: {
      ...headers(PROBLEM_MEDIA_TYPE, requestId),
      ...(retryAfter === null ? {} : { 'retry-after': retryAfter }),
    },
    body: bodyTextOf(refused, requestId),
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
