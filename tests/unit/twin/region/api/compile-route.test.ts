import { describe, expect, it } from 'vitest';

import { compileRoute } from '#twin/region/api/compile-route.ts';
import type { MethodModel } from '#twin/region-model.ts';
import { apiOf, CONTEXT, FUNCTION, methodOf, regionOf } from './request-fixture.ts';

const compile = (method: Partial<MethodModel>, fn = FUNCTION) =>
  compileRoute(methodOf(method), apiOf(), regionOf([fn]));

function mock(requestTemplate: string, template = '{"id":"$context.requestId"}'): MethodModel {
  return methodOf({
    integration: {
      type: 'MOCK',
      requestTemplates: { 'application/json': requestTemplate },
      responses: [
        { statusCode: '200', templates: { 'application/json': template } },
        { statusCode: '404', templates: {} },
      ],
    },
  });
}

describe('compileRoute', () => {
  it('lets an ANY method invoke by the method of the request', () => {
    const sourceArn = 'arn:aws:execute-api:us-east-1:123456789012:abc123/*/POST/process';
    const permissions = [{ principal: 'apigateway.amazonaws.com', sourceArn }];
    const { integration } = compile({ httpMethod: 'ANY' }, { ...FUNCTION, permissions });
    if (integration.kind !== 'lambda') throw new Error('not a function');
    expect(integration.isAllowed('POST')).toBe(true);
    expect(integration.isAllowed('GET')).toBe(false);
  });

  it('gives the MOCK response of the status that the request template asks for', () => {
    const { integration } = compile(mock('{"statusCode": 200}'));
    if (integration.kind !== 'mock') throw new Error('not a mock');
    expect(integration.answer(CONTEXT)).toEqual({
      status: 200,
      headers: ['Content-Type', 'application/json'],
      body: `{"id":"${CONTEXT.requestId}"}`,
    });
  });

  it.each([
    ['an authorizer', { authorizationType: 'CUSTOM' }, 'authorization type CUSTOM'],
    [
      'body validation',
      { validator: { body: true, parameters: false }, requestModels: { 'application/json': {} } },
      'no JSON schema validator',
    ],
    [
      'a function of another stack',
      { integration: { type: 'AWS_PROXY' as const, functionArn: 'arn:other' } },
      'calls arn:other, which is no function of stack TestStack',
    ],
    [
      'an odd required parameter',
      {
        validator: { body: false, parameters: true },
        requestParameters: { 'method.request.body.x': true },
      },
      'method.request.body.x',
    ],
    ['a MOCK without a status', mock('{}'), 'statusCode from 200 to 599'],
    ['a MOCK with logic', mock('#if(true){"statusCode": 200}#end'), 'literal JSON'],
    ['a MOCK without that response', mock('{"statusCode": 500}'), 'no integration response'],
    ['a MOCK that reads its input', mock('{"statusCode": 200}', '$input.body'), '$input'],
  ])('rejects %s, naming the method', (_, method, message) => {
    expect(() => compile(method)).toThrow(message);
    expect(() => compile(method)).toThrow('POST /process');
  });
});
