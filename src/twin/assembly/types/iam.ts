/** IAM roles and policies. Their names are global to the account. */

import { opaqueId } from '../physical-name.ts';
import type { ResourceSubject, ResourceTypes } from '../resource-type.ts';

function iamArn(subject: ResourceSubject, kind: string, nameProperty: string): string {
  const { partition, accountId } = subject.environment;
  const path = subject.text('Path') ?? '/';
  return `arn:${partition}:iam::${accountId}:${kind}${path}${subject.nameFrom(nameProperty)}`;
}

function policyArn(subject: ResourceSubject): string {
  return iamArn(subject, 'policy', 'ManagedPolicyName');
}

export const IAM_TYPES: ResourceTypes = {
  'AWS::IAM::Role': {
    ref: (subject) => subject.nameFrom('RoleName'),
    attribute(subject, name) {
      if (name === 'Arn') return iamArn(subject, 'role', 'RoleName');
      if (name !== 'RoleId') return undefined;
      return `AROA${opaqueId(subject.environment, subject.logicalId, 17).toUpperCase()}`;
    },
    read: ['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Path', 'Policies', 'RoleName'],
    inert: ['Description', 'MaxSessionDuration', 'Tags'],
    uniqueIn: 'account',
  },
  'AWS::IAM::Policy': {
    ref: (subject) => subject.nameFrom('PolicyName'),
    attribute: (subject, name) => (name === 'Id' ? subject.nameFrom('PolicyName') : undefined),
    read: ['PolicyDocument', 'PolicyName', 'Roles'],
    inert: [],
  },
  'AWS::IAM::ManagedPolicy': {
    ref: policyArn,
    attribute: (subject, name) => (name === 'PolicyArn' ? policyArn(subject) : undefined),
    read: ['ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'],
    inert: ['Description'],
    uniqueIn: 'account',
  },
};
