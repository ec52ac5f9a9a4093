/** SQS queues of a Region, with their policies. */

import type { QueueModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import { isObject } from '../fields.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';
import { policiesByTarget } from './resource-policies.ts';

/** Properties that CreateQueue takes as attributes of the same name. */
const ATTRIBUTES = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
];

/** Throws `AssemblyError` for a dead-letter queue that no stack of the Region has. */
export function buildQueues(stacks: readonly Stack[]): QueueModel[] {
  const policies = policiesByTarget(stacks, 'AWS::SQS::QueuePolicy', 'Queues');
  const queues = stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::SQS::Queue').map(
      (resource): QueueModel => ({
        name: stack.attribute(resource.logicalId, 'QueueName'),
        arn: stack.attribute(resource.logicalId, 'Arn'),
        url: resource.id,
        attributes: attributesOf(resource),
        policy: policies.get(resource.id) ?? null,
      }),
    ),
  );
  const arns = new Set(queues.map((queue) => queue.arn));
  for (const { name, attributes } of queues) {
    const redrive: unknown = JSON.parse(attributes['RedrivePolicy'] ?? '{}');
    const target = isObject(redrive) ? redrive['deadLetterTargetArn'] : undefined;
    if (typeof target === 'string' && !arns.has(target)) {
      throw new AssemblyError(
        `Queue ${name}: its dead-letter queue ${target} is not among this Region's queues.`,
      );
    }
  }
  return queues;
}

function attributesOf({ properties }: Resource): Record<string, string> {
  const name = properties.optionalString('QueueName');
  const isFifo = properties.boolean('FifoQueue', false);
  if (name !== null && isFifo !== name.endsWith('.fifo')) {
    throw new AssemblyError(
      `${properties.where}: a FIFO queue's name ends in .fifo and no other's does: ${name}.`,
    );
  }
  const attributes: Record<string, string> = {};
  for (const attribute of ATTRIBUTES) {
    const value = properties.raw(attribute);
    if (value === undefined) continue;
    // SQS knows FifoQueue only as true: to send false is an error.
    if (attribute === 'FifoQueue' && !isFifo) continue;
    attributes[attribute] = isObject(value) ? JSON.stringify(value) : properties.string(attribute);
  }
  return attributes;
}
