/** SNS topics, their policies and subscriptions. */

import { uuid } from '../physical-name.ts';
import { noAttributes, type ResourceSubject, type ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

function topicName(subject: ResourceSubject): string {
  const explicit = subject.text('TopicName');
  if (explicit !== null) return explicit;
  return `${subject.nameFrom('TopicName')}${subject.text('FifoTopic') === 'true' ? '.fifo' : ''}`;
}

function topicArn(subject: ResourceSubject): string {
  return regionalArn(subject.environment, 'sns', topicName(subject));
}

function subscriptionArn(subject: ResourceSubject): string {
  return `${subject.text('TopicArn')}:${uuid(subject.environment, subject.logicalId)}`;
}

export const SNS_TYPES: ResourceTypes = {
  'AWS::SNS::Topic': {
    ref: topicArn,
    attribute(subject, name) {
      if (name === 'TopicArn') return topicArn(subject);
      return name === 'TopicName' ? topicName(subject) : undefined;
    },
    read: ['DisplayName', 'Subscription', 'TopicName'],
    inert: ['DeliveryStatusLogging', 'SignatureVersion', 'Tags', 'TracingConfig'],
    uniqueIn: 'Region',
  },
  'AWS::SNS::TopicPolicy': {
    ref: (subject) => subject.nameFrom('Id'),
    attribute: noAttributes,
    read: ['PolicyDocument', 'Topics'],
    inert: [],
  },
  'AWS::SNS::Subscription': {
    ref: subscriptionArn,
    attribute: (subject, name) => (name === 'Arn' ? subscriptionArn(subject) : undefined),
    read: [
      ...['Endpoint', 'FilterPolicy', 'FilterPolicyScope', 'Protocol', 'RawMessageDelivery'],
      ...['Region', 'TopicArn'],
    ],
    inert: [],
  },
};
