/** Finds the function that another resource of a Region's stacks names. */

import { AssemblyError } from '../assembly-error.ts';
import { resourcesOf, type Stack } from '../stack.ts';

/**
 * ARN of the function that `named` means: a name, an ARN or a partial ARN
 * (`111111111111:function:name`). Also of one that the twin does not run.
 * Throws `AssemblyError` when no stack of the Region has it; an alias or a version is none.
 */
export function functionArnOf(stacks: readonly Stack[], named: string, where: string): string {
  const name = named.replace(/^\d{12}:function:/, '');
  for (const stack of stacks) {
    for (const { id, logicalId } of resourcesOf(stack, 'AWS::Lambda::Function')) {
      const arn = stack.attribute(logicalId, 'Arn');
      if (id === name || arn === named) return arn;
    }
  }
  throw new AssemblyError(`${where}: there is no function ${named} in this Region.`);
}
