/** Requests and models for the unit tests of the REST API. */

import type { ApiRequest, RequestContext } from '#twin/region/api/api-request.ts';
import type { FunctionModel, MethodModel, RegionModel, RestApiModel } from '#twin/region-model.ts';

export function requestOf(
  httpMethod: string,
  target: string,
  rawHeaders: readonly string[] = [],
  body: Buffer | string | null = '',
): ApiRequest {
  const [path = '', query = ''] = target.split('?');
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers[(rawHeaders[index] ?? '').toLowerCase()] = rawHeaders[index + 1] ?? '';
  }
  return {
    httpMethod,
    path,
    query,
    protocol: 'HTTP/1.1',
    sourceIp: '127.0.0.1',
    rawHeaders,
    headers,
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}

/** 2015-04-09T12:34:56Z, the day in AWS's example of `$context.requestTime`. */
export const EPOCH_MS = Date.UTC(2015, 3, 9, 12, 34, 56);

export const CONTEXT: RequestContext = {
  requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
  extendedRequestId: 'c6af9ac67b6111e=',
  accountId: '123456789012',
  apiId: 'abc123',
  stage: 'prod',
  httpMethod: 'POST',
  path: '/prod/process',
  resourcePath: '/process',
  protocol: 'HTTP/1.1',
  domainName: 'abc123.execute-api.us-east-1.amazonaws.com',
  sourceIp: '192.0.2.1',
  userAgent: 'agent/1',
  requestTimeEpochMs: EPOCH_MS,
};

export const FUNCTION: FunctionModel = {
  logicalId: 'Fn',
  name: 'fn',
  arn: 'arn:aws:lambda:us-east-1:123456789012:function:fn',
  roleArn: 'arn:aws:iam::123456789012:role/fn',
  handler: 'index.handler',
  runtime: 'nodejs24.x',
  timeoutSeconds: 3,
  memoryMb: 256,
  environment: { TABLE: 't', AWS_REGION: 'nowhere' },
  codeDirectory: '/code/fn',
  permissions: [
    {
      principal: 'apigateway.amazonaws.com',
      sourceArn: 'arn:aws:execute-api:us-east-1:123456789012:abc123/*/*/*',
    },
  ],
};

export function methodOf(more: Partial<MethodModel> = {}): MethodModel {
  return {
    httpMethod: 'POST',
    path: '/process',
    authorizationType: 'NONE',
    requestParameters: {},
    requestModels: {},
    validator: null,
    integration: { type: 'AWS_PROXY', functionArn: FUNCTION.arn },
    ...more,
  };
}

export function apiOf(more: Partial<RestApiModel> = {}): RestApiModel {
  return {
    id: 'abc123',
    name: 'test-api',
    stageName: 'prod',
    methods: [methodOf()],
    gatewayResponses: {},
    throttling: null,
    binaryMediaTypes: [],
    ...more,
  };
}

export function regionOf(functions: readonly FunctionModel[] = [FUNCTION]): RegionModel {
  return {
    region: 'us-east-1',
    accountId: '123456789012',
    stackName: 'TestStack',
    functions,
    restApis: [],
    queues: [],
    topics: [],
    subscriptions: [],
    secrets: [],
    eventSources: [],
    schedules: [],
    alarms: [],
    compositeAlarms: [],
    apiDomains: [],
    healthChecks: [],
    records: [],
    roles: [],
    outputs: {},
    notRun: [],
  };
}
