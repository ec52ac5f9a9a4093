/** Carries on the payments whose messages come from the payment queue. */

import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import { attemptAws } from '#adapters/aws-attempts.ts';
import { readPaymentMessage } from '#adapters/sqs-payment-queue.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import { consumePayments, type QueuedOutcome } from '#core/consume-payments.ts';
import { retryDelaySecondsOf } from '#core/queue-retry.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import type { InvocationContext } from './api-event.ts';
import { createPaymentPorts } from './payment-ports.ts';
import {
  attemptOptions,
  createFunctionTelemetry,
  createSqsClient,
  currentRegion,
  deadlineOf,
  environment,
} from './runtime.ts';
import { countSettled, logUnfinished } from './transaction-log.ts';

/** The parts of an SQS event that the function uses. Source: Lambda developer guide, "SQS event". */
export interface QueueEvent {
  readonly Records: readonly QueueRecord[];
}

export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes?: { readonly ApproximateReceiveCount?: string };
}

/** Lambda deletes every message of the batch but these. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

const telemetry = createFunctionTelemetry('consume');
const region = currentRegion();
const ports = await createPaymentPorts();
const client = createSqsClient();
const queueUrl = environment(ENVIRONMENT.paymentQueueUrl);

/**
 * Answers with the messages that are to come again. Never throws for a fault of a dependency, so that one
 * message does not take the others of its batch along.
 */
export async function handler(
  event: QueueEvent,
  context: InvocationContext = {},
): Promise<BatchAnswer> {
  const attempt = {
    region,
    deadline: deadlineOf(context, BUDGET_MS.consume),
    // Nobody waits for an answer: finishing cut short would only publish and settle anew later.
    finishMs: BUDGET_MS.consume,
  };
  const messages = event.Records.map((record) => ({
    record,
    payment: readPaymentMessage(record.body),
  }));
  const payments = messages.flatMap(({ payment }) => (payment === null ? [] : payment));
  const outcomes = await consumePayments(payments, attempt, ports);
  for (const outcome of outcomes) {
    if (outcome.kind === 'done') countSettled(telemetry, outcome.settled);
  }
  const outcomeOf = new Map(payments.map((payment, index) => [payment, outcomes[index]]));
  const failed = messages.flatMap(({ record, payment }) => {
    const outcome = payment === null ? null : (outcomeOf.get(payment) ?? null);
    const receives = Number(record.attributes?.ApproximateReceiveCount ?? 1);
    const delaySeconds = retryDelaySecondsOf(outcome, receives);
    if (delaySeconds === null) return [];
    sayFailed(payment?.transactionId ?? null, outcome);
    return [{ record, delaySeconds }];
  });
  if (failed.length > 0) await delay(failed);
  return { batchItemFailures: failed.map(({ record }) => ({ itemIdentifier: record.messageId })) };
}

function sayFailed(transactionId: string | null, outcome: QueuedOutcome | null): void {
  telemetry.metric('ProcessingError', 1);
  if (transactionId !== null && outcome?.kind === 'failed') {
    logUnfinished(telemetry, 'message failed: it comes again', transactionId, outcome.because);
    return;
  }
  const reason =
    outcome === null
      ? 'not a message of ours'
      : outcome.kind === 'replaced'
        ? 'its id stands for another request'
        : 'no such payment';
  telemetry.log('ERROR', 'poison message: bound for the dead letters', { reason });
}

/** A fault here costs time only: the message comes again after the queue's own visibility timeout. */
async function delay(
  failed: readonly { readonly record: QueueRecord; readonly delaySeconds: number }[],
): Promise<void> {
  const command = new ChangeMessageVisibilityBatchCommand({
    QueueUrl: queueUrl,
    Entries: failed.map(({ record, delaySeconds }, index) => ({
      Id: String(index),
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: delaySeconds,
    })),
  });
  const deadline = { atEpochMs: attemptOptions.clock.nowEpochMs() + BUDGET_MS.attempt };
  try {
    await attemptAws(
      'delay messages',
      (abortSignal) => client.send(command, { abortSignal }),
      deadline,
      attemptOptions,
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    telemetry.log('WARN', 'messages come again later than they should', { reason: error.message });
  }
}
