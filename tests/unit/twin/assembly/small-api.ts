/** A small REST API, of which tests replace what they are about. */

import { functionRole, lambdaFunction, readResources } from './assembly-on-disk.ts';

const API = { Ref: 'Api' };

export function part(type: string, properties: object = {}, more: object = {}) {
  return {
    Type: `AWS::ApiGateway::${type}`,
    Properties: { RestApiId: API, ...properties },
    ...more,
  };
}

export const WORK_INTEGRATION = {
  Type: 'AWS_PROXY',
  IntegrationHttpMethod: 'POST',
  Uri: {
    'Fn::Sub':
      'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Work.Arn}/invocations',
  },
};

export function method(properties: object = {}) {
  return part('Method', {
    HttpMethod: 'GET',
    AuthorizationType: 'NONE',
    ResourceId: { Ref: 'Payment' },
    Integration: WORK_INTEGRATION,
    ...properties,
  });
}

const BASE = {
  Role: functionRole(),
  Work: lambdaFunction({ FunctionName: 'work' }),
  Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'payments' } },
  Payments: part('Resource', {
    ParentId: { 'Fn::GetAtt': ['Api', 'RootResourceId'] },
    PathPart: 'payments',
  }),
  Payment: part('Resource', { ParentId: { Ref: 'Payments' }, PathPart: '{id}' }),
  Get: method(),
  Deployment: part('Deployment', {}, { DependsOn: ['Get'] }),
  Stage: part('Stage', { StageName: 'prod', DeploymentId: { Ref: 'Deployment' } }),
};

/** The API of `BASE` with resources replaced; one that is undefined is taken out. */
export function readApi(resources: Readonly<Record<string, object | undefined>> = {}) {
  const kept = Object.entries({ ...BASE, ...resources }).filter(
    ([, resource]) => resource !== undefined,
  );
  const { region } = readResources(Object.fromEntries(kept) as Record<string, object>, {
    Outputs: {
      Url: {
        Value: {
          'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}/',
        },
      },
    },
  });
  return { region, api: region.restApis[0] };
}
