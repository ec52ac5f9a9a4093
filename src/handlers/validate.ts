/** POST /validate: says whether a payment would be accepted. Stores nothing, calls nothing. */

import { systemClock } from '#adapters/system.ts';
import { HIGH_VALUE_ABOVE_MAJOR } from '#contract/metrics.ts';
import { exceedsMajor } from '#core/money.ts';
import { parsePaymentRequest } from '#core/payment-request.ts';
import { createApiHandler, type Route } from './api-handler.ts';
import { readBody } from './request-body.ts';
import { createFunctionTelemetry } from './runtime.ts';

const telemetry = createFunctionTelemetry('validate');

const validate: Route = async (event) => {
  const body = readBody(event);
  const parsed =
    body.kind === 'text'
      ? parsePaymentRequest(body.text)
      : ({ kind: 'invalid', fault: body.fault } as const);
  if (parsed.kind === 'invalid') {
    telemetry.metric('ValidationError', 1);
    return { kind: 'refused', fault: parsed.fault };
  }
  if (exceedsMajor(parsed.request, HIGH_VALUE_ABOVE_MAJOR)) {
    telemetry.metric('HighValueTransaction', 1);
  }
  telemetry.metric('ValidationSuccess', 1);
  return {
    kind: 'ok',
    body: {
      message: 'Payment validated successfully',
      transaction_id: parsed.request.transactionId,
    },
  };
};

export const handler = createApiHandler('validate', validate, { telemetry, clock: systemClock });
