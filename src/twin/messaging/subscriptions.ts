/** The templates' subscriptions: which of them run here, and why the others don't. */

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
 * Subscribes the queues of the templates to their topics, each in the topic's Region; returns those
 * subscriptions that deliver nothing.
 */
export function subscribeQueues(
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
  if (protocol !== 'sqs') return `The twin delivers notifications to SQS only, not to ${protocol}.`;
  const home = models.find(({ region }) => region === topicRegion);
  if (!home?.topics.some((topic) => topic.arn === topicArn)) {
    return `${topicArn} is no topic of the templates.`;
  }
  const target = models.find(({ queues }) => queues.some((queue) => queue.arn === endpoint));
  if (target === undefined) return `${endpoint} is no queue of the templates.`;
  if (target.region !== topicRegion && (isFifo(topicArn) || isFifo(endpoint))) {
    return 'The twin delivers nothing between Regions from FIFO topics or to FIFO queues.';
  }
  return null;
}

/** Whether the topic or queue keeps order: its name says so. Pure. */
export function isFifo(arn: string): boolean {
  return arn.endsWith('.fifo');
}
