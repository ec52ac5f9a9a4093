/** What logs and metrics say of a transaction: nothing that a caller sent. */

import { sha256Hex } from '#adapters/system.ts';
import type { Telemetry } from '#adapters/telemetry.ts';
import { type AppError, rootOf } from '#core/app-error.ts';
import type { JournalOutcome } from '#core/carry-on-journal.ts';
import { InvariantError } from '#core/invariant.ts';
import type { Payment } from '#core/journal.ts';
import { formatMoney } from '#core/money.ts';

/** Characters of a hash that join the log lines of one transaction. */
const REFERENCE_LENGTH = 16;

export function referenceOf(transactionId: string): string {
  return sha256Hex(transactionId).slice(0, REFERENCE_LENGTH);
}

/** Once for a payment: attempts that only finish it, here or elsewhere, recorded nothing. */
export function countProcessed(telemetry: Telemetry, payment: Payment): void {
  // A metric is a double anyway; the money itself never is one.
  telemetry.metric('PaymentProcessed', Number(formatMoney(payment)), {
    properties: { currency: payment.currency },
  });
}

/** Counts what an attempt from the queue or a sweep settled. */
export function countSettled(telemetry: Telemetry, settled: JournalOutcome['settled']): void {
  switch (settled?.kind) {
    case 'processed':
      countProcessed(telemetry, settled.payment);
      return;
    case 'declined':
      telemetry.metric('PaymentDeclined', 1);
      return;
    case 'refunds':
      if (settled.refunded > 0) telemetry.metric('RefundProcessed', settled.refunded);
      if (settled.declined > 0) telemetry.metric('RefundDeclined', settled.declined);
      return;
    case undefined:
      return;
  }
}

/** Says that the rest of a payment's work is left to a later attempt. */
export function logUnfinished(
  telemetry: Telemetry,
  message: string,
  transactionId: string,
  because: AppError,
): void {
  if (because.cause instanceof InvariantError) telemetry.metric('InvariantViolated', 1);
  telemetry.log('WARN', message, {
    transaction_ref: referenceOf(transactionId),
    code: rootOf(because).code,
    reason: because.message,
  });
}
