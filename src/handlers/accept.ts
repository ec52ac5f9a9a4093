/** POST /payments: accepts a payment now, to be charged from the queue or by a sweeper. */

import { createSqsPaymentQueue } from '#adapters/sqs-payment-queue.ts';
import { systemClock } from '#adapters/system.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { acceptPayment } from '#core/accept-payment.ts';
import { answerOfAccept, answerOfError } from '#core/answers.ts';
import { AppError } from '#core/app-error.ts';
import { parsePaymentRequest } from '#core/payment-request.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import { type ApiEvent } from './api-event.ts';
import { createApiHandler, type Route } from './api-handler.ts';
import { createAcceptingPorts } from './payment-ports.ts';
import { readBody } from './request-body.ts';
import {
  attemptOptions,
  createFunctionTelemetry,
  createSqsClient,
  currentRegion,
  deadlineOf,
  environment,
} from './runtime.ts';
import { logUnfinished, referenceOf } from './transaction-log.ts';

const telemetry = createFunctionTelemetry('accept');
const region = currentRegion();
const ports = {
  ...createAcceptingPorts(),
  queue: createSqsPaymentQueue({
    client: createSqsClient(),
    queueUrl: environment(ENVIRONMENT.paymentQueueUrl),
    attempts: attemptOptions,
  }),
};

const accept: Route = async (event, context) => {
  const body = readBody(event);
  if (body.kind === 'refused') return body;
  const parsed = parsePaymentRequest(body.text);
  if (parsed.kind === 'invalid') return { kind: 'refused', fault: parsed.fault };
  const { transactionId } = parsed.request;
  const transaction_ref = referenceOf(transactionId);
  const attempt = {
    region,
    deadline: deadlineOf(context, BUDGET_MS.process),
    finishMs: BUDGET_MS.finish,
  };
  try {
    const outcome = await acceptPayment(parsed.request, attempt, ports);
    const answer = answerOfAccept(outcome);
    if (outcome.kind === 'conflict') return { ...answer, log: { transaction_ref } };
    if (outcome.notEnqueued !== null) {
      const message = 'accepted, not enqueued: left for the sweeper';
      logUnfinished(telemetry, message, transactionId, outcome.notEnqueued);
    }
    telemetry.metric(outcome.created ? 'PaymentAccepted' : 'PaymentReplayed', 1);
    return {
      ...answer,
      headers: { location: locationOf(event, transactionId) },
      log: { transaction_ref, replayed: !outcome.created },
    };
  } catch (error) {
    telemetry.metric('ProcessingError', 1);
    if (!(error instanceof AppError)) throw error;
    const log = { transaction_ref, reason: error.message };
    return { ...answerOfError(error), log, error };
  }
};

export const handler = createApiHandler('accept', accept, {
  telemetry,
  clock: systemClock,
  counts: true,
});

/** Below the path that the caller used, so that stage and base path of a custom domain stay in it. */
function locationOf(event: ApiEvent, transactionId: string): string {
  const path = event.requestContext?.path ?? '/payments';
  return `${path.replace(/\/+$/, '')}/${encodeURIComponent(transactionId)}`;
}
