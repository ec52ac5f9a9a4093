/** Lambda functions, the permissions to invoke them, and what becomes of events that fail. */

import { noAttributes, type ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

export const LAMBDA_TYPES: ResourceTypes = {
  'AWS::Lambda::Function': {
    ref: (subject) => subject.nameFrom('FunctionName'),
    attribute: (subject, name) =>
      name === 'Arn'
        ? regionalArn(subject.environment, 'lambda', `function:${subject.nameFrom('FunctionName')}`)
        : undefined,
    read: [
      'Code',
      'DeadLetterConfig',
      'Environment',
      'FunctionName',
      'Handler',
      'MemorySize',
      'PackageType',
      'ReservedConcurrentExecutions',
      'Role',
      'Runtime',
      'Timeout',
    ],
    inert: [
      'Architectures',
      'Description',
      'EphemeralStorage',
      'LoggingConfig',
      'RecursiveLoop',
      'RuntimeManagementConfig',
      'Tags',
      'TracingConfig',
    ],
    uniqueIn: 'Region',
  },
  'AWS::Lambda::Permission': {
    ref: (subject) => subject.nameFrom('Id'),
    attribute: noAttributes,
    read: ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'],
    inert: [],
  },
  'AWS::Lambda::EventInvokeConfig': {
    ref: (subject) => subject.nameFrom('Id'),
    attribute: noAttributes,
    read: ['DestinationConfig', 'FunctionName', 'MaximumRetryAttempts', 'Qualifier'],
    inert: [],
  },
};
