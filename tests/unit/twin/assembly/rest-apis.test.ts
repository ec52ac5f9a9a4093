import { describe, expect, it } from 'vitest';
import { method, part, readApi, WORK_INTEGRATION } from './small-api.ts';

const types = ({ region }: ReturnType<typeof readApi>) => region.notRun.map(({ type }) => type);

describe('REST APIs', () => {
  it('reads a method at the path of its resource', () => {
    const { api, region } = readApi();
    expect(api).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{10}$/),
      name: 'payments',
      stageName: 'prod',
      methods: [
        {
          httpMethod: 'GET',
          path: '/payments/{id}',
          authorizationType: 'NONE',
          requestParameters: {},
          requestModels: {},
          validator: null,
          integration: {
            type: 'AWS_PROXY',
            functionArn: 'arn:aws:lambda:us-east-1:111111111111:function:work',
          },
        },
      ],
      gatewayResponses: {},
      throttling: null,
      binaryMediaTypes: [],
    });
    expect(region.outputs).toEqual({
      Url: `https://${api?.id}.execute-api.us-east-1.amazonaws.com/prod/`,
    });
    expect(region.notRun).toEqual([]);
  });

  it('reads validation, models and parameters', () => {
    const { api } = readApi({
      Get: method({
        HttpMethod: 'ANY',
        AuthorizationType: 'AWS_IAM',
        RequestValidatorId: { Ref: 'Validator' },
        RequestModels: { 'application/json': { Ref: 'Model' }, $default: 'Empty' },
        RequestParameters: {
          'method.request.path.id': true,
          'method.request.querystring.q': 'false',
        },
      }),
      Validator: part('RequestValidator', { ValidateRequestBody: true }),
      Model: part('Model', { Schema: '{"type":"object","required":["id"]}' }),
    });
    expect(api?.methods[0]).toMatchObject({
      httpMethod: 'ANY',
      authorizationType: 'AWS_IAM',
      validator: { body: true, parameters: false },
      requestModels: {
        'application/json': { type: 'object', required: ['id'] },
        $default: { type: 'object' },
      },
      requestParameters: { 'method.request.path.id': true, 'method.request.querystring.q': false },
    });
  });

  it('reads a MOCK integration at the root', () => {
    const { api } = readApi({
      Get: method({
        ResourceId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
        Integration: {
          Type: 'MOCK',
          RequestTemplates: { 'application/json': '{"statusCode":200}' },
          IntegrationResponses: [
            { StatusCode: 200, ResponseTemplates: { 'application/json': '{}' } },
          ],
        },
      }),
    });
    expect(api?.methods[0]).toMatchObject({
      path: '/',
      integration: {
        type: 'MOCK',
        requestTemplates: { 'application/json': '{"statusCode":200}' },
        responses: [{ statusCode: '200', templates: { 'application/json': '{}' } }],
      },
    });
  });

  it('reads gateway responses, their headers as literals or context variables', () => {
    const { api } = readApi({
      Response: part('GatewayResponse', {
        ResponseType: 'MISSING_AUTHENTICATION_TOKEN',
        StatusCode: 404,
        ResponseParameters: {
          'gatewayresponse.header.Content-Type': "'application/problem+json'",
          'gatewayresponse.header.x-request-id': 'context.requestId',
        },
        ResponseTemplates: { 'application/json': '{"id":"$context.requestId"}' },
      }),
    });
    expect(api?.gatewayResponses).toEqual({
      MISSING_AUTHENTICATION_TOKEN: {
        statusCode: '404',
        headers: {
          'Content-Type': 'application/problem+json',
          'x-request-id': '$context.requestId',
        },
        templates: { 'application/json': '{"id":"$context.requestId"}' },
      },
    });
  });

  it('reads throttling of the whole stage and names that of a single method', () => {
    const setting = (HttpMethod: string, ResourcePath: string, rate: number) => ({
      HttpMethod,
      ResourcePath,
      ThrottlingRateLimit: rate,
      LoggingLevel: 'INFO',
    });
    const read = readApi({
      Stage: part('Stage', {
        StageName: 'prod',
        DeploymentId: { Ref: 'Deployment' },
        MethodSettings: [setting('*', '/*', 1000), setting('GET', '/~1payments', 5)],
      }),
    });
    expect(read.api?.throttling).toEqual({ rateLimit: 1000, burstLimit: 5000 });
    expect(types(read)).toEqual([
      'AWS::ApiGateway::Stage.MethodSettings (throttling of GET /~1payments)',
    ]);
  });

  it('names what it does not do for a method or an API', () => {
    const read = readApi({
      Api: {
        Type: 'AWS::ApiGateway::RestApi',
        Properties: { Policy: { Statement: [] }, DisableExecuteApiEndpoint: true },
      },
      Get: method({
        ApiKeyRequired: true,
        AuthorizerId: 'abc123',
        Integration: { ...WORK_INTEGRATION, TimeoutInMillis: 5000 },
      }),
    });
    expect(types(read)).toEqual([
      'AWS::ApiGateway::Method.ApiKeyRequired',
      'AWS::ApiGateway::Method.AuthorizerId',
      'AWS::ApiGateway::Method.Integration.TimeoutInMillis',
      'AWS::ApiGateway::RestApi.DisableExecuteApiEndpoint',
      'AWS::ApiGateway::RestApi.Policy',
    ]);
  });
});
