/** SQS queues and their policies. */

import { noAttributes, type ResourceSubject, type ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

function queueName(subject: ResourceSubject): string {
  const explicit = subject.text('QueueName');
  if (explicit !== null) return explicit;
  return `${subject.nameFrom('QueueName')}${subject.text('FifoQueue') === 'true' ? '.fifo' : ''}`;
}

function queueUrl(subject: ResourceSubject): string {
  const { region, accountId, urlSuffix } = subject.environment;
  return `https://sqs.${region}.${urlSuffix}/${accountId}/${queueName(subject)}`;
}

export const SQS_TYPES: ResourceTypes = {
  'AWS::SQS::Queue': {
    ref: queueUrl,
    attribute(subject, name) {
      switch (name) {
        case 'Arn':
          return regionalArn(subject.environment, 'sqs', queueName(subject));
        case 'QueueName':
          return queueName(subject);
        case 'QueueUrl':
          return queueUrl(subject);
        default:
          return undefined;
      }
    },
    read: [
      'ContentBasedDeduplication',
      'DeduplicationScope',
      'DelaySeconds',
      'FifoQueue',
      'FifoThroughputLimit',
      'MaximumMessageSize',
      'MessageRetentionPeriod',
      'QueueName',
      'ReceiveMessageWaitTimeSeconds',
      'RedriveAllowPolicy',
      'RedrivePolicy',
      'SqsManagedSseEnabled',
      'VisibilityTimeout',
    ],
    inert: ['Tags'],
    uniqueIn: 'Region',
  },
  'AWS::SQS::QueuePolicy': {
    ref: (subject) => subject.nameFrom('Id'),
    attribute: noAttributes,
    read: ['PolicyDocument', 'Queues'],
    inert: [],
  },
};
