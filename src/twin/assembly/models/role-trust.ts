/** Whether Lambda may take on a function's role. */

import { authorizeWithResourcePolicy } from '#twin/iam/authorize-with-resource-policy.ts';
import type { FunctionModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { BuiltRole } from './roles.ts';

/**
 * Throws `AssemblyError` when the function's role is not part of the assembly (the twin could not
 * know what it allows) or does not trust Lambda, which Lambda refuses when the function is created.
 */
export function assertAssumable(
  { name, roleArn }: FunctionModel,
  roles: readonly BuiltRole[],
): void {
  const role = roles.find(({ model }) => model.arn === roleArn);
  if (role === undefined) {
    throw new AssemblyError(
      `Function ${name}: its role ${roleArn} is not part of the assembly, so that the twin can't ` +
        'know what it allows. Create the role in one of the stacks.',
    );
  }
  // A trust policy names no resource: it is about the role that carries it.
  const trust = { Statement: role.trust.Statement.map((each) => ({ ...each, Resource: '*' })) };
  const { decision } = authorizeWithResourcePolicy({
    caller: { kind: 'service', service: 'lambda.amazonaws.com' },
    resourcePolicy: trust,
    action: 'sts:AssumeRole',
    resourceArn: roleArn,
    context: {},
  });
  if (decision !== 'allowed') {
    throw new AssemblyError(
      `Function ${name}: its role ${role.model.name} does not let lambda.amazonaws.com assume it. ` +
        'Add the service to AssumeRolePolicyDocument.',
    );
  }
}
