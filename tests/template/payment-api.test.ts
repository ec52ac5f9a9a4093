/** The REST API: who may call what, what it logs, and what it answers by itself. */

import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode, PROBLEM_MEDIA_TYPE, problemType } from '#contract/errors.ts';
import { ROUTES } from '#contract/routes.ts';
import {
  flat,
  type JsonObject,
  resourceNamed,
  resourcesOf,
  synthesized,
  type Template,
  textOf,
} from './support.ts';

const both = synthesized().regions;
const OPEN = { apiAccess: 'open', environmentSuffix: 'local' };

/** Methods by `METHOD /path`, paths put together from the tree of resources. */
function methodsOf(template: Template): ReadonlyMap<string, JsonObject> {
  const pathOf = (reference: string): string => {
    const logicalId = reference.slice(2, -1);
    const resource = template.Resources[logicalId];
    if (resource?.Type !== 'AWS::ApiGateway::Resource') return '';
    const parent = textOf(resource.Properties['ParentId']);
    return `${pathOf(parent)}/${textOf(resource.Properties['PathPart'])}`;
  };
  return new Map(
    resourcesOf(template, 'AWS::ApiGateway::Method').map(({ Properties }) => [
      `${textOf(Properties['HttpMethod'])} ${pathOf(textOf(Properties['ResourceId']))}`,
      Properties,
    ]),
  );
}

function onlyOf(template: Template, type: string) {
  const [only, ...others] = resourcesOf(template, type);
  if (only === undefined || others.length > 0) throw new Error(`expected one ${type}`);
  return only;
}

function gatewayResponse(template: Template, type: string): JsonObject {
  return resourceNamed(template, 'AWS::ApiGateway::GatewayResponse', 'ResponseType', type)
    .Properties;
}

describe.each(both)('in $region', ({ region, template }) => {
  test('every route of the contract is there, and no other', () => {
    expect([...methodsOf(template).keys()].sort()).toEqual(
      ROUTES.map((route) => `${route.method} ${route.path}`).sort(),
    );
  });

  test.each([
    ['POST /validate', 'AWS_IAM', 'payment-validator-dev'],
    ['POST /process', 'AWS_IAM', 'payment-processor-dev'],
    ['POST /payments', 'AWS_IAM', 'payment-intake-dev'],
    ['POST /payments/{transaction_id}/refunds', 'AWS_IAM', 'payment-refunder-dev'],
    ['GET /payments/{transaction_id}', 'AWS_IAM', 'payment-reader-dev'],
    ['GET /customers/{customer_id}/payments', 'AWS_IAM', 'payment-reader-dev'],
    ['GET /health', 'NONE', 'payment-health-dev'],
  ])('%s asks for %s and calls %s', (route, authorization, functionName) => {
    const method = methodsOf(template).get(route);
    const { logicalId } = resourceNamed(
      template,
      'AWS::Lambda::Function',
      'FunctionName',
      functionName,
    );
    expect(method?.['AuthorizationType']).toBe(authorization);
    expect(flat(method?.['Integration'])).toEqual({
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/\${${logicalId}.Arn}/invocations`,
    });
  });

  test('API Gateway may invoke a function for its routes on the stage, and for nothing else', () => {
    const api = onlyOf(template, 'AWS::ApiGateway::RestApi').logicalId;
    const stage = onlyOf(template, 'AWS::ApiGateway::Stage').logicalId;
    const arn = `arn:aws:execute-api:${region}:\${AWS::AccountId}:\${${api}}/\${${stage}}`;
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission')
      .map((it) => it.Properties)
      .filter((it) => it['Principal'] === 'apigateway.amazonaws.com');
    expect(permissions.map((it) => textOf(it['SourceArn'])).sort()).toEqual([
      `${arn}/GET/customers/*/payments`,
      `${arn}/GET/health`,
      `${arn}/GET/health/traffic`,
      `${arn}/GET/payments/*`,
      `${arn}/POST/payments`,
      `${arn}/POST/payments/*/refunds`,
      `${arn}/POST/process`,
      `${arn}/POST/validate`,
    ]);
    for (const permission of permissions) {
      expect(permission['Action']).toBe('lambda:InvokeFunction');
    }
  });

  test('bodies have the model of the contract and are left to the function to check', () => {
    const modelNamed = (name: string) =>
      resourceNamed(template, 'AWS::ApiGateway::Model', 'Name', name);
    const validator = onlyOf(template, 'AWS::ApiGateway::RequestValidator');
    expect(validator.Properties).toMatchObject({
      ValidateRequestBody: false,
      ValidateRequestParameters: true,
    });
    // API Gateway does not support it.
    expect(JSON.stringify(resourcesOf(template, 'AWS::ApiGateway::Model'))).not.toContain(
      'exclusiveMinimum',
    );
    const $schema = 'http://json-schema.org/draft-04/schema#';
    expect(modelNamed('PaymentRequest').Properties['Schema']).toMatchObject({
      $schema,
      type: 'object',
      required: ['transaction_id', 'customer_id', 'amount', 'currency'],
    });
    expect(modelNamed('RefundRequest').Properties['Schema']).toMatchObject({
      $schema,
      type: 'object',
      required: ['refund_id'],
    });
    const modelOf: Readonly<Record<string, string>> = {
      'POST /validate': 'PaymentRequest',
      'POST /process': 'PaymentRequest',
      'POST /payments': 'PaymentRequest',
      'POST /payments/{transaction_id}/refunds': 'RefundRequest',
    };
    for (const [route, method] of methodsOf(template)) {
      expect(flat(method['RequestValidatorId'])).toBe(`\${${validator.logicalId}}`);
      const model = modelOf[route];
      const expected =
        model === undefined
          ? undefined
          : { 'application/json': `\${${modelNamed(model).logicalId}}` };
      const models =
        method['RequestModels'] === undefined ? undefined : flat(method['RequestModels']);
      expect(models).toEqual(expected);
    }
  });

  test('path parameters are required, query parameters optional', () => {
    const parameters = (route: string) => methodsOf(template).get(route)?.['RequestParameters'];
    expect(parameters('GET /payments/{transaction_id}')).toEqual({
      'method.request.path.transaction_id': true,
    });
    expect(parameters('GET /customers/{customer_id}/payments')).toEqual({
      'method.request.path.customer_id': true,
      'method.request.querystring.limit': false,
      'method.request.querystring.cursor': false,
    });
  });

  test('the stage throttles, measures and logs as the contract says', () => {
    const stage = onlyOf(template, 'AWS::ApiGateway::Stage').Properties;
    expect(stage['StageName']).toBe('prod');
    expect(stage['MethodSettings']).toEqual([
      {
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 1000,
        ThrottlingBurstLimit: 2000,
        MetricsEnabled: true,
        LoggingLevel: 'INFO',
        DataTraceEnabled: false,
      },
      // Health checkers ask more than once a second: logs of that cost more than the answers.
      ...['/~1health', '/~1health~1traffic'].map((ResourcePath) => ({
        ...{ HttpMethod: 'GET', ResourcePath, LoggingLevel: 'ERROR' },
        ...{ MetricsEnabled: true, DataTraceEnabled: false },
      })),
    ]);
    expect(onlyOf(template, 'AWS::ApiGateway::RestApi').Properties).toMatchObject({
      Name: 'payment-api-dev',
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
  });

  test('the access log goes to its group for a week, without personal data', () => {
    const group = resourceNamed(
      template,
      'AWS::Logs::LogGroup',
      'LogGroupName',
      '/aws/apigateway/payment-api-dev',
    );
    expect(group.Properties['RetentionInDays']).toBe(7);
    const settings = flat(
      onlyOf(template, 'AWS::ApiGateway::Stage').Properties['AccessLogSetting'],
    ) as JsonObject;
    expect(settings['DestinationArn']).toBe(
      `arn:aws:logs:${region}:\${AWS::AccountId}:log-group:\${${group.logicalId}}`,
    );
    const format = textOf(settings['Format']);
    const fields = Object.values(JSON.parse(format) as Record<string, string>);
    expect(fields).toContain('$context.requestId');
    expect(fields).toContain('$context.resourcePath');
    expect(format).not.toMatch(/\$context\.(path|identity|authorizer|requestOverride)|\$input/);
  });

  test('the execution log has a group with a week of retention before the stage exists', () => {
    const api = onlyOf(template, 'AWS::ApiGateway::RestApi').logicalId;
    const group = resourcesOf(template, 'AWS::Logs::LogGroup').find(
      (it) => flat(it.Properties['LogGroupName']) === `API-Gateway-Execution-Logs_\${${api}}/prod`,
    );
    expect(group?.Properties['RetentionInDays']).toBe(7);
    const stage = onlyOf(template, 'AWS::ApiGateway::Stage');
    expect(stage).toMatchObject({ DependsOn: [group?.logicalId] });
  });

  test.each<[string, ErrorCode]>([
    ['ACCESS_DENIED', 'unauthorized'],
    ['API_CONFIGURATION_ERROR', 'internal_error'],
    ['AUTHORIZER_CONFIGURATION_ERROR', 'internal_error'],
    ['AUTHORIZER_FAILURE', 'internal_error'],
    ['BAD_REQUEST_BODY', 'invalid_body'],
    ['BAD_REQUEST_PARAMETERS', 'bad_request'],
    ['DEFAULT_4XX', 'bad_request'],
    ['DEFAULT_5XX', 'internal_error'],
    ['EXPIRED_TOKEN', 'unauthorized'],
    ['INTEGRATION_FAILURE', 'outcome_unknown'],
    ['INTEGRATION_TIMEOUT', 'gateway_timeout'],
    ['INVALID_API_KEY', 'unauthorized'],
    ['INVALID_SIGNATURE', 'unauthorized'],
    ['MISSING_AUTHENTICATION_TOKEN', 'unauthorized'],
    ['QUOTA_EXCEEDED', 'too_many_requests'],
    ['REQUEST_TOO_LARGE', 'body_too_large'],
    ['RESOURCE_NOT_FOUND', 'route_not_found'],
    ['THROTTLED', 'too_many_requests'],
    ['UNAUTHORIZED', 'unauthorized'],
    ['UNSUPPORTED_MEDIA_TYPE', 'unsupported_media_type'],
    ['WAF_FILTERED', 'unauthorized'],
  ])('%s answers %s', (type, code) => {
    const response = gatewayResponse(template, type);
    const { status, error, retry } = ERRORS[code];
    expect(response['StatusCode']).toBe(String(status));
    expect(response['ResponseParameters']).toEqual({
      'gatewayresponse.header.Content-Type': `'${PROBLEM_MEDIA_TYPE}'`,
      'gatewayresponse.header.x-request-id': 'context.requestId',
      'gatewayresponse.header.Cache-Control': "'no-store'",
      ...(retry === 'never' ? {} : { 'gatewayresponse.header.Retry-After': "'1'" }),
    });
    const templates = response['ResponseTemplates'] as Record<string, string>;
    expect(Object.keys(templates)).toEqual(['application/json']);
    expect(JSON.parse(templates['application/json'] ?? '')).toEqual({
      code,
      status,
      type: problemType(code),
      title: error,
      error,
      detail: expect.stringMatching(/\.$/),
      request_id: '$context.requestId',
    });
  });

  test('few of its answers are made at once: its control plane takes ten calls a second', () => {
    const responses = resourcesOf(template, 'AWS::ApiGateway::GatewayResponse');
    const first = responses.filter(
      ({ DependsOn = [] }) => !responses.some(({ logicalId }) => DependsOn.includes(logicalId)),
    );
    expect(first).toHaveLength(5);
  });

  test('no answer repeats what API Gateway says of its insides', () => {
    for (const { Properties } of resourcesOf(template, 'AWS::ApiGateway::GatewayResponse')) {
      expect(JSON.stringify(Properties['ResponseTemplates'])).not.toContain('$context.error');
    }
  });

  test('the account-wide role of API Gateway is left alone', () => {
    expect(resourcesOf(template, 'AWS::ApiGateway::Account')).toEqual([]);
  });
});

describe.each(synthesized(OPEN).regions)('with open access in $region', ({ template }) => {
  test('no route asks for credentials', () => {
    const kinds = [...methodsOf(template).values()].map((it) => it['AuthorizationType']);
    expect(new Set(kinds)).toEqual(new Set(['NONE']));
  });

  test('what API Gateway calls a missing token is an unknown route', () => {
    const response = gatewayResponse(template, 'MISSING_AUTHENTICATION_TOKEN');
    expect(response['StatusCode']).toBe('404');
    const templates = response['ResponseTemplates'] as Record<string, string>;
    expect(JSON.parse(templates['application/json'] ?? '')).toMatchObject({
      code: 'route_not_found',
    });
  });
});

test('apiDataTrace logs bodies and changes nothing else', () => {
  const plain = synthesized();
  const traced = synthesized({ apiDataTrace: true });
  const switchOff = (template: Template) =>
    JSON.parse(
      JSON.stringify(template).replaceAll('"DataTraceEnabled":true', '"DataTraceEnabled":false'),
    ) as Template;
  for (const [index, { template }] of traced.regions.entries()) {
    const stage = onlyOf(template, 'AWS::ApiGateway::Stage').Properties;
    const settings = stage['MethodSettings'] as readonly Record<string, unknown>[];
    expect(settings.map((it) => it['DataTraceEnabled'])).toEqual([true, true, true]);
    expect(switchOff(template)).toEqual(plain.regions[index]?.template);
  }
});

test('apiGatewayAccountRole sets the role in both Regions, before the stage that logs with it', () => {
  for (const { template } of synthesized({ apiGatewayAccountRole: true }).regions) {
    const account = onlyOf(template, 'AWS::ApiGateway::Account');
    expect(account.DeletionPolicy).toBe('Retain');
    const stage = onlyOf(template, 'AWS::ApiGateway::Stage') as { DependsOn?: readonly string[] };
    expect(stage.DependsOn).toContain(account.logicalId);
    const roleId = textOf(account.Properties['CloudWatchRoleArn']).slice(2, -'.Arn}'.length);
    expect(template.Resources[roleId]).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        ManagedPolicyArns: [
          expect.objectContaining({
            'Fn::Join': expect.arrayContaining([
              expect.arrayContaining([
                expect.stringContaining('AmazonAPIGatewayPushToCloudWatchLogs'),
              ]),
            ]),
          }),
        ],
      },
    });
  }
});
