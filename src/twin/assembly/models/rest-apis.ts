/** REST APIs of a stack: one stage each, with the methods that its deployment holds. */

import type { RestApiModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { reachableFrom } from '../find-cycle.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';
import { gatewayResponses } from './gateway-responses.ts';
import { methodModel } from './methods.ts';
import { resourcePaths } from './resource-paths.ts';

/** Account-level limits, used for the half that a stage leaves open. Source: API Gateway quotas. */
const ACCOUNT_THROTTLING = { rateLimit: 10_000, burstLimit: 5_000 };

/**
 * `functionArns`: functions that the Region runs. Throws `AssemblyError` for an API without exactly
 * one stage, and for a method or resource that callers would not reach.
 */
export function buildRestApis(
  stack: Stack,
  functionArns: ReadonlySet<string>,
  notRun: NotRun,
): RestApiModel[] {
  return resourcesOf(stack, 'AWS::ApiGateway::RestApi').map((api) => {
    const { properties, logicalId, type } = api;
    if (properties.boolean('DisableExecuteApiEndpoint', false)) {
      notRun.add(`${type}.DisableExecuteApiEndpoint`, logicalId);
    }
    const stage = stageOf(stack, api);
    const deployed = deployedWith(stack, api, stage);
    const paths = resourcePaths(stack, api);
    const methods = partsOf(stack, api, 'AWS::ApiGateway::Method').map((method) => {
      if (!deployed.has(method.logicalId)) {
        throw new AssemblyError(
          `${method.properties.where}: the API's deployment does not wait for this method, so that ` +
            'it may be missing on the stage. Add it to the DependsOn of the Deployment.',
        );
      }
      return methodModel(stack, method, { paths, functionArns, notRun });
    });
    if (methods.length === 0) throw new AssemblyError(`${properties.where}: it has no method.`);
    return {
      id: api.id,
      name: properties.optionalString('Name') ?? logicalId,
      stageName: stage.id,
      methods,
      gatewayResponses: gatewayResponses(stack, api),
      throttling: throttlingOf(stage, notRun),
      binaryMediaTypes: properties.strings('BinaryMediaTypes'),
    };
  });
}

/** Parts of one type that belong to the API. */
export function partsOf(stack: Stack, api: Resource, type: string): Resource[] {
  return resourcesOf(stack, type).filter((part) => part.properties.string('RestApiId') === api.id);
}

function stageOf(stack: Stack, api: Resource): Resource {
  const { where } = api.properties;
  const stages = partsOf(stack, api, 'AWS::ApiGateway::Stage');
  const deployments = partsOf(stack, api, 'AWS::ApiGateway::Deployment');
  if (deployments.some((deployment) => deployment.properties.has('StageName'))) {
    throw new AssemblyError(
      `${where}: its Deployment makes a stage by itself (StageName). Use an AWS::ApiGateway::Stage.`,
    );
  }
  const [stage] = stages;
  if (stage === undefined || deployments.length === 0) {
    throw new AssemblyError(
      `${where}: it has ${deployments.length} Deployments and ${stages.length} Stages, and needs ` +
        'one of each to be reached.',
    );
  }
  if (stages.length > 1) {
    const names = stages.map((each) => each.id).join(', ');
    throw new AssemblyError(`${where}: the twin runs one stage of an API, not ${names}.`);
  }
  const used = stage.properties.string('DeploymentId');
  for (const deployment of deployments) {
    if (deployment.id !== used) {
      throw new AssemblyError(`${deployment.properties.where}: no stage shows this deployment.`);
    }
  }
  if (!deployments.some((deployment) => deployment.id === used)) {
    throw new AssemblyError(`${stage.properties.where}: there is no deployment ${used}.`);
  }
  return stage;
}

/** Logical ids that CloudFormation makes before the deployment, which is a snapshot of them. */
function deployedWith(stack: Stack, api: Resource, stage: Resource): ReadonlySet<string> {
  const deployment = partsOf(stack, api, 'AWS::ApiGateway::Deployment').find(
    ({ id }) => id === stage.properties.string('DeploymentId'),
  );
  return reachableFrom(stack.dependencies, deployment?.logicalId ?? '');
}

/** `ResourcePath: /*` with `HttpMethod: *` is the whole stage; narrower throttling is named. */
function throttlingOf(stage: Resource, notRun: NotRun): RestApiModel['throttling'] {
  let throttling: RestApiModel['throttling'] = null;
  for (const setting of stage.properties.objects('MethodSettings')) {
    const isWholeStage =
      setting.optionalString('ResourcePath') === '/*' &&
      setting.optionalString('HttpMethod') === '*';
    const prefix = `${stage.type}.MethodSettings`;
    notRun.addUnknown(prefix, stage.logicalId, setting, [
      'DataTraceEnabled',
      'HttpMethod',
      'LoggingLevel',
      'MetricsEnabled',
      'ResourcePath',
      'ThrottlingBurstLimit',
      'ThrottlingRateLimit',
    ]);
    if (!setting.has('ThrottlingRateLimit') && !setting.has('ThrottlingBurstLimit')) continue;
    if (isWholeStage) {
      throttling = {
        rateLimit: setting.number('ThrottlingRateLimit', ACCOUNT_THROTTLING.rateLimit),
        burstLimit: setting.number('ThrottlingBurstLimit', ACCOUNT_THROTTLING.burstLimit),
      };
    } else {
      const scope = `${setting.optionalString('HttpMethod')} ${setting.optionalString('ResourcePath')}`;
      notRun.add(`${prefix} (throttling of ${scope})`, stage.logicalId);
    }
  }
  return throttling;
}
