/** EventBridge rules on the default event bus. */

import type { ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

export const EVENTS_TYPES: ResourceTypes = {
  'AWS::Events::Rule': {
    ref: (subject) => subject.nameFrom('Name'),
    attribute: (subject, name) =>
      name === 'Arn'
        ? regionalArn(subject.environment, 'events', `rule/${subject.nameFrom('Name')}`)
        : undefined,
    read: ['Name', 'ScheduleExpression', 'State', 'Targets'],
    inert: ['Description', 'Tags'],
    uniqueIn: 'Region',
  },
};
