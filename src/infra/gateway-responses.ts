/** What API Gateway answers by itself, before or instead of a function, in the contract's words. */

import { type GatewayResponse, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type ErrorCode, PROBLEM_MEDIA_TYPE, problemBody, retryAfterOf } from '#contract/errors.ts';
import { REQUEST_ID_HEADER } from '#contract/names.ts';
import type { ApiAccess } from './configuration.ts';

/**
 * The contract's code for each response type of API Gateway that has one of its own.
 *
 * - `UNAUTHORIZED` is 401 by default; the contract has one code for callers who may not, 403.
 * - `INTEGRATION_FAILURE`: the function may have begun to charge, so the outcome is unknown.
 * Source: API Gateway Developer Guide, "Gateway response types".
 */
const CODES = {
  ACCESS_DENIED: 'unauthorized',
  API_CONFIGURATION_ERROR: 'internal_error',
  AUTHORIZER_CONFIGURATION_ERROR: 'internal_error',
  AUTHORIZER_FAILURE: 'internal_error',
  BAD_REQUEST_BODY: 'invalid_body',
  BAD_REQUEST_PARAMETERS: 'bad_request',
  /** What is left of 4XX when the others have their own: requests that are not well-formed HTTP. */
  DEFAULT_4XX: 'bad_request',
  DEFAULT_5XX: 'internal_error',
  EXPIRED_TOKEN: 'unauthorized',
  INTEGRATION_FAILURE: 'outcome_unknown',
  INTEGRATION_TIMEOUT: 'gateway_timeout',
  INVALID_API_KEY: 'unauthorized',
  INVALID_SIGNATURE: 'unauthorized',
  QUOTA_EXCEEDED: 'too_many_requests',
  REQUEST_TOO_LARGE: 'body_too_large',
  RESOURCE_NOT_FOUND: 'route_not_found',
  THROTTLED: 'too_many_requests',
  UNAUTHORIZED: 'unauthorized',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  WAF_FILTERED: 'unauthorized',
} as const satisfies Record<string, ErrorCode>;

/**
 * So many are made at once: API Gateway takes ten calls of its control plane a second from an account, and refuses more.
 * Source: Amazon API Gateway developer guide, "Amazon API Gateway quotas", for managing APIs.
 */
const AT_ONCE = 5;

/**
 * Gives the API a gateway response for every type, a few after the others.
 *
 * An unknown route and a call without a signature are the same to API Gateway
 * (`MISSING_AUTHENTICATION_TOKEN`). With IAM the caller is told that it may not; where nobody has to
 * sign, it can only be an unknown route.
 */
export function addGatewayResponses(api: RestApi, apiAccess: ApiAccess): void {
  const missingToken = apiAccess === 'open' ? 'route_not_found' : 'unauthorized';
  const codes: Record<string, ErrorCode> = { ...CODES, MISSING_AUTHENTICATION_TOKEN: missingToken };
  const made: GatewayResponse[] = [];
  for (const [type, code] of Object.entries(codes)) {
    const response = addGatewayResponse(api, type, code);
    const before = made.at(-AT_ONCE);
    if (before !== undefined) response.node.addDependency(before);
    made.push(response);
  }
}

function addGatewayResponse(api: RestApi, type: string, code: ErrorCode): GatewayResponse {
  const body = problemBody(code, '$context.requestId');
  const retryAfter = retryAfterOf(code);
  return api.addGatewayResponse(type, {
    type: ResponseType.of(type),
    statusCode: String(body.status),
    responseHeaders: {
      // API Gateway picks the template by `application/json` whatever a caller accepts, so the
      // media type is set by the header.
      'Content-Type': `'${PROBLEM_MEDIA_TYPE}'`,
      // Assumption: AWS documents request parameters and literals as sources of these headers; that
      // a context variable works too is not stated. The body carries the id in any case.
      [REQUEST_ID_HEADER]: 'context.requestId',
      'Cache-Control': "'no-store'",
      ...(retryAfter === null ? {} : { 'Retry-After': `'${retryAfter}'` }),
    },
    // Not VTL: API Gateway only replaces `$context` variables here.
    templates: { 'application/json': JSON.stringify(body) },
  });
}
