/** SNS topics and subscriptions of a Region. */

import type { SubscriptionModel, TopicModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { excerpt, type Fields, isObject } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { resourcesOf, type Stack } from '../stack.ts';
import { policiesByTarget } from './resource-policies.ts';

/** Source: Amazon SNS developer guide, "Subscription filter policy scope". */
const FILTER_POLICY_SCOPES = ['MessageAttributes', 'MessageBody'];

export function buildTopics(stacks: readonly Stack[]): TopicModel[] {
  const policies = policiesByTarget(stacks, 'AWS::SNS::TopicPolicy', 'Topics');
  return stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::SNS::Topic').map(
      ({ logicalId, id, properties }): TopicModel => ({
        name: stack.attribute(logicalId, 'TopicName'),
        arn: id,
        displayName: properties.optionalString('DisplayName'),
        policy: policies.get(id) ?? null,
      }),
    ),
  );
}

/**
 * Subscriptions of a stack, those written inside a topic included. Whichever protocols the twin's
 * topics deliver to: the messaging names those that it does not.
 */
export function buildSubscriptions(stack: Stack, notRun: NotRun): SubscriptionModel[] {
  const inline = resourcesOf(stack, 'AWS::SNS::Topic').flatMap(({ id, properties, logicalId }) =>
    properties.objects('Subscription').map((entry) => {
      notRun.addUnknown('AWS::SNS::Topic.Subscription', logicalId, entry, ['Endpoint', 'Protocol']);
      return subscription(entry, id);
    }),
  );
  const separate = resourcesOf(stack, 'AWS::SNS::Subscription').map(({ properties }) => {
    const attributes = attributesOf(properties);
    return {
      ...subscription(properties, properties.string('TopicArn')),
      ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    };
  });
  return [...inline, ...separate];
}

function subscription(fields: Fields, topicArn: string): SubscriptionModel {
  const topicRegion = fields.optionalString('Region') ?? topicArn.split(':')[3];
  if (topicRegion === undefined || topicRegion === '') {
    throw new AssemblyError(`${fields.where}: ${topicArn} is no topic ARN.`);
  }
  return {
    topicArn,
    protocol: fields.string('Protocol'),
    endpoint: fields.string('Endpoint'),
    topicRegion,
  };
}

/** The properties that Subscribe takes as attributes of the same name, values as it takes them. */
function attributesOf(fields: Fields): Record<string, string> {
  const attributes: Record<string, string> = {};
  if (fields.has('RawMessageDelivery')) {
    attributes['RawMessageDelivery'] = String(fields.boolean('RawMessageDelivery', false));
  }
  if (fields.has('FilterPolicy')) attributes['FilterPolicy'] = filterPolicy(fields);
  const scope = fields.optionalString('FilterPolicyScope');
  if (scope !== null) {
    if (!FILTER_POLICY_SCOPES.includes(scope)) {
      throw new AssemblyError(
        `${fields.where}: FilterPolicyScope must be ${FILTER_POLICY_SCOPES.join(' or ')}, not ${scope}.`,
      );
    }
    attributes['FilterPolicyScope'] = scope;
  }
  return attributes;
}

/** A template may state the policy as an object or as its JSON text. */
function filterPolicy(fields: Fields): string {
  const policy = fields.raw('FilterPolicy');
  const text = typeof policy === 'string' ? policy : JSON.stringify(policy);
  if (isObject(parsed(text))) return text;
  throw new AssemblyError(
    `${fields.where}: FilterPolicy must be an object, not ${excerpt(policy)}.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
