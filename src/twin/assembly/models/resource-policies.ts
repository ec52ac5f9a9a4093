/** Policies that templates attach to queues and topics. */

import type { PolicyDocument } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { resourcesOf, type Stack } from '../stack.ts';
import { policyDocument } from './policy-document.ts';

/**
 * Policy document by the `Ref` of what it is attached to (queue URL or topic ARN).
 * Throws `AssemblyError` when two policies name one target: on AWS the one written last would
 * silently take the other's place.
 */
export function policiesByTarget(
  stacks: readonly Stack[],
  type: 'AWS::SQS::QueuePolicy' | 'AWS::SNS::TopicPolicy',
  targetsProperty: 'Queues' | 'Topics',
): ReadonlyMap<string, PolicyDocument> {
  const policies = new Map<string, PolicyDocument>();
  for (const { properties } of stacks.flatMap((stack) => resourcesOf(stack, type))) {
    const document = policyDocument(properties.object('PolicyDocument'));
    for (const target of properties.strings(targetsProperty)) {
      if (policies.has(target)) {
        throw new AssemblyError(
          `${properties.where}: ${target} has a policy already; only one of the two would stay. ` +
            'Put the statements into one policy.',
        );
      }
      policies.set(target, document);
    }
  }
  return policies;
}
