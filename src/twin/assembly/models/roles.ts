/** IAM roles with every policy that the assembly attaches to them. */

import { unsupportedConditions } from '#twin/iam/unsupported-conditions.ts';
import type { PolicyDocument, RoleModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';
import { AWS_MANAGED_POLICIES } from './aws-managed-policies.ts';
import { policyDocument } from './policy-document.ts';

/** A role of the assembly, with what its template says of who may assume it. */
export interface BuiltRole {
  readonly model: RoleModel;
  readonly stack: Stack;
  readonly trust: PolicyDocument;
}

/**
 * Roles of all stacks: IAM is global, so a policy of one stack may attach to the role of another.
 * `notRunOf` gives the collector of a stack's Region. Throws `AssemblyError` for a policy on a role
 * that the assembly doesn't have.
 */
export function buildRoles(
  stacks: readonly Stack[],
  notRunOf: (stack: Stack) => NotRun,
): BuiltRole[] {
  const attached = new Map<string, PolicyDocument[]>();
  const managed = new Map<string, PolicyDocument>();
  const roles = stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::IAM::Role').map((resource) => ({ stack, resource })),
  );
  const roleNames = new Set(roles.map(({ resource }) => resource.id));

  for (const stack of stacks) {
    for (const policy of resourcesOf(stack, 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy')) {
      const document = documentOf(policy, notRunOf(stack));
      if (policy.type === 'AWS::IAM::ManagedPolicy') managed.set(policy.id, document);
      for (const role of policy.properties.strings('Roles')) {
        if (!roleNames.has(role)) {
          throw new AssemblyError(
            `${policy.properties.where}: role ${role} is not part of the assembly.`,
          );
        }
        attached.set(role, [...(attached.get(role) ?? []), document]);
      }
    }
  }
  return roles.map(({ stack, resource }) => ({
    stack,
    trust: policyDocument(resource.properties.object('AssumeRolePolicyDocument')),
    model: {
      name: resource.id,
      arn: stack.attribute(resource.logicalId, 'Arn'),
      policies: [
        ...inlinePolicies(resource, notRunOf(stack)),
        ...managedPolicies(resource, managed, notRunOf(stack)),
        ...(attached.get(resource.id) ?? []),
      ],
    },
  }));
}

function inlinePolicies(role: Resource, notRun: NotRun): PolicyDocument[] {
  return role.properties
    .objects('Policies')
    .map((policy) => policyDocument(policy.object('PolicyDocument')))
    .map((document) => named(document, role, notRun));
}

function managedPolicies(
  role: Resource,
  ofAssembly: ReadonlyMap<string, PolicyDocument>,
  notRun: NotRun,
): PolicyDocument[] {
  const documents: PolicyDocument[] = [];
  for (const arn of role.properties.strings('ManagedPolicyArns')) {
    const name = /^arn:[^:]+:iam::aws:policy\/(.+)$/.exec(arn)?.[1] ?? '';
    const document = ofAssembly.get(arn) ?? AWS_MANAGED_POLICIES.get(name);
    if (document !== undefined) documents.push(document);
    else notRun.add(`${role.type}.ManagedPolicyArns (${arn})`, role.logicalId);
  }
  return documents;
}

function documentOf(policy: Resource, notRun: NotRun): PolicyDocument {
  return named(policyDocument(policy.properties.object('PolicyDocument')), policy, notRun);
}

/** Names the condition operators that the evaluator does not know. */
function named(document: PolicyDocument, resource: Resource, notRun: NotRun): PolicyDocument {
  for (const operator of unsupportedConditions([document])) {
    notRun.add(`${resource.type}.Condition (${operator})`, resource.logicalId);
  }
  return document;
}
