/** The answers that API Gateway itself gives, from the template's gateway responses or the defaults. */

import type { GatewayResponseModel } from '#twin/region-model.ts';
import type { ApiAnswer, RequestContext } from './api-request.ts';
import { type ContextTemplate, compileContextTemplate } from './context-template.ts';

/**
 * The response types that the twin can give: default status, message, and `x-amzn-ErrorType`.
 * Source: API Gateway developer guide, "Gateway response types"; messages and error types as
 * deployed APIs answer them (*unpublished*).
 */
export const GATEWAY_RESPONSE_TYPES = {
  MISSING_AUTHENTICATION_TOKEN: [
    403,
    'Missing Authentication Token',
    'MissingAuthenticationTokenException',
  ],
  INVALID_SIGNATURE: [403, 'Invalid signature', 'InvalidSignatureException'],
  BAD_REQUEST_PARAMETERS: [400, 'Bad Request', 'BadRequestException'],
  REQUEST_TOO_LARGE: [413, 'Request Too Long', 'RequestTooLargeException'],
  THROTTLED: [429, 'Too Many Requests', 'TooManyRequestsException'],
  API_CONFIGURATION_ERROR: [500, 'Internal server error', 'InternalServerErrorException'],
  INTEGRATION_FAILURE: [504, 'Internal server error', 'InternalServerErrorException'],
  INTEGRATION_TIMEOUT: [504, 'Endpoint request timed out', 'InternalServerErrorException'],
  DEFAULT_4XX: [400, 'Bad Request', 'BadRequestException'],
  DEFAULT_5XX: [500, 'Internal server error', 'InternalServerErrorException'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type GatewayResponseType = keyof typeof GATEWAY_RESPONSE_TYPES;

export interface GatewayError {
  readonly type: GatewayResponseType;
  /** Replaces the type's message. */
  readonly message?: string;
  /** Replaces the type's default status; the template's status code replaces both. */
  readonly status?: number;
  /** Replaces the type's `x-amzn-ErrorType`. */
  readonly errorType?: string;
  /** `$context.error.validationErrorString` */
  readonly validationError?: string;
}

export type GatewayResponses = (error: GatewayError, context: RequestContext) => ApiAnswer;

interface CompiledResponse {
  readonly status: number | null;
  readonly headers: readonly (readonly [name: string, value: ContextTemplate])[];
  readonly contentType: string;
  readonly body: ContextTemplate;
}

const DEFAULT_BODY = '{"message":$context.error.messageString}';

/**
 * Compiles the template's gateway responses. A type that the template does not set takes
 * DEFAULT_4XX or DEFAULT_5XX, by its own status, and then API Gateway's default; a status code set
 * on a DEFAULT type holds for every type that falls back to it.
 * Throws `RegionStartError` for a template that the twin can't render.
 */
export function compileGatewayResponses(
  models: Readonly<Record<string, GatewayResponseModel>>,
): GatewayResponses {
  const compiled = new Map<string, CompiledResponse>();
  for (const [type, model] of Object.entries(models)) compiled.set(type, compile(type, model));
  const builtIn = compile('default', { statusCode: null, headers: {}, templates: {} });

  return (error, context) => {
    const [defaultStatus, defaultMessage, defaultErrorType] = GATEWAY_RESPONSE_TYPES[error.type];
    const ownStatus = error.status ?? defaultStatus;
    const response =
      compiled.get(error.type) ??
      compiled.get(ownStatus >= 500 ? 'DEFAULT_5XX' : 'DEFAULT_4XX') ??
      builtIn;
    const details = {
      message: error.message ?? defaultMessage,
      responseType: error.type,
      validationError: error.validationError ?? null,
    };
    return {
      status: response.status ?? ownStatus,
      headers: [
        'Content-Type',
        response.contentType,
        'x-amzn-ErrorType',
        error.errorType ?? defaultErrorType,
        ...response.headers.flatMap(([name, value]) => [name, value(context, details)]),
      ],
      body: response.body(context, details),
    };
  };
}

function compile(type: string, model: GatewayResponseModel): CompiledResponse {
  const templates = Object.entries(model.templates);
  // API Gateway chooses by Accept among several; APIs in use have the one for JSON.
  const [contentType, template] = templates.find(([key]) => key === 'application/json') ??
    templates[0] ?? ['application/json', DEFAULT_BODY];
  const ownType = Object.entries(model.headers).find(
    ([name]) => name.toLowerCase() === 'content-type',
  );
  return {
    status: model.statusCode === null ? null : Number(model.statusCode),
    headers: Object.entries(model.headers)
      .filter(([name]) => name.toLowerCase() !== 'content-type')
      .map(([name, value]) => [
        name,
        compileContextTemplate(value, `Gateway response ${type}, header ${name}`),
      ]),
    contentType: ownType?.[1] ?? contentType,
    body: compileContextTemplate(template, `Gateway response ${type}`),
  };
}
