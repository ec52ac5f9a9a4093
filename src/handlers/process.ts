/** POST /process: charges a payment once and answers when it is recorded. */

import { SNSClient } from '@aws-sdk/client-sns';
import { createDynamoPaymentStore } from '#adapters/dynamo-payment-store.ts';
import { createSnsNotifier } from '#adapters/sns-notifier.ts';
import { sha256Hex, systemClock } from '#adapters/system.ts';
import { ENVIRONMENT } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import { InvariantError } from '#core/invariant.ts';
import { formatMoney } from '#core/money.ts';
import { parsePaymentRequest } from '#core/payment-request.ts';
import type { PaymentPorts } from '#core/ports.ts';
import { processPayment } from '#core/process-payment.ts';
import { createRecordingGateway } from '#core/recording-gateway.ts';
import { createApiHandler, type Route } from './api-handler.ts';
import { readBody } from './request-body.ts';
import {
  attemptOptions,
  BUDGET_MS,
  CLIENT_OPTIONS,
  createDynamoClient,
  createFunctionTelemetry,
  currentRegion,
  deadlineOf,
  environment,
} from './runtime.ts';

const telemetry = createFunctionTelemetry('process');
const region = currentRegion();

const ports: PaymentPorts = {
  store: createDynamoPaymentStore({
    client: createDynamoClient(),
    tableName: environment(ENVIRONMENT.paymentsTable),
    attempts: attemptOptions,
  }),
  gateway: createRecordingGateway(),
  notifier: createSnsNotifier({
    client: new SNSClient(CLIENT_OPTIONS),
    topicArn: environment(ENVIRONMENT.transactionTopicArn),
    attempts: attemptOptions,
  }),
  clock: systemClock,
  hash: sha256Hex,
};

/** Characters of a hash that join the log lines of one transaction. */
const REFERENCE_LENGTH = 16;

const process: Route = async (event, context) => {
  const body = readBody(event);
  if (body.kind === 'refused') return body;
  const parsed = parsePaymentRequest(body.text);
  if (parsed.kind === 'invalid') return { kind: 'refused', fault: parsed.fault };
  const { request } = parsed;
  const transaction_ref = sha256Hex(request.transactionId).slice(0, REFERENCE_LENGTH);
  const attempt = {
    region,
    deadline: deadlineOf(context, BUDGET_MS.process),
    finishMs: BUDGET_MS.finish,
  };
  try {
    const outcome = await processPayment(request, attempt, ports);
    if (outcome.kind === 'conflict') {
      const fault = { code: 'transaction_conflict', field: 'transaction_id' } as const;
      return { kind: 'refused', fault, log: { transaction_ref } };
    }
    if (outcome.unfinished !== null) {
      telemetry.log('WARN', 'recorded, not finished: left for a later attempt', {
        transaction_ref,
        code: outcome.unfinished.code,
        reason: outcome.unfinished.message,
      });
    }
    if (outcome.replayed) telemetry.metric('PaymentReplayed', 1);
    // Once for a payment: attempts that only finish it, here or elsewhere, recorded nothing.
    if (outcome.recorded) {
      // A metric is a double anyway; the money itself never is one.
      telemetry.metric('PaymentProcessed', Number(formatMoney(request)), {
        currency: request.currency,
      });
    }
    return {
      kind: 'ok',
      body: {
        message: 'Payment processed successfully',
        transaction_id: outcome.payment.transactionId,
        timestamp: outcome.payment.timestampEpochSeconds,
      },
      log: { transaction_ref, replayed: outcome.replayed },
    };
  } catch (error) {
    telemetry.metric('ProcessingError', 1);
    if (!(error instanceof AppError)) throw error;
    if (error.cause instanceof InvariantError) telemetry.metric('InvariantViolated', 1);
    const log = { transaction_ref, reason: error.message };
    return { kind: 'refused', fault: { code: error.code }, log };
  }
};

export const handler = createApiHandler('process', process, { telemetry, clock: systemClock });
