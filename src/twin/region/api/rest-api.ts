/** A REST API of API Gateway: takes a request, gives an answer. Knows nothing of sockets. */

import { randomUUID } from 'node:crypto';
import type { ApiObservation } from '#twin/cloudwatch/service-metrics.ts';
import { EVENT_LIMIT_BYTES, type InvocationOutcome } from '#twin/region/lambda/invocation.ts';
import type { ApiFaults } from '#twin/region/protocol.ts';
import type { RegionModel, RestApiModel } from '#twin/region-model.ts';
import {
  type ApiAnswer,
  type ApiRequest,
  BODY_LIMIT_BYTES,
  HEADERS_LIMIT_BYTES,
  type RequestContext,
} from './api-request.ts';
import { checkIamAuthorization } from './check-iam-authorization.ts';
import { type CompiledRoute, compileRoute } from './compile-route.ts';
import { compileGatewayResponses, type GatewayError } from './gateway-response.ts';
import { headersSize } from './headers-size.ts';
import { compileMediaTypes } from './media-type.ts';
import { mapProxyAnswer } from './proxy-answer.ts';
import { buildProxyEvent } from './proxy-event.ts';
import { parseQuery } from './query-string.ts';
import { createRouter, type RouteMatch } from './router.ts';
import { createTokenBucket } from './token-bucket.ts';

export interface RestApi {
  /** Never rejects for anything that the caller or a function does. */
  serve(request: ApiRequest): Promise<ApiAnswer>;
  /** Holds from the next request on. */
  setFaults(faults: ApiFaults): void;
}

export interface RestApiOptions {
  readonly api: RestApiModel;
  readonly region: RegionModel;
  /** Invokes a function of the Region with an event in JSON text. */
  readonly invoke: (
    functionArn: string,
    event: string,
    requestId: string,
  ) => Promise<InvocationOutcome>;
  /** Told why a request got a 5xx from API Gateway itself, as its execution log would say. */
  readonly logFailure: (context: RequestContext, status: number, reason: string) => void;
  /** Told of each answer, for the metrics. @default nobody is */
  readonly observe?: (observation: ApiObservation) => void;
  readonly epochMs: () => number;
  /** A clock that never goes back, for throttling and latencies. */
  readonly monotonicMs: () => number;
  /** 0 up to, not including, 1. */
  readonly random: () => number;
  readonly sleep: (delayMs: number) => Promise<void>;
}

/** Longest time for an integration. Source: API Gateway quotas for REST APIs. */
export const INTEGRATION_TIMEOUT_MS = 29_000;

/** A gateway response, with the reason for the log where it is a fault on our side. */
interface Refusal {
  readonly error: GatewayError;
  readonly reason?: string;
}

/** How long the integration took; null until it is reached. */
interface Timing {
  integrationLatencyMs: number | null;
}

interface Routed {
  readonly match: RouteMatch<CompiledRoute>;
  /** Path without the stage. */
  readonly path: string;
}

/**
 * Prepares the API. Throws `RegionStartError` for what the twin does not run.
 *
 * Each route is served at `/` and at `/<stage>/`; where a path can be read both ways, the stage
 * wins. A request meets, in this order: injected faults, the headers' limit, routing, throttling,
 * authorization, the body's limit, the request validator, the integration.
 */
export function createRestApi(options: RestApiOptions): RestApi {
  const { api, region } = options;
  const router = createRouter(
    api.methods.map((method) => ({
      httpMethod: method.httpMethod,
      path: method.path,
      target: compileRoute(method, api, region),
    })),
  );
  const gatewayResponse = compileGatewayResponses(api.gatewayResponses);
  const isBinary = compileMediaTypes(api.binaryMediaTypes);
  const bucket =
    api.throttling === null
      ? null
      : createTokenBucket(api.throttling.rateLimit, api.throttling.burstLimit, options.monotonicMs);
  const stagePrefix = `/${api.stageName}`;
  let faults: ApiFaults = { latencyMs: 0, errorRate: 0, throttleRate: 0 };

  function route(httpMethod: string, path: string): Routed | null {
    if (path.startsWith(stagePrefix)) {
      const rest = path.slice(stagePrefix.length);
      if (rest === '' || rest.startsWith('/')) {
        const match = router.match(httpMethod, rest);
        if (match !== null) return { match, path: rest === '' ? '/' : rest };
      }
    }
    const match = router.match(httpMethod, path);
    return match === null ? null : { match, path };
  }

  async function answer(
    request: ApiRequest,
    context: Mutable<RequestContext>,
    timing: Timing,
  ): Promise<ApiAnswer | Refusal> {
    const routed = route(request.httpMethod, request.path);
    // Before the faults, so that they are counted with the method that they strike.
    context.resourcePath = routed?.match.target.resource ?? null;
    if (faults.latencyMs > 0) await options.sleep(faults.latencyMs);
    if (faults.throttleRate > 0 && options.random() < faults.throttleRate) {
      return refuse({ type: 'THROTTLED' });
    }
    if (faults.errorRate > 0 && options.random() < faults.errorRate) {
      return refuse({ type: 'DEFAULT_5XX' }, 'an injected fault');
    }
    if (headersSize(request) > HEADERS_LIMIT_BYTES) {
      const message = 'Request Header Fields Too Large';
      return refuse({ type: 'DEFAULT_4XX', status: 431, message });
    }
    if (routed === null) return refuse({ type: 'MISSING_AUTHENTICATION_TOKEN' });
    const { target } = routed.match;
    if (bucket !== null && !bucket.take()) return refuse({ type: 'THROTTLED' });

    let accessKeyId: string | null = null;
    if (target.needsSignature) {
      const { authorization, date } = request.headers;
      const amzDate = request.headers['x-amz-date'];
      const check = checkIamAuthorization(
        authorization,
        amzDate?.toString() ?? date,
        region.region,
      );
      if (check.kind === 'refused') return refuse(check.error);
      accessKeyId = check.accessKeyId;
    }
    if (request.body === null) {
      const message = `HTTP content length exceeded ${BODY_LIMIT_BYTES} bytes.`;
      return refuse({ type: 'REQUEST_TOO_LARGE', message });
    }
    const query = parseQuery(request.query);
    // *Inferred*: AWS does not publish what it answers to broken percent-encoding.
    if (query === 'malformed') return refuse({ type: 'BAD_REQUEST_PARAMETERS' });
    const pathParameters = routed.match.rawPathParameters;
    const missing = target.requiredParameters?.(request, query, pathParameters) ?? [];
    if (missing.length > 0) {
      const message = `Missing required request parameters: [${missing.join(', ')}]`;
      return refuse({ type: 'BAD_REQUEST_PARAMETERS', message, validationError: message });
    }
    if (target.integration.kind === 'mock') return target.integration.answer(context);
    const input = {
      request,
      body: request.body,
      context,
      resource: target.resource,
      path: routed.path,
      query,
      pathParameters,
      binary: isBinary(request.headers['content-type']),
      accessKeyId,
    };
    return callFunction(target.integration, input, timing);
  }

  async function callFunction(
    integration: Extract<CompiledRoute['integration'], { kind: 'lambda' }>,
    input: Parameters<typeof buildProxyEvent>[0],
    timing: Timing,
  ): Promise<ApiAnswer | Refusal> {
    if (!integration.isAllowed(input.context.httpMethod)) {
      return refuse(
        { type: 'API_CONFIGURATION_ERROR' },
        `${integration.functionArn} has no permission for apigateway.amazonaws.com that covers ` +
          'this method: add an AWS::Lambda::Permission',
      );
    }
    const invokedAtMs = options.monotonicMs();
    const outcome = await withinIntegrationTimeout(
      options.invoke(integration.functionArn, buildProxyEvent(input), input.context.requestId),
    );
    timing.integrationLatencyMs = options.monotonicMs() - invokedAtMs;
    if (outcome === 'timeout') {
      return refuse({ type: 'INTEGRATION_TIMEOUT' }, `no answer in ${INTEGRATION_TIMEOUT_MS} ms`);
    }
    switch (outcome.kind) {
      case 'answered': {
        const mapped = mapProxyAnswer(outcome.payload, isBinary(input.request.headers.accept));
        if (mapped.kind === 'answer') return mapped.answer;
        return mapped.kind === 'malformed'
          ? refuse(MALFORMED_ANSWER, `malformed Lambda proxy response: ${mapped.reason}`)
          : refuse({ type: 'API_CONFIGURATION_ERROR' }, 'the body is not base64');
      }
      case 'function-error':
        return refuse(FUNCTION_FAILURE, `${outcome.errorType}: ${outcome.errorMessage}`);
      case 'timed-out':
        return refuse(FUNCTION_FAILURE, `the function timed out after ${outcome.timeoutMs} ms`);
      case 'crashed':
        return refuse(FUNCTION_FAILURE, `the function's environment ended: ${outcome.reason}`);
      case 'request-too-large':
        return refuse(
          { type: 'REQUEST_TOO_LARGE' },
          `the event has ${outcome.sizeBytes} bytes, Lambda takes ${EVENT_LIMIT_BYTES}`,
        );
      case 'throttled':
        return refuse(
          FUNCTION_THROTTLED,
          `Lambda throttled it: all ${outcome.reservedConcurrency} of its reserved invocations run`,
        );
    }
  }

  return {
    async serve(request) {
      const requestId = randomUUID();
      const startedAtMs = options.monotonicMs();
      const timing: Timing = { integrationLatencyMs: null };
      const context: Mutable<RequestContext> = {
        requestId,
        extendedRequestId: extendedId(requestId),
        accountId: region.accountId,
        apiId: api.id,
        stage: api.stageName,
        httpMethod: request.httpMethod,
        path: request.path,
        resourcePath: null,
        protocol: request.protocol,
        domainName: request.headers.host ?? '',
        sourceIp: request.sourceIp,
        userAgent: request.headers['user-agent'] ?? null,
        requestTimeEpochMs: options.epochMs(),
      };
      let result: ApiAnswer | Refusal;
      try {
        result = await answer(request, context, timing);
      } catch (error) {
        // A fault of the twin's own: say so in the log, answer as API Gateway would.
        result = refuse({ type: 'DEFAULT_5XX' }, `the twin failed: ${(error as Error).stack}`);
      }
      const ids = ['x-amzn-RequestId', requestId, 'x-amz-apigw-id', context.extendedRequestId];
      const reason = 'error' in result ? result.reason : undefined;
      const given = 'error' in result ? gatewayResponse(result.error, context) : result;
      if (reason !== undefined) options.logFailure(context, given.status, reason);
      options.observe?.({
        httpMethod: context.httpMethod,
        resource: context.resourcePath,
        status: given.status,
        latencyMs: options.monotonicMs() - startedAtMs,
        integrationLatencyMs: timing.integrationLatencyMs,
        atEpochMs: options.epochMs(),
      });
      return { ...given, headers: [...given.headers, ...ids] };
    },
    setFaults(next) {
      faults = next;
    },
  };
}

/**
 * A function that failed: 502, although INTEGRATION_FAILURE's documented default is 504 (observed
 * on deployed APIs, *unpublished*).
 */
const FUNCTION_FAILURE: GatewayError = { type: 'INTEGRATION_FAILURE', status: 502 };

/**
 * Lambda's 429 never reaches the caller: 500, and the response for INTEGRATION_FAILURE (observed on deployed
 * APIs, *unpublished*).
 */
const FUNCTION_THROTTLED: GatewayError = { type: 'INTEGRATION_FAILURE', status: 500 };

/**
 * An answer of another form: 502 is documented. AWS logs it as a configuration error; that it takes
 * that gateway response is *inferred*.
 */
const MALFORMED_ANSWER: GatewayError = { type: 'API_CONFIGURATION_ERROR', status: 502 };

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function refuse(error: GatewayError, reason?: string): Refusal {
  return reason === undefined ? { error } : { error, reason };
}

/** The function goes on after the time is up: on AWS too it runs until its own timeout. */
async function withinIntegrationTimeout(
  invocation: Promise<InvocationOutcome>,
): Promise<InvocationOutcome | 'timeout'> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<'timeout'>((resolve) => {
    timer = setTimeout(resolve, INTEGRATION_TIMEOUT_MS, 'timeout');
  });
  try {
    return await Promise.race([invocation, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** `$context.extendedRequestId`: opaque, base64. */
function extendedId(requestId: string): string {
  return `${requestId.replaceAll('-', '').slice(0, 15)}=`;
}
