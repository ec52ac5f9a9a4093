/** The orchestrator's way into the processor: a payment of its own, made without the API. */

import { SYNTHETIC_PAYMENT } from '#contract/names.ts';
import { AppError } from '#core/app-error.ts';
import type { Deadline, PaymentPorts } from '#core/ports.ts';
import { processPayment } from '#core/process-payment.ts';
import { syntheticPayment } from '#core/synthetic-payment.ts';
import { BUDGET_MS } from '#core/time-budgets.ts';

export interface SyntheticEvent {
  readonly source: typeof SYNTHETIC_PAYMENT.eventSource;
  readonly epoch: number;
}

export interface SyntheticAnswer {
  readonly processed: boolean;
  /** Why not; null when it was. */
  readonly reason: string | null;
}

/** API Gateway builds its events itself: no caller can put `source` into one. */
export function isSynthetic(event: object): event is SyntheticEvent {
  return 'source' in event && event.source === SYNTHETIC_PAYMENT.eventSource;
}

/** Makes the payment, or finds it made. Never throws for a fault of a port. */
export async function processSynthetic(
  event: SyntheticEvent,
  region: string,
  deadline: Deadline,
  ports: PaymentPorts,
): Promise<SyntheticAnswer> {
  if (!Number.isSafeInteger(event.epoch) || event.epoch < 0) {
    return { processed: false, reason: 'epoch must be a whole number, 0 or more' };
  }
  try {
    const attempt = { region, deadline, finishMs: BUDGET_MS.finish };
    const outcome = await processPayment(syntheticPayment(event.epoch, region), attempt, ports);
    return outcome.kind === 'processed'
      ? { processed: true, reason: null }
      : { processed: false, reason: outcome.kind };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { processed: false, reason: `${error.code}: ${error.message}` };
  }
}
