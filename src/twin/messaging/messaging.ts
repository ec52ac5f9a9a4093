/** SQS and SNS of every Region of the twin. */

import type { AwsService } from '../endpoint/aws-service.ts';
import type { RegionModel } from '../region-model.ts';
import {
  createRegionMessaging,
  type QueueDepth,
  type RegionMessaging,
  type SubscriptionNotRun,
} from './region-messaging.ts';
import { createSnsService } from './sns-service.ts';
import { createSqsService } from './sqs-service.ts';

export interface Messaging {
  readonly services: { readonly sqs: AwsService; readonly sns: AwsService };
  /** Subscriptions of the templates that deliver nothing here, to be named at the start. */
  readonly notRun: readonly SubscriptionNotRun[];
  /** Messages in each queue of a Region. Throws for a Region that has no messaging. */
  depths(region: string): readonly QueueDepth[];
  /** Ends the instances and their messages. Close the endpoint before. */
  stop(): Promise<void>;
}

/**
 * Starts one instance for each Region: they share nothing, so a message sent in one Region exists
 * in that Region alone. Rejects, with nothing left running, if one can't be started.
 */
export async function createMessaging(regions: readonly RegionModel[]): Promise<Messaging> {
  const started = await Promise.allSettled(regions.map(createRegionMessaging));
  const instances = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(instances.map((one) => one.stop()));
    throw failed.reason;
  }
  const byRegion = new Map<string, RegionMessaging>(instances.map((one) => [one.region, one]));
  return {
    services: { sqs: createSqsService(byRegion), sns: createSnsService(byRegion) },
    notRun: instances.flatMap((one) => one.notRun),
    depths(region) {
      const messaging = byRegion.get(region);
      if (messaging === undefined) throw new Error(`No messaging runs in ${region}.`);
      return messaging.depths();
    },
    async stop() {
      await Promise.all(instances.map((one) => one.stop()));
    },
  };
}
