/** POST /payments/{transaction_id}/refunds: gives money back once for each refund_id. */

import { systemClock } from '#adapters/system.ts';
import { AppError } from '#core/app-error.ts';
import { identifierFault } from '#core/identifier.ts';
import { formatMoney } from '#core/money.ts';
import { type RefundOutcome, refundPayment } from '#core/refund-payment.ts';
import { parseRefundRequest } from '#core/refund-request.ts';
import type { RequestFault } from '#core/request-members.ts';
import { createApiHandler, type Route, type RouteResult } from './api-handler.ts';
import { createPaymentPorts } from './payment-ports.ts';
import { readBody } from './request-body.ts';
import { BUDGET_MS, createFunctionTelemetry, currentRegion, deadlineOf } from './runtime.ts';
import { logUnfinished, referenceOf } from './transaction-log.ts';

const telemetry = createFunctionTelemetry('refund');
const region = currentRegion();
const ports = await createPaymentPorts();

const refund: Route = async (event, context) => {
  const transactionId = event.pathParameters?.['transaction_id'];
  const idFault = identifierFault(transactionId);
  if (transactionId === undefined || idFault !== null) {
    const detail = `transaction_id ${idFault}.`;
    return refuse({ code: 'invalid_transaction_id', field: 'transaction_id', detail });
  }
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
    return { ...answerOf(outcome), log: { transaction_ref } };
  } catch (error) {
    telemetry.metric('ProcessingError', 1);
    if (!(error instanceof AppError)) throw error;
    const log = { transaction_ref, reason: error.message };
    return { kind: 'refused', fault: { code: error.code }, log, error };
  }
};

export const handler = createApiHandler('refund', refund, {
  telemetry,
  clock: systemClock,
  counts: true,
});

function answerOf(outcome: RefundOutcome): RouteResult {
  switch (outcome.kind) {
    case 'settled':
      return settledAnswer(outcome);
    case 'no-payment':
      return refuse({ code: 'payment_not_found' });
    case 'conflict':
      return refuse({ code: 'refund_conflict', field: 'refund_id' });
    case 'exceeds':
      return refuse({ code: 'refund_exceeds_charge', field: 'amount' });
    case 'too-many':
      return refuse({ code: 'too_many_refunds' });
    case 'amount-too-precise': {
      const detail = `The payment's currency has ${outcome.minorDigits} decimals.`;
      return refuse({ code: 'amount_too_precise', field: 'amount', detail });
    }
    case 'still-open':
      return refuse({ code: 'payment_still_open' });
    case 'not-charged':
      return refuse({ code: 'payment_not_charged' });
  }
}

function settledAnswer(outcome: Extract<RefundOutcome, { kind: 'settled' }>): RouteResult {
  const { journal, refund: settled, replayed, unfinished } = outcome;
  if (unfinished !== null) {
    const message = 'refunded, not finished: left for a later attempt';
    logUnfinished(telemetry, message, journal.transactionId, unfinished);
  }
  if (replayed) telemetry.metric('PaymentReplayed', 1);
  if (settled.status === 'DECLINED') {
    if (!replayed) telemetry.metric('RefundDeclined', 1);
    return refuse({ code: 'refund_declined', declineReason: settled.declineReason ?? 'declined' });
  }
  if (!replayed) telemetry.metric('RefundProcessed', 1);
  const { currency } = journal.request;
  return {
    kind: 'ok',
    body: {
      message: 'Refund processed successfully',
      transaction_id: journal.transactionId,
      refund_id: settled.refundId,
      amount: formatMoney({ amountMinor: settled.amountMinor, currency }),
      currency,
      timestamp: settled.refundEpochSeconds,
    },
  };
}

function refuse(fault: RequestFault): Extract<RouteResult, { kind: 'refused' }> {
  return { kind: 'refused', fault };
}
