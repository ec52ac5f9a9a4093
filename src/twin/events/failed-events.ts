/**
 * Gives the events away that no attempt of an asynchronous invocation has dealt with: to the function's
 * dead-letter queue and to its destination for failures. Source: Lambda developer guide, "Capturing
 * records of Lambda asynchronous invocations".
 */

import { randomUUID } from 'node:crypto';
import type { RolePrincipal } from '../endpoint/authorizer.ts';
import type { AwsEndpoint } from '../endpoint/aws-endpoint.ts';
import { functionError } from '../lambda-api/function-error.ts';
import type { AsynchronousModel, TwinModel } from '../region-model.ts';
import { type FailedInvocation, RETRIES_MAX } from './async-invoker.ts';
import { failureOf } from './failure-of.ts';

export interface FailedEventsOptions {
  readonly model: TwinModel;
  readonly call: AwsEndpoint['call'];
  /** The execution role of a function, with which Lambda sends. */
  readonly principalOf: (region: string, functionName: string) => RolePrincipal;
  readonly nowEpochMs: () => number;
  /** Told of an event that a queue did not take: it is lost. */
  readonly report: (message: string) => void;
}

export interface FailedEvents {
  /** How often an event of a function is tried again. */
  retriesMaxOf(functionArn: string): number;
  /** Gives an event away; returns at once. */
  take(failed: FailedInvocation): void;
}

/** Lambda cuts the error message of a dead letter at 1 KB. Source: as above, "Dead-letter queues". */
const ERROR_MESSAGE_CHARACTERS_MAX = 1_024;

/**
 * What the templates say of failed events. The queues are asked through the endpoint with the
 * function's role, so that a missing `sqs:SendMessage` is refused here too.
 */
export function createFailedEvents(options: FailedEventsOptions): FailedEvents {
  const { model, call, principalOf, nowEpochMs, report } = options;
  const regions = new Map(model.regions.map((region) => [region.region, region]));
  const settings = new Map<string, AsynchronousModel>();
  for (const { arn, asynchronous } of model.regions.flatMap(({ functions }) => functions)) {
    if (asynchronous !== undefined) settings.set(arn, asynchronous);
  }

  async function send(failed: FailedInvocation, queueArn: string, message: object): Promise<void> {
    const { region, functionArn, requestId } = failed;
    const own = regions.get(region);
    const queue = own?.queues.find(({ arn }) => arn === queueArn);
    const name = functionArn.slice(functionArn.lastIndexOf(':') + 1);
    const result = await call(
      'sqs',
      {
        ...{ region, requestId: randomUUID(), url: '/', signal: NEVER },
        operation: 'SendMessage',
        headers: { 'x-amz-target': 'AmazonSQS.SendMessage' },
        body: Buffer.from(JSON.stringify({ QueueUrl: queue?.url ?? '', ...message })),
      },
      principalOf(region, name),
    );
    if (result.kind === 'answer' && result.answer.status === 200) return;
    const why = result.kind === 'answer' ? String(result.answer.body) : 'the Region did not answer';
    report(`${region} ${name}: failed event ${requestId} can't be sent to ${queueArn}: ${why}`);
  }

  return {
    retriesMaxOf: (functionArn) => settings.get(functionArn)?.retriesMax ?? RETRIES_MAX,
    take(failed) {
      const { deadLetterQueueArn, onFailureQueueArn } = settings.get(failed.functionArn) ?? LOST;
      if (deadLetterQueueArn !== null) void send(failed, deadLetterQueueArn, deadLetter(failed));
      if (onFailureQueueArn === null) return;
      const record = failureRecord(failed, nowEpochMs());
      void send(failed, onFailureQueueArn, { MessageBody: JSON.stringify(record) });
    },
  };
}

/** What the template says nothing of. */
const LOST = { deadLetterQueueArn: null, onFailureQueueArn: null } as const;

/** Nobody goes away before the answer. */
const NEVER = new AbortController().signal;

/** The event as it came, with what became of it in the attributes. */
function deadLetter(failed: FailedInvocation): object {
  const { event, requestId, outcome } = failed;
  const text = (failureOf(outcome) ?? '').slice(0, ERROR_MESSAGE_CHARACTERS_MAX);
  return {
    MessageBody: event,
    MessageAttributes: {
      RequestID: { DataType: 'String', StringValue: requestId },
      // Of the invocation itself: served, and ended in an error of the function, or refused.
      ErrorCode: {
        DataType: 'Number',
        StringValue: outcome.kind === 'throttled' ? '429' : '200',
      },
      ErrorMessage: { DataType: 'String', StringValue: text },
    },
  };
}

function failureRecord(failed: FailedInvocation, nowEpochMs: number): object {
  const { functionArn, event, requestId, attempts, outcome } = failed;
  return {
    version: '1.0',
    timestamp: new Date(nowEpochMs).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${functionArn}:$LATEST`,
      condition: outcome.kind === 'throttled' ? 'EventAgeExceeded' : 'RetriesExhausted',
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(event) as unknown,
    // Of a function that was never called there is no response to tell of (inferred).
    ...(outcome.kind === 'throttled'
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: '$LATEST',
            functionError: 'Unhandled',
          },
          responsePayload: JSON.parse(functionError(outcome, requestId)) as unknown,
        }),
  };
}
