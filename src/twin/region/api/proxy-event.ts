/** Builds the event of a Lambda proxy integration, payload format 1.0. */

import { type ApiRequest, formatRequestTime, type RequestContext } from './api-request.ts';
import { domainPrefix } from './context-template.ts';
import type { QueryParameters } from './query-string.ts';

export interface ProxyEventInput {
  readonly request: ApiRequest;
  readonly body: Buffer;
  readonly context: RequestContext;
  /** Resource path of the method, `/payments/{transaction_id}`. */
  readonly resource: string;
  /** Path without the stage, percent-encoded like the caller's. */
  readonly path: string;
  readonly query: QueryParameters | null;
  /**
   * As they stand in the path, percent-encoded: a REST API decodes the query only (*unpublished*, seen on
   * deployed APIs). That broken encoding is handed on too is *inferred*. Null when the resource has none.
   */
  readonly pathParameters: Readonly<Record<string, string>> | null;
  /** Whether the API's binaryMediaTypes cover the request's content type. */
  readonly binary: boolean;
  /** Of a signed request. */
  readonly accessKeyId: string | null;
}

/**
 * Headers that concern one connection only, and end at API Gateway. AWS drops the first two; the
 * others can't reach a function there either, because its front end speaks for the connection.
 */
const HOP_BY_HOP = new Set([
  'content-length',
  'connection',
  'transfer-encoding',
  'keep-alive',
  'expect',
  'te',
  'upgrade',
  'proxy-connection',
]);

/**
 * The event as JSON text. Pure. A body that is not binary is decoded as UTF-8, with U+FFFD for what
 * is not; an empty one is null.
 * Source: API Gateway developer guide, "Input format of a Lambda function for proxy integration".
 */
export function buildProxyEvent(input: ProxyEventInput): string {
  const { request, body, context, query } = input;
  const { single, multi } = eventHeaders(request, context);
  return JSON.stringify({
    resource: input.resource,
    path: input.path,
    httpMethod: context.httpMethod,
    headers: single,
    multiValueHeaders: multi,
    queryStringParameters: query?.single ?? null,
    multiValueQueryStringParameters: query?.multi ?? null,
    pathParameters: input.pathParameters,
    stageVariables: null,
    requestContext: {
      resourcePath: input.resource,
      httpMethod: context.httpMethod,
      extendedRequestId: context.extendedRequestId,
      requestTime: formatRequestTime(context.requestTimeEpochMs),
      path: context.path,
      accountId: context.accountId,
      protocol: context.protocol,
      stage: context.stage,
      domainPrefix: domainPrefix(context.domainName),
      requestTimeEpoch: context.requestTimeEpochMs,
      requestId: context.requestId,
      identity: {
        cognitoIdentityPoolId: null,
        accountId: null,
        cognitoIdentityId: null,
        caller: null,
        sourceIp: context.sourceIp,
        principalOrgId: null,
        accessKey: input.accessKeyId,
        cognitoAuthenticationType: null,
        cognitoAuthenticationProvider: null,
        userArn: null,
        userAgent: context.userAgent,
        user: null,
      },
      domainName: context.domainName,
      apiId: context.apiId,
    },
    body: body.length === 0 ? null : body.toString(input.binary ? 'base64' : 'utf8'),
    isBase64Encoded: body.length > 0 && input.binary,
  });
}

/** Names keep the caller's casing (the first, if one header comes in two); the last value wins. */
function eventHeaders(request: ApiRequest, context: RequestContext) {
  // No prototype: a header may be called __proto__.
  const single: Record<string, string> = Object.create(null);
  const multi: Record<string, string[]> = Object.create(null);
  const nameOf = new Map<string, string>();

  function add(name: string, value: string): void {
    const lower = name.toLowerCase();
    const known = nameOf.get(lower);
    if (known === undefined) {
      nameOf.set(lower, name);
      single[name] = value;
      multi[name] = [value];
    } else {
      single[known] = value;
      multi[known]?.push(value);
    }
  }

  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || lower === 'x-forwarded-for') continue;
    add(name, rawHeaders[index + 1] as string);
  }
  const forwarded = request.headers['x-forwarded-for'];
  add('X-Forwarded-For', [forwarded ?? [], context.sourceIp].flat().join(', '));
  if (!nameOf.has('x-forwarded-proto')) add('X-Forwarded-Proto', 'http');
  if (!nameOf.has('x-amzn-trace-id')) add('X-Amzn-Trace-Id', traceId(context));
  return { single, multi };
}

/** `Root=1-<epoch seconds, 8 hex>-<24 hex>`, as X-Ray writes it. */
function traceId(context: RequestContext): string {
  const epoch = Math.floor(context.requestTimeEpochMs / 1000).toString(16);
  return `Root=1-${epoch}-${context.requestId.replaceAll('-', '').slice(0, 24)}`;
}
