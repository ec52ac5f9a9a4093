/** Log groups: known by name only. The twin writes what functions log to files of its own. */

import type { ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

export const LOGS_TYPES: ResourceTypes = {
  'AWS::Logs::LogGroup': {
    ref: (subject) => subject.nameFrom('LogGroupName'),
    attribute: (subject, name) =>
      name === 'Arn'
        ? regionalArn(
            subject.environment,
            'logs',
            `log-group:${subject.nameFrom('LogGroupName')}:*`,
          )
        : undefined,
    read: ['LogGroupName'],
    inert: [
      'DataProtectionPolicy',
      'DeletionProtectionEnabled',
      'FieldIndexPolicies',
      'KmsKeyId',
      'LogGroupClass',
      'ResourcePolicyDocument',
      'RetentionInDays',
      'Tags',
    ],
    uniqueIn: 'Region',
  },
};
