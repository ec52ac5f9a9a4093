/** SQS at the twin's endpoint: the JSON protocol, over the fauxqs instance of each Region. */

import type {
  AwsService,
  AwsWireError,
  NeededPermission,
  ServiceAnswer,
  ServiceCall,
} from '../endpoint/aws-service.ts';
import { escapeXml } from './escape-xml.ts';
import {
  isMoveTaskOperation,
  MOVE_TASK_OPERATIONS,
  moveTaskPermissions,
  runMoveTaskOperation,
} from './move-task-operations.ts';
import { queueNameOf } from './queue-url.ts';
import { receiveMessages, type SqsParameters } from './receive-messages.ts';
import type { RegionMessaging } from './region-messaging.ts';

/** What fauxqs 2.4.1 does, with the IAM action that it needs. Batches need that of one message. */
const ACTION_OF: Readonly<Record<string, string>> = {
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  CreateQueue: 'sqs:CreateQueue',
  DeleteMessage: 'sqs:DeleteMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  DeleteQueue: 'sqs:DeleteQueue',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
  GetQueueUrl: 'sqs:GetQueueUrl',
  ListQueueTags: 'sqs:ListQueueTags',
  ListQueues: 'sqs:ListQueues',
  PurgeQueue: 'sqs:PurgeQueue',
  ReceiveMessage: 'sqs:ReceiveMessage',
  SendMessage: 'sqs:SendMessage',
  SendMessageBatch: 'sqs:SendMessage',
  SetQueueAttributes: 'sqs:SetQueueAttributes',
  TagQueue: 'sqs:TagQueue',
  UntagQueue: 'sqs:UntagQueue',
};

const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.0' };

const TARGET_PREFIX = 'AmazonSQS.';

/** Errors that every AWS service shares; in JSON they are named so. */
const COMMON_TYPES: Readonly<Record<string, string>> = {
  AccessDenied: 'com.amazon.coral.service#AccessDeniedException',
  InternalFailure: 'com.amazon.coral.service#InternalFailure',
  SerializationException: 'com.amazon.coral.service#SerializationException',
  Throttling: 'com.amazon.coral.service#ThrottlingException',
  UnknownOperationException: 'com.amazon.coral.service#UnknownOperationException',
};

const NO_SUCH_QUEUE: AwsWireError = {
  status: 400,
  code: 'QueueDoesNotExist',
  message: 'The specified queue does not exist.',
};

/**
 * SQS of every Region in `byRegion`, each with its own queues only.
 *
 * Queue addresses in answers carry the host that the caller used, so they lead back here. Requests
 * in the older query protocol, and operations that neither fauxqs nor the twin has, are refused with the reason.
 * Queue policies are kept and returned; what they say to IAM is the authorizer's business.
 */
export function createSqsService(byRegion: ReadonlyMap<string, RegionMessaging>): AwsService {
  // A call is looked at twice, for its permissions and to be done: its body is parsed once.
  const parsed = new WeakMap<ServiceCall, SqsParameters | null>();

  function parametersOf(call: ServiceCall): SqsParameters | null {
    const known = parsed.get(call);
    if (known !== undefined) return known;
    const parameters = parseParameters(call.body);
    parsed.set(call, parameters);
    return parameters;
  }

  function messagingOf(call: ServiceCall): RegionMessaging {
    const messaging = byRegion.get(call.region);
    if (messaging === undefined) throw new Error(`No messaging runs in ${call.region}.`);
    return messaging;
  }

  async function handle(call: ServiceCall): Promise<ServiceAnswer> {
    if (!isJson(call.headers)) return errorAnswer(call, QUERY_PROTOCOL);
    const messaging = messagingOf(call);
    const parameters = parametersOf(call);
    if (parameters === null) return errorAnswer(call, MALFORMED);
    if (isMoveTaskOperation(call.operation)) {
      const outcome = runMoveTaskOperation(call.operation, parameters, messaging);
      return outcome.kind === 'refused'
        ? errorAnswer(call, outcome.error)
        : { status: 200, headers: JSON_HEADERS, body: JSON.stringify(outcome.result) };
    }
    if (ACTION_OF[call.operation] === undefined) return errorAnswer(call, notServed(call));
    const { QueueUrl: url } = parameters;
    if (typeof url === 'string') {
      const name = queueNameOf(url, messaging);
      if (name === null || messaging.stores.sqsStore.getQueueByName(name) === undefined) {
        return errorAnswer(call, NO_SUCH_QUEUE);
      }
    }
    switch (call.operation) {
      case 'ReceiveMessage':
        return receiveMessages(messaging, parameters, call.signal);
      case 'GetQueueAttributes':
        return getQueueAttributes(messaging, parameters);
      case 'CreateQueue':
      case 'GetQueueUrl':
      case 'ListQueues':
        return withQueueUrls(await messaging.sqs(call.operation, call.body), call.headers['host']);
      default:
        return messaging.sqs(call.operation, call.body);
    }
  }

  function permissionsOf(call: ServiceCall): readonly NeededPermission[] {
    const messaging = messagingOf(call);
    const parameters = parametersOf(call) ?? {};
    if (isMoveTaskOperation(call.operation)) {
      return moveTaskPermissions(call.operation, parameters, messaging);
    }
    const { region, accountId } = messaging;
    const { QueueUrl: url, QueueName: given } = parameters;
    const name =
      typeof url === 'string'
        ? url.slice(url.lastIndexOf('/') + 1)
        : typeof given === 'string'
          ? given
          : '*';
    const action = ACTION_OF[call.operation] ?? `sqs:${call.operation}`;
    return [{ action, resourceArn: `arn:aws:sqs:${region}:${accountId}:${name}` }];
  }

  return { name: 'sqs', operationOf, permissionsOf, handle, errorAnswer };
}

const MALFORMED: AwsWireError = {
  status: 400,
  code: 'SerializationException',
  message: 'The body is not a JSON object.',
};

const QUERY_PROTOCOL: AwsWireError = {
  status: 400,
  code: 'UnsupportedOperation',
  message:
    "The twin's SQS speaks the JSON protocol only: use an AWS CLI or SDK released in 2024 or later.",
};

function notServed({ operation }: ServiceCall): AwsWireError {
  return {
    status: 400,
    code: 'UnsupportedOperation',
    message: `The twin does not run sqs:${operation}. It runs ${[...Object.keys(ACTION_OF), ...MOVE_TASK_OPERATIONS].join(', ')}.`,
  };
}

function isJson(headers: ServiceCall['headers']): boolean {
  return headers['x-amz-target'] !== undefined;
}

function operationOf(headers: ServiceCall['headers'], url: string, body: Buffer): string | null {
  const target = headers['x-amz-target'];
  if (target !== undefined) {
    return target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : null;
  }
  const query = body.length > 0 ? body.toString('utf8') : url.slice(url.indexOf('?') + 1);
  return new URLSearchParams(query).get('Action');
}

function parseParameters(body: Buffer): SqsParameters | null {
  try {
    const value: unknown = JSON.parse(body.length === 0 ? '{}' : body.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as SqsParameters) : null;
  } catch {
    return null;
  }
}

/** As AWS: counts are current, and no attribute is returned unless it was asked for. */
async function getQueueAttributes(
  messaging: RegionMessaging,
  parameters: SqsParameters,
): Promise<ServiceAnswer> {
  messaging.stores.sqsStore.processAllTimers();
  const asked = { ...parameters, AttributeNames: parameters['AttributeNames'] ?? [] };
  return messaging.sqs('GetQueueAttributes', JSON.stringify(asked));
}

/** Makes the stored paths of queues absolute, at the host by which the caller came. */
function withQueueUrls(answer: ServiceAnswer, host: string | undefined): ServiceAnswer {
  if (answer.status !== 200) return answer;
  const result = JSON.parse(String(answer.body)) as { QueueUrl?: string; QueueUrls?: string[] };
  const absolute = (path: string): string => `http://${host ?? '127.0.0.1'}${path}`;
  const body = {
    ...result,
    ...(result.QueueUrl === undefined ? {} : { QueueUrl: absolute(result.QueueUrl) }),
    ...(result.QueueUrls === undefined ? {} : { QueueUrls: result.QueueUrls.map(absolute) }),
  };
  return { ...answer, body: JSON.stringify(body) };
}

function errorAnswer(call: ServiceCall, error: AwsWireError): ServiceAnswer {
  const fault = error.status < 500 ? 'Sender' : 'Receiver';
  if (!isJson(call.headers)) {
    const body = `<?xml version="1.0"?><ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>${fault}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${call.requestId}</RequestId></ErrorResponse>`;
    return { status: error.status, headers: { 'content-type': 'text/xml' }, body };
  }
  const type = COMMON_TYPES[error.code] ?? `com.amazonaws.sqs#${error.code}`;
  const queryCode =
    error.code === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : error.code;
  return {
    status: error.status,
    headers: {
      ...JSON_HEADERS,
      'x-amzn-query-error': `${queryCode};${fault}`,
    },
    body: JSON.stringify({ __type: type, message: error.message }),
  };
}
