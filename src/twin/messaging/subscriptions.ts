/** The templates' subscriptions: which of them run here, and why the others don't. */

import { mayInvoke } from '../iam/may-invoke.ts';
import type { RegionModel, SubscriptionModel } from '../region-model.ts';
import type { RegionMessaging } from './region-messaging.ts';

/** A subscription of the template that delivers nothing in the twin. */
export interface SubscriptionNotRun {
  /** Region of the stack. */
  readonly region: string;
  readonly subscription: SubscriptionModel;
  readonly why: string;
}

/**
 * Subscribes the queues and functions of the templates to their topics, each in the topic's Region;
 * returns those subscriptions that deliver nothing.
 */
export function subscribeEndpoints(
  models: readonly RegionModel[],
  byRegion: ReadonlyMap<string, RegionMessaging>,
): readonly SubscriptionNotRun[] {
  const notRun: SubscriptionNotRun[] = [];
  for (const { region, subscriptions } of models) {
    for (const subscription of subscriptions) {
      const why = whyNotRun(subscription, models);
      if (why !== null) {
        notRun.push({ region, subscription, why });
        continue;
      }
      const { topicArn, protocol, endpoint, attributes, topicRegion } = subscription;
      const { snsStore } = byRegion.get(topicRegion)?.stores ?? {};
      snsStore?.subscribe(topicArn, protocol, endpoint, { ...attributes });
    }
  }
  return notRun;
}

/** Null: the subscription runs. */
function whyNotRun(subscription: SubscriptionModel, models: readonly RegionModel[]): string | null {
  const { protocol, topicArn, topicRegion, endpoint } = subscription;
  if (protocol !== 'sqs' && protocol !== 'lambda') {
    return `The twin delivers notifications to SQS and Lambda only, not to ${protocol}.`;
  }
  const home = models.find(({ region }) => region === topicRegion);
  if (!home?.topics.some((topic) => topic.arn === topicArn)) {
    return `${topicArn} is no topic of the templates.`;
  }
  if (protocol === 'lambda') return whyNotInvoked(subscription, models);
  const target = models.find(({ queues }) => queues.some((queue) => queue.arn === endpoint));
  if (target === undefined) return `${endpoint} is no queue of the templates.`;
  if (target.region !== topicRegion && (isFifo(topicArn) || isFifo(endpoint))) {
    return 'The twin delivers nothing between Regions from FIFO topics or to FIFO queues.';
  }
  return null;
}

function whyNotInvoked(
  { topicArn, endpoint, attributes }: SubscriptionModel,
  models: readonly RegionModel[],
): string | null {
  const target = models.flatMap(({ functions }) => functions).find(({ arn }) => arn === endpoint);
  if (target === undefined) return `${endpoint} is no function that the twin runs.`;
  if (isFifo(topicArn)) return 'A FIFO topic delivers to no function.';
  if (attributes?.['RawMessageDelivery'] === 'true') {
    return 'SNS has no raw delivery to Lambda: leave RawMessageDelivery out.';
  }
  if (mayInvoke(target, 'sns.amazonaws.com', topicArn)) return null;
  return (
    `${topicArn} may not invoke ${target.name}, so it never does: add an AWS::Lambda::Permission ` +
    `for sns.amazonaws.com with source ${topicArn}.`
  );
}

/** Whether the topic or queue keeps order: its name says so. Pure. */
export function isFifo(arn: string): boolean {
  return arn.endsWith('.fifo');
}
