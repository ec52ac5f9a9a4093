/** POST /process: charges a payment once and answers when it is recorded. */

import { systemClock } from '#adapters/system.ts';
import { answerOfError, answerOfProcess } from '#core/answers.ts';
import { AppError } from '#core/app-error.ts';
import { InvariantError } from '#core/invariant.ts';
import { parsePaymentRequest } from '#core/payment-request.ts';
import { processPayment } from '#core/process-payment.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import type { ApiAnswer, ApiEvent, InvocationContext } from './api-event.ts';
import { createApiHandler, type Route } from './api-handler.ts';
import { createPaymentPorts } from './payment-ports.ts';
import { readBody } from './request-body.ts';
import { createFunctionTelemetry, currentRegion, deadlineOf } from './runtime.ts';
import {
  isSynthetic,
  processSynthetic,
  type SyntheticAnswer,
  type SyntheticEvent,
} from './synthetic-event.ts';
import { countProcessed, logUnfinished, referenceOf } from './transaction-log.ts';

const telemetry = createFunctionTelemetry('process');
const region = currentRegion();
const ports = await createPaymentPorts();

const process: Route = async (event, context) => {
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
    const outcome = await processPayment(parsed.request, attempt, ports);
    const answer = answerOfProcess(outcome);
    if (outcome.kind === 'conflict') return { ...answer, log: { transaction_ref } };
    if (outcome.unfinished !== null) {
      const message = 'settled, not finished: left for a later attempt';
      logUnfinished(telemetry, message, transactionId, outcome.unfinished);
    }
    if (outcome.replayed) telemetry.metric('PaymentReplayed', 1);
    if (outcome.recorded) {
      if (outcome.kind === 'processed') countProcessed(telemetry, outcome.payment);
      else telemetry.metric('PaymentDeclined', 1);
    }
    return { ...answer, log: { transaction_ref, replayed: outcome.replayed } };
  } catch (error) {
    telemetry.metric('ProcessingError', 1);
    if (!(error instanceof AppError)) throw error;
    if (error.cause instanceof InvariantError) telemetry.metric('InvariantViolated', 1);
    const log = { transaction_ref, reason: error.message };
    return { ...answerOfError(error), log, error };
  }
};

const api = createApiHandler('process', process, {
  telemetry,
  clock: systemClock,
  counts: true,
});

/** Answers callers of the API, and the orchestrator, which invokes the function directly. */
export function handler(event: ApiEvent, context?: InvocationContext): Promise<ApiAnswer>;
export function handler(
  event: SyntheticEvent,
  context?: InvocationContext,
): Promise<SyntheticAnswer>;
export function handler(
  event: ApiEvent | SyntheticEvent,
  context: InvocationContext = {},
): Promise<ApiAnswer | SyntheticAnswer> {
  return isSynthetic(event)
    ? processSynthetic(event, region, deadlineOf(context, BUDGET_MS.process), ports)
    : api(event, context);
}
