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

/** Subscriptions of a stack, those written inside a topic included. */
export function buildSubscriptions(stack: Stack, notRun: NotRun): SubscriptionModel[] {
  const inline = resourcesOf(stack, 'AWS::SNS::Topic').flatMap(({ id, properties, logicalId }) =>
    properties.objects('Subscription').map((entry) => {
      notRun.addUnknown('AWS::SNS::Topic.Subscription', logicalId, entry, ['Endpoint', 'Protocol']);
      return subscription(entry, id, logicalId, notRun);
    }),
  );
  const separate = resourcesOf(stack, 'AWS::SNS::Subscription').map(({ properties, logicalId }) =>
    subscription(properties, properties.string('TopicArn'), logicalId, notRun),
  );
  return [...inline, ...separate];
}

function subscription(
  fields: Fields,
  topicArn: string,
  logicalId: string,
  notRun: NotRun,
): SubscriptionModel {
  const protocol = fields.string('Protocol');
  // The twin's topics deliver to queues; a mail or a text message must not leave the machine.
  if (protocol !== 'sqs') notRun.add(`AWS::SNS::Subscription (${protocol})`, logicalId);
  const topicRegion = fields.optionalString('Region') ?? topicArn.split(':')[3];
  if (topicRegion === undefined || topicRegion === '') {
    throw new AssemblyError(`${fields.where}: ${topicArn} is no topic ARN.`);
  }
  return { topicArn, protocol, endpoint: fields.string('Endpoint'), topicRegion };
}
