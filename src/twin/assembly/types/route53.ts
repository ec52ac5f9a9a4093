/** Route 53 records and health checks. They are global; the stack that makes them has a Region. */

import { uuid } from '../physical-name.ts';
import { noAttributes, type ResourceSubject, type ResourceTypes } from '../resource-type.ts';

function checkId(subject: ResourceSubject): string {
  return uuid(subject.environment, subject.logicalId);
}

export const ROUTE53_TYPES: ResourceTypes = {
  'AWS::Route53::HealthCheck': {
    ref: checkId,
    attribute: (subject, name) => (name === 'HealthCheckId' ? checkId(subject) : undefined),
    read: ['HealthCheckConfig'],
    inert: ['HealthCheckTags'],
  },
  'AWS::Route53::RecordSet': {
    ref: (subject) => subject.nameFrom('Name'),
    attribute: noAttributes,
    read: [
      'AliasTarget',
      'Failover',
      'HealthCheckId',
      'HostedZoneId',
      'HostedZoneName',
      'Name',
      'ResourceRecords',
      'SetIdentifier',
      'TTL',
      'Type',
      'Weight',
    ],
    inert: ['Comment'],
  },
};
