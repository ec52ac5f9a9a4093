/**
 * Messages that a topic of one Region delivers to queues and functions of another.
 *
 * Delivered at once while the topic's Region reaches the other; else kept, in order, until it does. AWS
 * retries a delivery to SQS or Lambda for 23 days; here it waits, in memory, as long as the twin runs.
 * Source: SNS developer guide, "Message delivery retries".
 */

import type { Network } from '../faults/fault.ts';
import { queueRegionOf } from './arn.ts';
import type { Queue, StoredMessage } from './fauxqs-types.ts';

export interface CrossRegionDeliveriesOptions {
  readonly network: Network;
  /** Regions with messaging. */
  readonly regions: readonly string[];
  /** The queue in its own Region; undefined when it is not there (any more). */
  readonly queueOf: (queueArn: string) => Queue | undefined;
  readonly nowEpochMs: () => number;
  readonly report: (message: string) => void;
}

export interface CrossRegionDeliveries {
  /** Delivers as soon as `from` reaches `to`, in the order of the calls. */
  send(from: string, to: string, deliver: () => void): void;
  /** The way from a Region to a queue of another; null when `queueArn` is none of another Region. */
  routeTo(from: string, queueArn: string): ((message: StoredMessage) => void) | null;
  /** Deliveries that wait for their Region. */
  waiting(): number;
  stop(): void;
}

/** Each is a message of up to 256 KiB. */
export const WAITING_MAX = 100_000;

interface Delivery {
  readonly from: string;
  readonly to: string;
  readonly deliver: () => void;
}

/** Creates deliveries that follow `network` until `stop`. */
export function createCrossRegionDeliveries(
  options: CrossRegionDeliveriesOptions,
): CrossRegionDeliveries {
  const { network, regions, queueOf, nowEpochMs, report } = options;
  let waiting: Delivery[] = [];
  let isFull = false;
  const stop = network.onChange(flush);

  function send(from: string, to: string, deliver: () => void): void {
    if (network.reaches(from, to)) return deliver();
    if (waiting.length >= WAITING_MAX) return drop(from, to);
    waiting.push({ from, to, deliver });
    return undefined;
  }

  function drop(from: string, to: string): void {
    if (isFull) return;
    // Once for each time that it fills up: a report for every message would drown the reason.
    isFull = true;
    report(
      `${WAITING_MAX} SNS deliveries wait for their Region; those from ${from} to ${to} are lost until some are delivered: heal the Regions`,
    );
  }

  function enqueue(queueArn: string, message: StoredMessage): void {
    const queue = queueOf(queueArn);
    if (queue === undefined) {
      // As on AWS: a queue that is not there is no reason to try again.
      report(`SNS can't deliver to ${queueArn}: the queue does not exist; the message is lost`);
      return;
    }
    message.sentTimestamp = nowEpochMs();
    queue.enqueue(message);
  }

  function flush(): void {
    const ready: Delivery[] = [];
    const rest: Delivery[] = [];
    for (const delivery of waiting) {
      (network.reaches(delivery.from, delivery.to) ? ready : rest).push(delivery);
    }
    waiting = rest;
    if (waiting.length < WAITING_MAX) isFull = false;
    for (const { deliver } of ready) deliver();
  }

  return {
    send,
    routeTo(from, queueArn) {
      const to = queueRegionOf(queueArn);
      if (to === null || to === from || !regions.includes(to)) return null;
      return (message) => send(from, to, () => enqueue(queueArn, message));
    },
    waiting: () => waiting.length,
    stop,
  };
}
