/** Mappings of event sources to Lambda functions. */

import { uuid } from '../physical-name.ts';
import type { ResourceSubject, ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

function mappingId(subject: ResourceSubject): string {
  return uuid(subject.environment, subject.logicalId);
}

export const EVENT_SOURCE_TYPES: ResourceTypes = {
  'AWS::Lambda::EventSourceMapping': {
    ref: mappingId,
    attribute(subject, name) {
      const id = mappingId(subject);
      if (name === 'Id') return id;
      if (name !== 'EventSourceMappingArn') return undefined;
      return regionalArn(subject.environment, 'lambda', `event-source-mapping:${id}`);
    },
    read: [
      'BatchSize',
      'Enabled',
      'EventSourceArn',
      'FunctionName',
      'FunctionResponseTypes',
      'MaximumBatchingWindowInSeconds',
      'ScalingConfig',
    ],
    inert: ['Tags'],
  },
};
