/** Does whatever work a journal has left: the one thing that queue and sweepers ask for. */

import { AppError, rootOf } from './app-error.ts';
import { carryOnPayment, finishDeclined, type PaymentAttempt } from './carry-on.ts';
import type { Journal, Payment } from './journal.ts';
import type { PaymentPorts } from './ports.ts';
import type { Refund } from './refund.ts';
import { carryOnRefund } from './refund-payment.ts';

export interface JournalOutcome {
  /** Nothing is left. */
  readonly done: boolean;
  /** Why something is; null when nothing is. */
  readonly because: AppError | null;
  /** What this attempt saw itself settle, for metrics. */
  readonly settled:
    | { readonly kind: 'processed'; readonly payment: Payment }
    | { readonly kind: 'declined' }
    | { readonly kind: 'refunds'; readonly refunded: number; readonly declined: number }
    | null;
}

/**
 * Carries on the payment, its decline's notification or its refunds, whichever are left. Never throws for
 * a fault of a port: it is in `because`.
 */
export async function carryOnJournal(
  journal: Journal,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<JournalOutcome> {
  if (journal.dueAtEpochMs === null && journal.parked === null) return finished(null);
  try {
    switch (journal.status) {
      case 'ACCEPTED': {
        const outcome = await carryOnPayment(journal, false, attempt, ports);
        const settled = !outcome.recorded
          ? null
          : outcome.kind === 'processed'
            ? ({ kind: 'processed', payment: outcome.payment } as const)
            : ({ kind: 'declined' } as const);
        return { done: outcome.unfinished === null, because: outcome.unfinished, settled };
      }
      case 'DECLINED': {
        const unfinished = await finishDeclined(journal, attempt, ports);
        return { done: unfinished === null, because: unfinished, settled: null };
      }
      case 'PROCESSED':
        return await carryOnRefunds(journal, attempt, ports);
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { done: false, because: error, settled: null };
  }
}

async function carryOnRefunds(
  journal: Journal,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<JournalOutcome> {
  let refunded = 0;
  let declined = 0;
  let because: AppError | null = null;
  for (const refund of journal.refunds) {
    if (refund.status !== 'ACCEPTED') continue;
    const outcome = await tryRefund(journal, refund, attempt, ports);
    if (outcome.unfinished !== null) {
      // What a repeat may help is said before what waits for a person.
      if (because === null || rootOf(because).isFinal) because = outcome.unfinished;
      continue;
    }
    if (outcome.refund.status === 'REFUNDED') refunded += 1;
    else declined += 1;
  }
  const settled = { kind: 'refunds', refunded, declined } as const;
  return { done: because === null, because, settled: refunded + declined > 0 ? settled : null };
}

/** Never throws for a fault of a port: one refund that can't be settled keeps none of the others back. */
async function tryRefund(
  journal: Journal,
  refund: Refund,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<{ readonly refund: Refund; readonly unfinished: AppError | null }> {
  try {
    return await carryOnRefund(journal, refund, false, attempt, ports);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { refund, unfinished: error };
  }
}

function finished(because: null): JournalOutcome {
  return { done: true, because, settled: null };
}
