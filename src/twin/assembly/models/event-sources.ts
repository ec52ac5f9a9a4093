/** SQS queues that invoke functions. */

import type { EventSourceModel, FunctionModel, QueueModel } from '#twin/region-model.ts';
import { AssemblyError } from '../assembly-error.ts';
import type { Fields } from '../fields.ts';
import type { NotRun } from '../not-run.ts';
import { type Resource, resourcesOf, type Stack } from '../stack.ts';
import { functionArnOf } from './find-function.ts';

export interface EventSourceParts {
  /** Those of the Region that run. */
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
  readonly notRun: NotRun;
}

/** Source: Lambda API reference, CreateEventSourceMapping. */
const BATCH_SIZE_DEFAULT = 10;
const BATCH_SIZE_MAX = 10_000;
/** Above it, SQS needs several receives for a batch, and Lambda a window to make them in. */
const BATCH_SIZE_WITHOUT_WINDOW_MAX = 10;
const WINDOW_SECONDS_MAX = 300;
const CONCURRENCY_MIN = 2;
const CONCURRENCY_MAX = 1_000;
/** Source: SQS API reference, CreateQueue. */
const VISIBILITY_TIMEOUT_SECONDS_DEFAULT = 30;

/**
 * Mappings of a Region's stacks. Sources other than standard SQS queues are named as not run, and so
 * are mappings to functions that do not run.
 * Throws `AssemblyError` for what CreateEventSourceMapping refuses.
 */
export function buildEventSources(
  stacks: readonly Stack[],
  parts: EventSourceParts,
): EventSourceModel[] {
  const taken = new Set<string>();
  const models: EventSourceModel[] = [];
  for (const resource of stacks.flatMap((stack) =>
    resourcesOf(stack, 'AWS::Lambda::EventSourceMapping'),
  )) {
    const model = eventSource(resource, stacks, parts);
    if (model === null) continue;
    const pair = `${model.queueArn} ${model.functionArn}`;
    if (taken.has(pair)) {
      throw new AssemblyError(
        `${resource.properties.where}: ${model.queueArn} invokes this function already. ` +
          'Leave one of the two mappings out.',
      );
    }
    taken.add(pair);
    models.push(model);
  }
  return models;
}

function eventSource(
  { properties, type, logicalId }: Resource,
  stacks: readonly Stack[],
  { functions, queues, notRun }: EventSourceParts,
): EventSourceModel | null {
  const { where } = properties;
  const sourceArn = properties.optionalString('EventSourceArn');
  const service = sourceArn?.split(':')[2] ?? 'self-managed';
  if (sourceArn === null || service !== 'sqs') {
    notRun.add(`${type} (${service})`, logicalId);
    return null;
  }
  const queue = queues.find(({ arn }) => arn === sourceArn);
  if (queue === undefined) {
    throw new AssemblyError(`${where}: there is no queue ${sourceArn} in this Region.`);
  }
  if (queue.attributes['FifoQueue'] === 'true') {
    notRun.add(`${type} (FIFO queue)`, logicalId);
    return null;
  }
  const functionArn = functionArnOf(stacks, properties.string('FunctionName'), where);
  const target = functions.find(({ arn }) => arn === functionArn);
  if (target === undefined) {
    notRun.add(`${type} (function that does not run)`, logicalId);
    return null;
  }
  requireTimeFor(target, queue, where);
  return {
    functionArn,
    queueArn: queue.arn,
    ...batching(properties),
    reportBatchItemFailures: reportsFailures(properties),
    maximumConcurrency: maximumConcurrency(properties),
    enabled: properties.boolean('Enabled', true),
  };
}

/** Lambda refuses a mapping whose messages could reappear while the function still has them. */
function requireTimeFor(target: FunctionModel, queue: QueueModel, where: string): void {
  const text = queue.attributes['VisibilityTimeout'];
  const visibilitySeconds = text === undefined ? VISIBILITY_TIMEOUT_SECONDS_DEFAULT : Number(text);
  if (visibilitySeconds >= target.timeoutSeconds) return;
  throw new AssemblyError(
    `${where}: the visibility timeout of queue ${queue.name} (${visibilitySeconds} s) is shorter ` +
      `than the timeout of function ${target.name} (${target.timeoutSeconds} s). Raise it, to six ` +
      'times the function timeout as Lambda advises, or lower the function timeout.',
  );
}

function batching(
  properties: Fields,
): Pick<EventSourceModel, 'batchSize' | 'maximumBatchingWindowSeconds'> {
  const batchSize = properties.number('BatchSize', BATCH_SIZE_DEFAULT);
  const windowSeconds = properties.number('MaximumBatchingWindowInSeconds', 0);
  requireWithin(properties, 'BatchSize', batchSize, 1, BATCH_SIZE_MAX);
  requireWithin(properties, 'MaximumBatchingWindowInSeconds', windowSeconds, 0, WINDOW_SECONDS_MAX);
  if (batchSize > BATCH_SIZE_WITHOUT_WINDOW_MAX && windowSeconds < 1) {
    throw new AssemblyError(
      `${properties.where}: a BatchSize above ${BATCH_SIZE_WITHOUT_WINDOW_MAX} (${batchSize}) ` +
        'needs a MaximumBatchingWindowInSeconds of at least 1.',
    );
  }
  return { batchSize, maximumBatchingWindowSeconds: windowSeconds };
}

function reportsFailures(properties: Fields): boolean {
  const types = properties.strings('FunctionResponseTypes');
  const unknown = types.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown === undefined) return types.length > 0;
  throw new AssemblyError(
    `${properties.where}: FunctionResponseTypes knows ReportBatchItemFailures only, not ${unknown}.`,
  );
}

function maximumConcurrency(properties: Fields): number | null {
  const scaling = properties.object('ScalingConfig');
  if (!scaling.has('MaximumConcurrency')) return null;
  const concurrency = scaling.number('MaximumConcurrency', CONCURRENCY_MIN);
  requireWithin(scaling, 'MaximumConcurrency', concurrency, CONCURRENCY_MIN, CONCURRENCY_MAX);
  return concurrency;
}

function requireWithin(
  fields: Fields,
  name: string,
  value: number,
  min: number,
  max: number,
): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new AssemblyError(
    `${fields.where}: ${name} must be a whole number from ${min} to ${max}, not ${value}.`,
  );
}
