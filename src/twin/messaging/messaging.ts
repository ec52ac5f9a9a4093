/** SQS and SNS of every Region of the twin. */

import type { AwsService } from '../endpoint/aws-service.ts';
import type { AsyncInvoker } from '../events/async-invoker.ts';
import type { Network } from '../faults/fault.ts';
import type { RegionModel } from '../region-model.ts';
import { regionOf } from './arn.ts';
import { createCrossRegionDeliveries } from './cross-region-deliveries.ts';
import { createFunctionDeliveries } from './function-deliveries.ts';
import { QueueRequestError } from './queue-request-error.ts';
import {
  createRegionMessaging,
  type QueueBacklog,
  type QueueDepth,
  type RegionMessaging,
} from './region-messaging.ts';
import { createSnsService } from './sns-service.ts';
import { createSqsService } from './sqs-service.ts';
import { type SubscriptionNotRun, subscribeEndpoints } from './subscriptions.ts';

export interface MessagingOptions {
  readonly network: Network;
  /** Takes the asynchronous invocation of a function that is subscribed to a topic. */
  readonly submit: AsyncInvoker['submit'];
  /** Told, in a sentence, of messages that are lost, and of subscriptions that can't deliver. */
  readonly report: (message: string) => void;
}

export interface Messaging {
  readonly services: { readonly sqs: AwsService; readonly sns: AwsService };
  /** Subscriptions of the templates that deliver nothing here, to be named at the start. */
  readonly notRun: readonly SubscriptionNotRun[];
  /** Messages in each queue of a Region. Throws for a Region that has no messaging. */
  depths(region: string): readonly QueueDepth[];
  /** The same, with the age of what waits. Throws likewise. */
  backlogs(region: string): readonly QueueBacklog[];
  /** Messages from a topic of one Region to another that wait for the way to be free. */
  waitingDeliveries(): number;
  /**
   * While on, each message of the queue is delivered once more although it was deleted, as SQS
   * may do. Throws `QueueRequestError` for a queue that is not there or is a FIFO queue.
   */
  duplicateDeliveries(region: string, queueName: string, on: boolean): void;
  /** Ends the instances and their messages. Close the endpoint before. */
  stop(): Promise<void>;
}

/**
 * Starts one instance for each Region: a message sent to a queue exists in that queue's Region
 * alone, and only a topic reaches another Region. Rejects, with nothing left running, if one can't
 * be started.
 */
export async function createMessaging(
  models: readonly RegionModel[],
  { network, submit, report }: MessagingOptions,
): Promise<Messaging> {
  const byRegion = new Map<string, RegionMessaging>();
  const deliveries = createCrossRegionDeliveries({
    network,
    report,
    regions: models.map(({ region }) => region),
    queueOf: (arn) => byRegion.get(regionOf(arn))?.stores.sqsStore.getQueueByArn(arn),
    nowEpochMs: Date.now,
  });
  const functions = createFunctionDeliveries({ send: deliveries.send, submit });
  const started = await Promise.allSettled(
    models.map((model) =>
      createRegionMessaging(model, {
        routeTo: (arn) =>
          functions.routeTo(model.region, arn) ?? deliveries.routeTo(model.region, arn),
        runs: () => network.reaches(model.region, model.region),
      }),
    ),
  );
  for (const one of started) {
    if (one.status === 'fulfilled') byRegion.set(one.value.region, one.value);
  }
  const stop = async (): Promise<void> => {
    deliveries.stop();
    await Promise.all([...byRegion.values()].map((one) => one.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const messagingIn = (region: string): RegionMessaging => {
    const messaging = byRegion.get(region);
    if (messaging === undefined) throw new Error(`No messaging runs in ${region}.`);
    return messaging;
  };
  const notRun = subscribeEndpoints(models, byRegion);
  for (const { region, subscription, why } of notRun) {
    // That one is wrong in the template; the others are named as what the twin does not run.
    if (subscription.protocol === 'lambda') report(`${region}: ${why}`);
  }
  return {
    services: { sqs: createSqsService(byRegion), sns: createSnsService(byRegion) },
    notRun,
    depths: (region) => messagingIn(region).depths(),
    backlogs: (region) => messagingIn(region).backlogs(),
    waitingDeliveries: deliveries.waiting,
    duplicateDeliveries(region, queueName, on) {
      const messaging = byRegion.get(region);
      const queue = messaging?.stores.sqsStore.getQueueByName(queueName);
      if (messaging === undefined || queue === undefined) {
        const names = messaging?.depths().map(({ name }) => name) ?? [...byRegion.keys()];
        const what = messaging === undefined ? `Region ${region}` : `queue ${queueName}`;
        throw new QueueRequestError(`No ${what} here: use one of ${names.join(', ')}.`);
      }
      if (queue.isFifo()) {
        throw new QueueRequestError(
          `${queueName} is a FIFO queue, which delivers a deleted message no more: use a standard one.`,
        );
      }
      messaging.traits.setDuplicates(queue, on);
    },
    stop,
  };
}
