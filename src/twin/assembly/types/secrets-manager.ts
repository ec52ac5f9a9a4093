/** Secrets. A secret's ARN ends in six characters that AWS makes up. */

import { opaqueId } from '../physical-name.ts';
import type { ResourceSubject, ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

function secretArn(subject: ResourceSubject): string {
  const suffix = opaqueId(subject.environment, `${subject.logicalId}/secret`, 6);
  const resource = `secret:${subject.nameFrom('Name')}-${suffix}`;
  return regionalArn(subject.environment, 'secretsmanager', resource);
}

export const SECRETS_MANAGER_TYPES: ResourceTypes = {
  'AWS::SecretsManager::Secret': {
    ref: secretArn,
    attribute: (subject, name) => (name === 'Id' ? secretArn(subject) : undefined),
    read: ['Description', 'GenerateSecretString', 'Name', 'ReplicaRegions', 'SecretString'],
    // Secrets are not encrypted here, whichever key the template names.
    inert: ['KmsKeyId', 'Tags'],
  },
};
