/** Methods of a REST API with their validation and integration. */

import type { IntegrationModel, MethodModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { type Fields, isObject } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';

export interface MethodContext {
  /** Resource id → path. */
  readonly paths: ReadonlyMap<string, string>;
  /** Functions that the Region runs. */
  readonly functionArns: ReadonlySet<string>;
  readonly notRun: NotRun;
}

/** Models that every API has. Source: API Gateway Developer Guide, "Data models for REST APIs". */
const BUILT_IN_MODELS: Readonly<Record<string, unknown>> = {
  Empty: { title: 'Empty Schema', type: 'object' },
  Error: {
    title: 'Error Schema',
    type: 'object',
    properties: { message: { type: 'string' } },
  },
};

/**
 * Throws `AssemblyError` for a method that is not reachable, an integration other than AWS_PROXY to
 * a function of the Region or MOCK, and for models or validators that the API doesn't have.
 */
export function methodModel(stack: Stack, method: Resource, context: MethodContext): MethodModel {
  const { properties, type, logicalId } = method;
  const path = context.paths.get(properties.string('ResourceId'));
  if (path === undefined) {
    throw new AssemblyError(
      `${properties.where}: it is not reachable: its resource is not one of this API's.`,
    );
  }
  if (properties.boolean('ApiKeyRequired', false)) {
    context.notRun.add(`${type}.ApiKeyRequired`, logicalId);
  }
  const requestParameters = properties.object('RequestParameters');
  return {
    httpMethod: properties.string('HttpMethod').toUpperCase(),
    path,
    authorizationType: properties.optionalString('AuthorizationType') ?? 'NONE',
    requestParameters: Object.fromEntries(
      requestParameters.names().map((name) => [name, requestParameters.boolean(name, false)]),
    ),
    requestModels: requestModels(stack, properties),
    validator: validatorOf(stack, properties),
    integration: integrationOf(method, context),
  };
}

function requestModels(stack: Stack, properties: Fields): Record<string, unknown> {
  const named = properties.stringMap('RequestModels');
  const apiId = properties.string('RestApiId');
  const models = resourcesOf(stack, 'AWS::ApiGateway::Model').filter(
    (model) => model.properties.string('RestApiId') === apiId,
  );
  return Object.fromEntries(
    Object.entries(named).map(([contentType, name]) => {
      const model = models.find((candidate) => candidate.id === name);
      if (model !== undefined) return [contentType, schemaOf(model.properties)];
      if (Object.hasOwn(BUILT_IN_MODELS, name)) return [contentType, BUILT_IN_MODELS[name]];
      throw new AssemblyError(`${properties.where}: the API has no model ${name}.`);
    }),
  );
}

function schemaOf(model: Fields): unknown {
  const raw = model.raw('Schema');
  let schema = raw;
  try {
    if (typeof raw === 'string') schema = JSON.parse(raw);
  } catch (cause) {
    throw new AssemblyError(`${model.where}: Schema is not JSON.`, { cause });
  }
  if (!isObject(schema)) throw new AssemblyError(`${model.where}: Schema is not an object.`);
  if (JSON.stringify(schema).includes('"$ref":"https://apigateway.')) {
    throw new AssemblyError(
      `${model.where}: its schema refers to another model, which the twin does not follow. Put the ` +
        'schema inside.',
    );
  }
  return schema;
}

function validatorOf(stack: Stack, properties: Fields): MethodModel['validator'] {
  const id = properties.optionalString('RequestValidatorId');
  if (id === null) return null;
  const validator = resourcesOf(stack, 'AWS::ApiGateway::RequestValidator').find(
    (candidate) => candidate.id === id,
  );
  if (validator === undefined) {
    throw new AssemblyError(`${properties.where}: the API has no request validator ${id}.`);
  }
  return {
    body: validator.properties.boolean('ValidateRequestBody', false),
    parameters: validator.properties.boolean('ValidateRequestParameters', false),
  };
}

function integrationOf(method: Resource, context: MethodContext): IntegrationModel {
  const integration = method.properties.object('Integration');
  const type = integration.string('Type');
  const prefix = `${method.type}.Integration`;
  switch (type) {
    case 'AWS_PROXY':
      context.notRun.addUnknown(prefix, method.logicalId, integration, [
        'IntegrationHttpMethod',
        'IntegrationResponses', // A proxy integration answers as the function says.
        'PassthroughBehavior',
        'Type',
        'Uri',
      ]);
      return { type, functionArn: functionArnOf(integration, context.functionArns) };
    case 'MOCK': {
      const known = ['IntegrationResponses', 'PassthroughBehavior', 'RequestTemplates', 'Type'];
      context.notRun.addUnknown(prefix, method.logicalId, integration, known);
      return {
        type,
        requestTemplates: integration.stringMap('RequestTemplates'),
        responses: integration.objects('IntegrationResponses').map((response) => {
          const name = `${prefix}.IntegrationResponses`;
          context.notRun.addUnknown(name, method.logicalId, response, [
            'ResponseTemplates',
            'StatusCode',
          ]);
          return {
            statusCode: response.string('StatusCode'),
            templates: response.stringMap('ResponseTemplates'),
          };
        }),
      };
    }
    default:
      throw new AssemblyError(
        `${integration.where}: the twin runs AWS_PROXY and MOCK integrations, not ${type}.`,
      );
  }
}

function functionArnOf(integration: Fields, functionArns: ReadonlySet<string>): string {
  if (integration.optionalString('IntegrationHttpMethod') !== 'POST') {
    throw new AssemblyError(
      `${integration.where}: IntegrationHttpMethod must be POST; Lambda is invoked by nothing else.`,
    );
  }
  const uri = integration.string('Uri');
  const functionArn =
    /^arn:[^:]+:apigateway:[^:]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/.exec(
      uri,
    )?.[1];
  if (functionArn === undefined) {
    throw new AssemblyError(`${integration.where}: ${uri} does not invoke a Lambda function.`);
  }
  if (!functionArns.has(functionArn)) {
    throw new AssemblyError(
      `${integration.where}: the twin runs no function ${functionArn} in this Region (versions and ` +
        'aliases are not run).',
    );
  }
  return functionArn;
}
