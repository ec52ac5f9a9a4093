/** POST /payments/{transaction_id}/refunds: gives money back once for each refund_id. */

import { systemClock } from '#adapters/system.ts';
import { answerOfError, answerOfRefund } from '#core/answers.ts';
import { AppError } from '#core/app-error.ts';
import { type RefundOutcome, refundPayment } from '#core/refund-payment.ts';
import { parseRefundRequest } from '#core/refund-request.ts';
import type { RequestFault } from '#core/request-members.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';
import { createApiHandler, type Route, type RouteResult } from './api-handler.ts';
import { pathIdentifier } from './path-identifier.ts';
import { createPaymentPorts } from './payment-ports.ts';
import { readBody } from './request-body.ts';
import { createFunctionTelemetry, currentRegion, deadlineOf } from './runtime.ts';
import { logUnfinished, referenceOf } from './transaction-log.ts';

const telemetry = createFunctionTelemetry('refund');
const region = currentRegion();
const ports = await createPaymentPorts();

type SettledRefund = Extract<RefundOutcome, { readonly kind: 'settled' }>;

const refund: Route = async (event, context) => {
  const identifier = pathIdentifier(event, 'transaction_id');
  if (identifier.kind === 'refused') return identifier;
  const transactionId = identifier.value;
  const body = readBody(event);
  if (body.kind === 'refused') return body;
  const parsed = parseRefundRequest(body.text);
  if (parsed.kind === 'invalid') return refuse(parsed.fault);
  const transaction_ref = referenceOf(transactionId);
  const attempt = {
    region,
    deadline: deadlineOf(context, BUDGET_MS.process),
    finishMs: BUDGET_MS.finish,
  };
  try {
    const outcome = await refundPayment({ transactionId, ...parsed.request }, attempt, ports);
    if (outcome.kind === 'settled') note(outcome);
    return { ...answerOfRefund(outcome), log: { transaction_ref } };
  } catch (error) {
    telemetry.metric('ProcessingError', 1);
    if (!(error instanceof AppError)) throw error;
    const log = { transaction_ref, reason: error.message };
    return { ...answerOfError(error), log, error };
  }
};

export const handler = createApiHandler('refund', refund, {
  telemetry,
  clock: systemClock,
  counts: true,
});

/** What happened, in metrics and log lines. */
function note({ journal, refund: settled, replayed, unfinished }: SettledRefund): void {
  if (unfinished !== null) {
    const message = 'refunded, not finished: left for a later attempt';
    logUnfinished(telemetry, message, journal.transactionId, unfinished);
  }
  if (replayed) telemetry.metric('PaymentReplayed', 1);
  else telemetry.metric(settled.status === 'DECLINED' ? 'RefundDeclined' : 'RefundProcessed', 1);
}

function refuse(fault: RequestFault): Extract<RouteResult, { kind: 'refused' }> {
  return { kind: 'refused', fault };
}
