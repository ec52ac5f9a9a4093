/** Messages that a topic delivers to Lambda functions, in its own Region or another. */

import { randomUUID } from 'node:crypto';
import type { AsyncInvoker } from '../events/async-invoker.ts';
import { functionRegionOf } from './arn.ts';
import type { CrossRegionDeliveries } from './cross-region-deliveries.ts';
import type { StoredMessage } from './fauxqs-types.ts';
import { snsEvent } from './sns-event.ts';

export interface FunctionDeliveriesOptions {
  readonly send: CrossRegionDeliveries['send'];
  readonly submit: AsyncInvoker['submit'];
}

export interface FunctionDeliveries {
  /** The way from a Region's topics to a function; null when `endpointArn` is no function's. */
  routeTo(from: string, endpointArn: string): ((message: StoredMessage) => void) | null;
}

/**
 * Each message is one asynchronous invocation, as on AWS: from then on Lambda tries again, not SNS.
 * Which functions a topic may invoke was decided when they were subscribed.
 */
export function createFunctionDeliveries({
  send,
  submit,
}: FunctionDeliveriesOptions): FunctionDeliveries {
  return {
    routeTo(from, endpointArn) {
      const to = functionRegionOf(endpointArn);
      if (to === null) return null;
      return ({ body }) => {
        const invocation = {
          region: to,
          functionArn: endpointArn,
          event: snsEvent(body),
          requestId: randomUUID(),
        };
        send(from, to, () => submit(invocation));
      };
    },
  };
}
