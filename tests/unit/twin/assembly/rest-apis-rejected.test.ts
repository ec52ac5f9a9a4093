import { describe, expect, it } from 'vitest';
import { method, part, readApi, WORK_INTEGRATION } from './small-api.ts';

describe('REST APIs', () => {
  const rejected: readonly [string, Readonly<Record<string, object | undefined>>, RegExp][] = [
    ['an API without a stage', { Stage: undefined }, /1 Deployments and 0 Stages/],
    [
      'an API with two stages',
      { Test: part('Stage', { StageName: 'test', DeploymentId: { Ref: 'Deployment' } }) },
      /one stage of an API, not prod, test/,
    ],
    [
      'a deployment that no stage shows',
      { Old: part('Deployment') },
      /no stage shows this deployment/,
    ],
    [
      'a deployment that makes its own stage',
      { Deployment: part('Deployment', { StageName: 'prod' }, { DependsOn: ['Get'] }) },
      /makes a stage by itself/,
    ],
    [
      'a method for which the deployment does not wait',
      { Deployment: part('Deployment') },
      /Get .*the API's deployment does not wait for this method/,
    ],
    [
      'a method of a resource that is not there',
      { Get: method({ ResourceId: 'abc123' }) },
      /TapStack\/Get .*not reachable: its resource is not one of this API's/,
    ],
    [
      'a resource without a way to the root',
      { Payments: part('Resource', { ParentId: 'abc123', PathPart: 'payments' }) },
      /not reachable: parent abc123/,
    ],
    [
      'one path twice',
      {
        Again: part('Resource', {
          ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
          PathPart: 'payments',
        }),
      },
      /has a resource \/payments already/,
    ],
    [
      'an API without a method',
      { Get: undefined, Deployment: part('Deployment') },
      /has no method/,
    ],
    [
      'another kind of integration',
      { Get: method({ Integration: { Type: 'HTTP_PROXY', Uri: 'https://example.com' } }) },
      /AWS_PROXY and MOCK integrations, not HTTP_PROXY/,
    ],
    [
      'an integration with another HTTP method',
      { Get: method({ Integration: { ...WORK_INTEGRATION, IntegrationHttpMethod: 'GET' } }) },
      /IntegrationHttpMethod must be POST/,
    ],
    [
      'an integration with an alias',
      {
        Get: method({
          Integration: {
            ...WORK_INTEGRATION,
            Uri: {
              'Fn::Join': [
                '',
                [
                  'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/',
                  { 'Fn::GetAtt': ['Work', 'Arn'] },
                  ':live/invocations',
                ],
              ],
            },
          },
        }),
      },
      /runs no function .*function:work:live in this Region/,
    ],
    [
      'an integration with another service',
      {
        Get: method({
          Integration: { ...WORK_INTEGRATION, Uri: 'arn:aws:apigateway:us-east-1:sqs:path/x' },
        }),
      },
      /does not invoke a Lambda function/,
    ],
    [
      'an unknown model',
      { Get: method({ RequestModels: { 'application/json': 'Nothing' } }) },
      /the API has no model Nothing/,
    ],
    [
      'an unknown validator',
      { Get: method({ RequestValidatorId: 'abc123' }) },
      /no request validator abc123/,
    ],
    [
      'a gateway response header from the request',
      {
        Response: part('GatewayResponse', {
          ResponseType: 'THROTTLED',
          ResponseParameters: { 'gatewayresponse.header.x': 'method.request.header.x' },
        }),
      },
      /header x must be a quoted text or context/,
    ],
  ];
  it.each(rejected)('rejects %s', (_name, resources, message) => {
    expect(() => readApi(resources)).toThrow(message);
  });
});
