/** StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask: checks and answers. */

import type { AwsWireError, NeededPermission } from '../endpoint/aws-service.ts';
import { queueRegionOf } from './arn.ts';
import type { Queue, SqsStore } from './fauxqs-types.ts';
import { type MoveTask, TASKS_LISTED_MAX } from './move-tasks.ts';
import type { SqsParameters } from './receive-messages.ts';
import type { RegionMessaging } from './region-messaging.ts';

export const MOVE_TASK_OPERATIONS = [
  'CancelMessageMoveTask',
  'ListMessageMoveTasks',
  'StartMessageMoveTask',
] as const;
export type MoveTaskOperation = (typeof MOVE_TASK_OPERATIONS)[number];

export function isMoveTaskOperation(operation: string): operation is MoveTaskOperation {
  return (MOVE_TASK_OPERATIONS as readonly string[]).includes(operation);
}

export type MoveTaskOutcome =
  | { readonly kind: 'done'; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly error: AwsWireError };

/** Source: SQS API reference, StartMessageMoveTask. */
const RATE_MAX = 500;

/**
 * The action itself and those by which messages are moved: on the source, and to start also on
 * each queue that may receive. Pure.
 * Source: SQS developer guide, "Amazon SQS API permissions: Actions and resource reference".
 */
export function moveTaskPermissions(
  operation: MoveTaskOperation,
  parameters: SqsParameters,
  { region, accountId, stores }: RegionMessaging,
): readonly NeededPermission[] {
  const source =
    operation === 'CancelMessageMoveTask'
      ? readHandle(parameters['TaskHandle'])?.sourceArn
      : textOf(parameters['SourceArn']);
  const sourceArn = source ?? `arn:aws:sqs:${region}:${accountId}:*`;
  const onSource = [operation, 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map(
    (name) => ({ action: `sqs:${name}`, resourceArn: sourceArn }),
  );
  if (operation !== 'StartMessageMoveTask') return onSource;
  const given = textOf(parameters['DestinationArn']);
  const receivers =
    given === null ? queuesRedrivingTo(stores.sqsStore, sourceArn).map(({ arn }) => arn) : [given];
  return [
    ...onSource,
    ...receivers.map((resourceArn) => ({ action: 'sqs:SendMessage', resourceArn })),
  ];
}

/** Does the operation. A task that was started goes on in the background. */
export function runMoveTaskOperation(
  operation: MoveTaskOperation,
  parameters: SqsParameters,
  messaging: RegionMessaging,
): MoveTaskOutcome {
  switch (operation) {
    case 'StartMessageMoveTask':
      return start(parameters, messaging);
    case 'ListMessageMoveTasks':
      return list(parameters, messaging);
    case 'CancelMessageMoveTask':
      return cancel(parameters, messaging);
  }
}

function start(parameters: SqsParameters, messaging: RegionMessaging): MoveTaskOutcome {
  const store = messaging.stores.sqsStore;
  const source = queueIn(parameters, 'SourceArn', messaging);
  if ('code' in source) return refused(source);
  if (queuesRedrivingTo(store, source.arn).length === 0) {
    return refused(invalid('Source queue must be configured as a Dead Letter Queue.'));
  }
  const destination =
    textOf(parameters['DestinationArn']) === null
      ? null
      : queueIn(parameters, 'DestinationArn', messaging);
  if (destination !== null) {
    if ('code' in destination) return refused(destination);
    const mistake = destinationMistake(source, destination);
    if (mistake !== null) return refused(invalid(mistake));
  }
  const rate = parameters['MaxNumberOfMessagesPerSecond'] ?? null;
  if (rate !== null && !isWithin(rate, RATE_MAX)) {
    return refused(
      invalid(`MaxNumberOfMessagesPerSecond must be a whole number from 1 to ${RATE_MAX}.`),
    );
  }
  const destinationArn = destination === null ? null : destination.arn;
  const task = messaging.moveTasks.start({ sourceArn: source.arn, destinationArn, rate });
  if (task === null) {
    return refused(
      invalid(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      ),
    );
  }
  return { kind: 'done', result: { TaskHandle: handleOf(task) } };
}

function list(parameters: SqsParameters, messaging: RegionMessaging): MoveTaskOutcome {
  const source = queueIn(parameters, 'SourceArn', messaging);
  if ('code' in source) return refused(source);
  const countMax = parameters['MaxResults'] ?? 1;
  if (!isWithin(countMax, TASKS_LISTED_MAX)) {
    return refused(invalid(`MaxResults must be a whole number from 1 to ${TASKS_LISTED_MAX}.`));
  }
  const tasks = messaging.moveTasks.list(source.arn).slice(0, countMax);
  return { kind: 'done', result: { Results: tasks.map(entryOf) } };
}

function cancel(parameters: SqsParameters, { moveTasks }: RegionMessaging): MoveTaskOutcome {
  const handle = readHandle(parameters['TaskHandle']);
  if (handle === null) {
    return refused(invalid('Value for parameter TaskHandle is invalid. Use that of the start.'));
  }
  const task = moveTasks.cancel(handle.taskId);
  if (task === null) {
    const message = 'No such task is running. Only a running task can be cancelled.';
    return refused({ status: 400, code: 'ResourceNotFoundException', message });
  }
  return { kind: 'done', result: { ApproximateNumberOfMessagesMoved: task.moved } };
}

/** As AWS: the handle while the task can be cancelled, and what was not asked for is left out. */
function entryOf(task: MoveTask): Readonly<Record<string, unknown>> {
  return {
    ...(task.status === 'RUNNING' ? { TaskHandle: handleOf(task) } : {}),
    Status: task.status,
    SourceArn: task.sourceArn,
    ...(task.destinationArn === null ? {} : { DestinationArn: task.destinationArn }),
    ...(task.rate === null ? {} : { MaxNumberOfMessagesPerSecond: task.rate }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failureReason === null ? {} : { FailureReason: task.failureReason }),
    StartedTimestamp: task.startedEpochMs,
  };
}

function queueIn(
  parameters: SqsParameters,
  name: 'SourceArn' | 'DestinationArn',
  { region, stores }: RegionMessaging,
): Queue | AwsWireError {
  const arn = textOf(parameters[name]) ?? '';
  const queueRegion = queueRegionOf(arn);
  if (queueRegion === null) {
    return invalid(
      `You must use this format to specify the ${name}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
    );
  }
  // The store also leads to queues of other Regions, which SQS itself does not.
  const queue = queueRegion === region ? stores.sqsStore.getQueueByArn(arn) : undefined;
  const message = `The resource that you specified for the ${name} parameter doesn't exist.`;
  return queue ?? { status: 400, code: 'ResourceNotFoundException', message };
}

function destinationMistake(source: Queue, destination: Queue): string | null {
  if (destination.arn === source.arn) {
    return 'Source queue arn and destination queue arn cannot be the same.';
  }
  return destination.isFifo() === source.isFifo()
    ? null
    : 'A FIFO dead-letter queue moves to FIFO queues only, a standard one to standard queues.';
}

/** Queues of which `arn` is the dead-letter queue. */
function queuesRedrivingTo(store: SqsStore, arn: string): readonly Queue[] {
  return [...store.allQueues()].filter(({ attributes }) => {
    try {
      const policy = JSON.parse(attributes['RedrivePolicy'] ?? '{}') as Record<string, unknown>;
      return policy['deadLetterTargetArn'] === arn;
    } catch {
      return false;
    }
  });
}

/** As AWS's: opaque to callers, and it names the source. */
function handleOf({ taskId, sourceArn }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId, sourceArn })).toString('base64');
}

function readHandle(value: unknown): Pick<MoveTask, 'taskId' | 'sourceArn'> | null {
  try {
    const text = Buffer.from(textOf(value) ?? '', 'base64').toString('utf8');
    const { taskId, sourceArn } = JSON.parse(text) as Record<string, unknown>;
    return typeof taskId === 'string' && typeof sourceArn === 'string'
      ? { taskId, sourceArn }
      : null;
  } catch {
    return null;
  }
}

function isWithin(value: unknown, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function invalid(message: string): AwsWireError {
  return { status: 400, code: 'InvalidParameterValue', message };
}

function refused(error: AwsWireError): MoveTaskOutcome {
  return { kind: 'refused', error };
}
