/** Prepares one method of a REST API, so that serving it decides nothing that the template settles. */

import { mayInvoke } from '#twin/iam/may-invoke.ts';
import { RegionStartError } from '#twin/region/region-start-error.ts';
import type { FunctionModel, MethodModel, RegionModel, RestApiModel } from '#twin/region-model.ts';
import { compileMockIntegration, type MockIntegration } from './mock-integration.ts';
import { compileRequiredParameters, type RequiredParameters } from './required-parameters.ts';

export interface CompiledRoute {
  readonly resource: string;
  readonly needsSignature: boolean;
  readonly requiredParameters: RequiredParameters | null;
  readonly integration:
    | {
        readonly kind: 'lambda';
        readonly functionArn: string;
        /** Whether the function's permissions let this method, called so, invoke it. */
        readonly isAllowed: (httpMethod: string) => boolean;
      }
    | { readonly kind: 'mock'; readonly answer: MockIntegration };
}

/**
 * Throws `RegionStartError` for what the twin does not run: an authorizer, body validation, an
 * integration with a function that the Region does not have.
 */
export function compileRoute(
  method: MethodModel,
  api: RestApiModel,
  region: RegionModel,
): CompiledRoute {
  const where = `REST API ${api.name}: ${method.httpMethod} ${method.path}`;
  if (method.authorizationType !== 'NONE' && method.authorizationType !== 'AWS_IAM') {
    throw new RegionStartError(
      `${where} has authorization type ${method.authorizationType}; the twin runs NONE and ` +
        'AWS_IAM. Boot the twin from a synthesis that uses one of these.',
    );
  }
  // Draft-4 JSON schema needs a validator library; to let every body through would be a lie.
  if (method.validator?.body === true && Object.keys(method.requestModels).length > 0) {
    throw new RegionStartError(
      `${where} validates its body against a model; the twin has no JSON schema validator. ` +
        'Validate the body in the function, or leave the body validator out.',
    );
  }
  return {
    resource: method.path,
    needsSignature: method.authorizationType === 'AWS_IAM',
    requiredParameters: compileRequiredParameters(method),
    integration:
      method.integration.type === 'MOCK'
        ? { kind: 'mock', answer: compileMockIntegration(method.integration, where) }
        : compileLambda(method.integration.functionArn, method, api, region, where),
  };
}

function compileLambda(
  functionArn: string,
  method: MethodModel,
  api: RestApiModel,
  region: RegionModel,
  where: string,
): CompiledRoute['integration'] {
  const fn = region.functions.find((candidate) => candidate.arn === functionArn);
  if (fn === undefined) {
    throw new RegionStartError(
      `${where} calls ${functionArn}, which is no function of stack ${region.stackName}. ` +
        `It has: ${region.functions.map(({ arn }) => arn).join(', ') || 'none'}.`,
    );
  }
  // The source ARN of an ANY method carries the method of the request.
  const allowed = new Map<string, boolean>();
  return {
    kind: 'lambda',
    functionArn,
    isAllowed(httpMethod) {
      let isAllowed = allowed.get(httpMethod);
      if (isAllowed === undefined) {
        isAllowed = isInvocationAllowed(fn, httpMethod, method, api, region);
        allowed.set(httpMethod, isAllowed);
      }
      return isAllowed;
    },
  };
}

function isInvocationAllowed(
  fn: FunctionModel,
  httpMethod: string,
  method: MethodModel,
  api: RestApiModel,
  region: RegionModel,
): boolean {
  const sourceArn =
    `arn:aws:execute-api:${region.region}:${region.accountId}:` +
    `${api.id}/${api.stageName}/${httpMethod}${method.path}`;
  return mayInvoke(fn, 'apigateway.amazonaws.com', sourceArn);
}
