/** SNS topics and subscriptions of a Region. */

import type { SubscriptionModel, TopicModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { resourcesOf, type Stack } from '../stack.ts';
import { policiesByTarget } from './resource-policies.ts';

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
  const separate = resourcesOf(stack, 'AWS::SNS::Subscription').map(({ properties }) =>
    subscription(properties, properties.string('TopicArn')),
  );
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
