/** Lambda functions of a stack, with who may invoke them. */

import type { FunctionModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import { type Assets, codeDirectoryOf } from '../manifest/read-assets.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';

/** Actions that let a service invoke a function. */
const INVOKE_ACTIONS = ['lambda:InvokeFunction', 'lambda:*'];

const RESERVED = 'ReservedConcurrentExecutions';

type FunctionPermission = FunctionModel['permissions'][number];

/**
 * Functions of the stack. One with a runtime other than Node.js is named as not run.
 * Throws `AssemblyError` for code that is not a folder of the assembly.
 */
export function buildFunctions(stack: Stack, assets: Assets, notRun: NotRun): FunctionModel[] {
  return resourcesOf(stack, 'AWS::Lambda::Function')
    .filter((resource) => runsOnNode(resource, notRun))
    .map((resource) => functionModel(stack, resource, assets));
}

/**
 * Permissions of a Region's stacks by function ARN.
 * Throws `AssemblyError` for a permission on a function that no stack of the Region has.
 */
export function buildPermissions(
  stacks: readonly Stack[],
  notRun: NotRun,
): ReadonlyMap<string, readonly FunctionPermission[]> {
  const arns = new Map<string, string>();
  for (const stack of stacks) {
    for (const { id, logicalId } of resourcesOf(stack, 'AWS::Lambda::Function')) {
      const arn = stack.attribute(logicalId, 'Arn');
      arns.set(id, arn).set(arn, arn);
    }
  }
  const permissions = new Map<string, FunctionPermission[]>();
  for (const resource of stacks.flatMap((stack) => resourcesOf(stack, 'AWS::Lambda::Permission'))) {
    const { properties } = resource;
    const named = properties.string('FunctionName');
    // Name, ARN, or partial ARN (`111111111111:function:name`).
    const arn = arns.get(named) ?? arns.get(named.replace(/^\d{12}:function:/, ''));
    if (arn === undefined) {
      throw new AssemblyError(`${properties.where}: there is no function ${named} in this Region.`);
    }
    if (!isInvocation(resource, arn, notRun)) continue;
    const known = permissions.get(arn) ?? [];
    permissions.set(arn, [
      ...known,
      {
        principal: properties.string('Principal'),
        sourceArn: properties.optionalString('SourceArn'),
      },
    ]);
  }
  return permissions;
}

function isInvocation(resource: Resource, functionArn: string, notRun: NotRun): boolean {
  const { properties, type, logicalId } = resource;
  const action = properties.string('Action');
  if (!INVOKE_ACTIONS.includes(action)) {
    notRun.add(`${type} (${action})`, logicalId);
    return false;
  }
  // A permission narrower than the model can say must not become a wider one.
  const account = properties.optionalString('SourceAccount');
  const isForeign = account !== null && account !== functionArn.split(':')[4];
  const narrowed = ['EventSourceToken', 'FunctionUrlAuthType', 'PrincipalOrgID'];
  return !isForeign && !narrowed.some((property) => properties.has(property));
}

function runsOnNode(resource: Resource, notRun: NotRun): boolean {
  const { properties } = resource;
  const packageType = properties.optionalString('PackageType') ?? 'Zip';
  const runtime = packageType === 'Zip' ? properties.string('Runtime') : packageType;
  if (runtime.startsWith('nodejs')) return true;
  notRun.add(`${resource.type} (${runtime})`, resource.logicalId);
  return false;
}

function functionModel(stack: Stack, resource: Resource, assets: Assets): FunctionModel {
  const { properties } = resource;
  const reservedConcurrency = reservedConcurrencyOf(properties);
  return {
    logicalId: resource.logicalId,
    name: resource.id,
    arn: stack.attribute(resource.logicalId, 'Arn'),
    roleArn: properties.string('Role'),
    handler: properties.string('Handler'),
    runtime: properties.string('Runtime'),
    // Defaults: Lambda API reference, CreateFunction.
    timeoutSeconds: properties.number('Timeout', 3),
    memoryMb: properties.number('MemorySize', 128),
    environment: properties.object('Environment').stringMap('Variables'),
    codeDirectory: codeDirectoryOf(assets, s3KeyOf(properties), properties.where),
    permissions: [],
    ...(reservedConcurrency === null ? {} : { reservedConcurrency }),
  };
}

/** Null: nothing is reserved. That 100 must stay unreserved is for the account's quota, which is not known here. */
function reservedConcurrencyOf(properties: Fields): number | null {
  if (!properties.has(RESERVED)) return null;
  const reserved = properties.number(RESERVED, 0);
  if (Number.isInteger(reserved) && reserved >= 0) return reserved;
  throw new AssemblyError(
    `${properties.where}: ${RESERVED} ${reserved}: Lambda takes whole numbers from 0.`,
  );
}

function s3KeyOf(properties: Fields): string {
  const code = properties.object('Code');
  if (code.has('ZipFile')) {
    throw new AssemblyError(
      `${properties.where}: inline code (ZipFile) is not supported. Use Code.fromAsset.`,
    );
  }
  return code.string('S3Key');
}
