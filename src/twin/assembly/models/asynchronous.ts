/** What becomes of the functions' asynchronous invocations that fail. */

import type { AsynchronousModel, QueueModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';
import { functionArnOf } from './find-function.ts';

/** Source: Lambda API reference, PutFunctionEventInvokeConfig. */
const RETRIES_MAX = 2;

const NOTHING_SAID: AsynchronousModel = {
  retriesMax: RETRIES_MAX,
  deadLetterQueueArn: null,
  onFailureQueueArn: null,
};

/**
 * By function ARN, of the functions of a Region's stacks for which the template says something. Dead
 * letters and destinations go to standard SQS queues; others are named as not run.
 * Throws `AssemblyError` for what Lambda refuses, and for a queue that is not in the Region.
 */
export function buildAsynchronous(
  stacks: readonly Stack[],
  queues: readonly QueueModel[],
  notRun: NotRun,
): ReadonlyMap<string, AsynchronousModel> {
  const models = new Map<string, AsynchronousModel>();
  for (const stack of stacks) {
    for (const resource of resourcesOf(stack, 'AWS::Lambda::Function')) {
      const target = resource.properties.object('DeadLetterConfig').optionalString('TargetArn');
      if (target === null) continue;
      const deadLetterQueueArn = queueOf(target, resource, 'DeadLetterConfig', queues, notRun);
      const arn = stack.attribute(resource.logicalId, 'Arn');
      models.set(arn, { ...NOTHING_SAID, deadLetterQueueArn });
    }
  }
  const configured = new Set<string>();
  for (const resource of stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::Lambda::EventInvokeConfig'),
  )) {
    const { properties } = resource;
    const qualifier = properties.string('Qualifier');
    if (qualifier !== '$LATEST') {
      throw new AssemblyError(
        `${properties.where}: the twin runs $LATEST only, not ${qualifier}. Leave versions and aliases out.`,
      );
    }
    const arn = functionArnOf(stacks, properties.string('FunctionName'), properties.where);
    if (configured.has(arn)) {
      throw new AssemblyError(`${properties.where}: ${arn} has a configuration already.`);
    }
    configured.add(arn);
    models.set(arn, {
      ...(models.get(arn) ?? NOTHING_SAID),
      retriesMax: retriesOf(properties),
      onFailureQueueArn: destinationOf(resource, queues, notRun),
    });
  }
  return models;
}

function retriesOf(properties: Fields): number {
  const retries = properties.number('MaximumRetryAttempts', RETRIES_MAX);
  if (Number.isInteger(retries) && retries >= 0 && retries <= RETRIES_MAX) return retries;
  throw new AssemblyError(
    `${properties.where}: MaximumRetryAttempts must be from 0 to ${RETRIES_MAX}, not ${retries}.`,
  );
}

function destinationOf(
  resource: Resource,
  queues: readonly QueueModel[],
  notRun: NotRun,
): string | null {
  const config = resource.properties.object('DestinationConfig');
  notRun.addUnknown(`${resource.type}.DestinationConfig`, resource.logicalId, config, [
    'OnFailure',
  ]);
  const target = config.object('OnFailure').optionalString('Destination');
  return target === null ? null : queueOf(target, resource, 'OnFailure', queues, notRun);
}

function queueOf(
  arn: string,
  { properties, type, logicalId }: Resource,
  property: string,
  queues: readonly QueueModel[],
  notRun: NotRun,
): string | null {
  const service = arn.split(':')[2] ?? '';
  if (service !== 'sqs') {
    notRun.add(`${type}.${property} (${service})`, logicalId);
    return null;
  }
  const queue = queues.find((one) => one.arn === arn);
  if (queue === undefined) {
    throw new AssemblyError(`${properties.where}: there is no queue ${arn} in this Region.`);
  }
  if (queue.attributes['FifoQueue'] === 'true') {
    throw new AssemblyError(
      `${properties.where}: ${property} takes a standard queue; ${queue.name} is a FIFO queue.`,
    );
  }
  return arn;
}
