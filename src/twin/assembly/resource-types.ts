/** Every resource type that the twin runs, and how it stands in for those that it does not. */

import type { ResourceSubject, ResourceType, ResourceTypes } from './resource-type.ts';
import { regionalArn } from './template/stack-environment.ts';
import { API_DOMAIN_TYPES } from './types/api-domains.ts';
import { API_GATEWAY_TYPES } from './types/api-gateway.ts';
import { CERTIFICATE_TYPES } from './types/certificates.ts';
import { CLOUDWATCH_TYPES } from './types/cloudwatch.ts';
import { DYNAMODB_TYPES } from './types/dynamodb.ts';
import { EVENT_SOURCE_TYPES } from './types/event-sources.ts';
import { EVENTS_TYPES } from './types/events.ts';
import { IAM_TYPES } from './types/iam.ts';
import { LAMBDA_TYPES } from './types/lambda.ts';
import { LOGS_TYPES } from './types/logs.ts';
import { ROUTE53_TYPES } from './types/route53.ts';
import { SECRETS_MANAGER_TYPES } from './types/secrets-manager.ts';
import { SNS_TYPES } from './types/sns.ts';
import { SQS_TYPES } from './types/sqs.ts';

const RUN: ResourceTypes = {
  ...API_DOMAIN_TYPES,
  ...API_GATEWAY_TYPES,
  ...CERTIFICATE_TYPES,
  ...CLOUDWATCH_TYPES,
  ...DYNAMODB_TYPES,
  ...EVENTS_TYPES,
  ...EVENT_SOURCE_TYPES,
  ...IAM_TYPES,
  ...LAMBDA_TYPES,
  ...LOGS_TYPES,
  ...ROUTE53_TYPES,
  ...SECRETS_MANAGER_TYPES,
  ...SNS_TYPES,
  ...SQS_TYPES,
};

/** Types that exist for the CDK alone: neither run nor named. */
const IGNORED: ReadonlySet<string> = new Set(['AWS::CDK::Metadata']);

export function isRun(type: string): boolean {
  return Object.hasOwn(RUN, type);
}

export function isIgnored(type: string): boolean {
  return IGNORED.has(type);
}

/** The type's row; for a type that the twin does not run, one that gives deterministic placeholders. */
export function resourceType(type: string): ResourceType {
  return (Object.hasOwn(RUN, type) ? RUN[type] : undefined) ?? PLACEHOLDER;
}

/**
 * Stands in for a type that does not run, so that those which refer to it can. Its name is the one
 * that the template gives (`DashboardName` of an AWS::CloudWatch::Dashboard, or `Name`); its ARN has the
 * right service, Region and account; other attributes are the name with the attribute after it.
 */
const PLACEHOLDER: ResourceType = {
  ref: placeholderName,
  attribute(subject, name) {
    const placeholder = placeholderName(subject);
    if (!name.endsWith('Arn')) return `${placeholder}.${name}`;
    const service = subject.type.split('::')[1] ?? 'custom';
    return regionalArn(subject.environment, service.toLowerCase(), placeholder);
  },
  read: [],
  inert: [],
};

function placeholderName(subject: ResourceSubject): string {
  const kind = subject.type.split('::').at(-1) ?? '';
  return subject.text(`${kind}Name`) ?? subject.nameFrom('Name');
}
