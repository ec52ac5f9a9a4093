import { describe, expect, it } from 'vitest';

import { compileGatewayResponses } from '#twin/region/api/gateway-response.ts';
import { CONTEXT } from './request-fixture.ts';

const OURS = {
  statusCode: '404',
  headers: { 'x-id': '$context.requestId', 'Content-Type': 'application/problem+json' },
  templates: {
    'application/json':
      '{"code":"route_not_found","request_id":"$context.requestId","detail":$context.error.messageString,"kind":"$context.error.responseType"}',
  },
};

describe('compileGatewayResponses', () => {
  it.each([
    [
      'MISSING_AUTHENTICATION_TOKEN',
      403,
      'Missing Authentication Token',
      'MissingAuthenticationTokenException',
    ],
    ['THROTTLED', 429, 'Too Many Requests', 'TooManyRequestsException'],
    ['REQUEST_TOO_LARGE', 413, 'Request Too Long', 'RequestTooLargeException'],
    ['INTEGRATION_TIMEOUT', 504, 'Endpoint request timed out', 'InternalServerErrorException'],
    ['API_CONFIGURATION_ERROR', 500, 'Internal server error', 'InternalServerErrorException'],
  ] as const)("gives API Gateway's own %s", (type, status, message, errorType) => {
    expect(compileGatewayResponses({})({ type }, CONTEXT)).toEqual({
      status,
      headers: ['Content-Type', 'application/json', 'x-amzn-ErrorType', errorType],
      body: JSON.stringify({ message }),
    });
  });

  it("renders the template's response: status, headers, variables", () => {
    const render = compileGatewayResponses({ MISSING_AUTHENTICATION_TOKEN: OURS });
    const answer = render({ type: 'MISSING_AUTHENTICATION_TOKEN' }, CONTEXT);
    expect(answer.status).toBe(404);
    expect(answer.headers).toEqual([
      'Content-Type',
      'application/problem+json',
      'x-amzn-ErrorType',
      'MissingAuthenticationTokenException',
      'x-id',
      CONTEXT.requestId,
    ]);
    expect(JSON.parse(String(answer.body))).toEqual({
      code: 'route_not_found',
      request_id: CONTEXT.requestId,
      detail: 'Missing Authentication Token',
      kind: 'MISSING_AUTHENTICATION_TOKEN',
    });
  });

  it('quotes the message, so that a caller can not break the JSON', () => {
    const render = compileGatewayResponses({});
    const answer = render({ type: 'BAD_REQUEST_PARAMETERS', message: 'a "b" \n c' }, CONTEXT);
    expect(JSON.parse(String(answer.body))).toEqual({ message: 'a "b" \n c' });
  });

  it('falls back to DEFAULT_4XX and DEFAULT_5XX by the status that it would have', () => {
    const template = (name: string) => ({
      statusCode: null,
      headers: {},
      templates: { 'application/json': name },
    });
    const render = compileGatewayResponses({
      DEFAULT_4XX: template('ours 4xx'),
      DEFAULT_5XX: { ...template('ours 5xx'), statusCode: '503' },
      THROTTLED: template('ours throttled'),
    });
    expect(render({ type: 'BAD_REQUEST_PARAMETERS' }, CONTEXT)).toMatchObject({
      status: 400,
      body: 'ours 4xx',
    });
    expect(render({ type: 'INTEGRATION_FAILURE', status: 502 }, CONTEXT)).toMatchObject({
      status: 503,
      body: 'ours 5xx',
    });
    expect(render({ type: 'THROTTLED' }, CONTEXT)).toMatchObject({
      status: 429,
      body: 'ours throttled',
    });
  });

  it("keeps the type's own status where the template sets none", () => {
    const render = compileGatewayResponses({});
    expect(render({ type: 'INTEGRATION_FAILURE', status: 502 }, CONTEXT).status).toBe(502);
    expect(render({ type: 'INTEGRATION_FAILURE' }, CONTEXT).status).toBe(504);
  });

  it('rejects a template in the mapping language', () => {
    const model = { ...OURS, templates: { 'application/json': '#set($a = 1)$a' } };
    expect(() => compileGatewayResponses({ THROTTLED: model })).toThrow(
      'Gateway response THROTTLED uses "#set"',
    );
  });
});
