/**
 * The SQS calls of an event source. They go through the endpoint's own pipeline, with the function's
 * execution role, so that IAM, faults, counters and reachability meet them as any other call.
 */

import { randomUUID } from 'node:crypto';
import type { RolePrincipal } from '../endpoint/authorizer.ts';
import type { AwsEndpoint } from '../endpoint/aws-endpoint.ts';
import type { SqsMessage } from './sqs-event.ts';

export type SqsResult<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  /** IAM: it stays so until a template is mended. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** An injected fault, a queue that is gone, or a Region that went down meanwhile. */
  | { readonly kind: 'failed'; readonly reason: string };

export interface SqsCalls {
  /** GetQueueAttributes, as Lambda does before it polls. */
  check(signal: AbortSignal): Promise<SqsResult<null>>;
  /** ReceiveMessage with every attribute; waits for the first message, 0 to 20 seconds. */
  receive(
    messagesMax: number,
    waitSeconds: number,
    signal: AbortSignal,
  ): Promise<SqsResult<readonly SqsMessage[]>>;
  /** DeleteMessageBatch, up to ten messages. */
  remove(messages: readonly SqsMessage[], signal: AbortSignal): Promise<SqsResult<null>>;
}

export interface SqsCallsOptions {
  readonly call: AwsEndpoint['call'];
  readonly principal: RolePrincipal;
  readonly queueUrl: string;
}

/** Nothing here rejects: a call that failed is a result. */
export function createSqsCalls({ call, principal, queueUrl }: SqsCallsOptions): SqsCalls {
  async function run(
    operation: string,
    parameters: object,
    signal: AbortSignal,
  ): Promise<SqsResult<Record<string, unknown>>> {
    const headers = { 'x-amz-target': `AmazonSQS.${operation}` };
    const body = Buffer.from(JSON.stringify({ QueueUrl: queueUrl, ...parameters }));
    const { region } = principal;
    const requestId = randomUUID();
    // A signal of its own: what listens to it ends with the call, and the caller's lives for hours.
    const leaving = new AbortController();
    const leave = (): void => leaving.abort();
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
    const received = { region, operation, headers, url: '/', body, requestId };
    const result = await call('sqs', { ...received, signal: leaving.signal }, principal);
    signal.removeEventListener('abort', leave);
    if (result.kind !== 'answer') {
      return { kind: 'failed', reason: `${operation}: the Region did not answer` };
    }
    const { status, body: text } = result.answer;
    const answer = JSON.parse(String(text) || '{}') as Record<string, unknown>;
    if (status === 200) return { kind: 'done', value: answer };
    const reason = `${operation}: ${String(answer['message'])}`;
    return { kind: status === 403 ? 'refused' : 'failed', reason };
  }

  return {
    async check(signal) {
      const result = await run('GetQueueAttributes', { AttributeNames: ['All'] }, signal);
      return result.kind === 'done' ? { kind: 'done', value: null } : result;
    },
    async receive(messagesMax, waitSeconds, signal) {
      const parameters = {
        MaxNumberOfMessages: messagesMax,
        WaitTimeSeconds: waitSeconds,
        AttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      };
      const result = await run('ReceiveMessage', parameters, signal);
      if (result.kind !== 'done') return result;
      return { kind: 'done', value: (result.value['Messages'] ?? []) as readonly SqsMessage[] };
    },
    async remove(messages, signal) {
      const Entries = messages.map(({ ReceiptHandle }, index) => ({
        Id: String(index),
        ReceiptHandle,
      }));
      const result = await run('DeleteMessageBatch', { Entries }, signal);
      if (result.kind !== 'done') return result;
      const kept = (result.value['Failed'] ?? []) as readonly { readonly Message?: string }[];
      return kept.length === 0
        ? { kind: 'done', value: null }
        : { kind: 'failed', reason: `DeleteMessage: ${kept[0]?.Message ?? 'refused'}` };
    },
  };
}
