/** CloudWatch alarms. Metric and composite alarms share one set of names. */

import type { ResourceSubject, ResourceTypes } from '../resource-type.ts';
import { regionalArn } from '../template/stack-environment.ts';

function alarmName(subject: ResourceSubject): string {
  return subject.nameFrom('AlarmName');
}

function alarmAttribute(subject: ResourceSubject, name: string): string | undefined {
  if (name !== 'Arn') return undefined;
  return regionalArn(subject.environment, 'cloudwatch', `alarm:${alarmName(subject)}`);
}

export const CLOUDWATCH_TYPES: ResourceTypes = {
  'AWS::CloudWatch::Alarm': {
    ref: alarmName,
    attribute: alarmAttribute,
    read: [
      'ActionsEnabled',
      'AlarmActions',
      'AlarmDescription',
      'AlarmName',
      'ComparisonOperator',
      'DatapointsToAlarm',
      'Dimensions',
      'EvaluationPeriods',
      'ExtendedStatistic',
      'InsufficientDataActions',
      'MetricName',
      'Metrics',
      'Namespace',
      'OKActions',
      'Period',
      'Statistic',
      'Threshold',
      'TreatMissingData',
    ],
    inert: ['Tags'],
    uniqueIn: 'Region',
  },
  'AWS::CloudWatch::CompositeAlarm': {
    ref: alarmName,
    attribute: alarmAttribute,
    read: [
      'ActionsEnabled',
      'AlarmActions',
      'AlarmDescription',
      'AlarmName',
      'AlarmRule',
      'InsufficientDataActions',
      'OKActions',
    ],
    inert: ['Tags'],
    uniqueIn: 'Region',
  },
};
