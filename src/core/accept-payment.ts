/** Takes a payment on for later: stored now, carried on from the queue or by a sweeper. */

import { AppError } from './app-error.ts';
import type { PaymentAttempt } from './carry-on.ts';
import type { Journal } from './journal.ts';
import type { PaymentRequest } from './payment-request.ts';
import type { PaymentPorts, PaymentQueue } from './ports.ts';
import { acceptJournal } from './process-payment.ts';

export type AcceptOutcome =
  | {
      readonly kind: 'accepted';
      readonly journal: Journal;
      /** True for the one attempt that created the journal. */
      readonly created: boolean;
      /** Why no message was sent; null when one was, or none is needed. A sweeper then finds it. */
      readonly notEnqueued: AppError | null;
    }
  /** The transaction_id belongs to another request. Nothing was changed. */
  | { readonly kind: 'conflict' };

/**
 * Accepts a payment: from the answer on it will be carried to its end, whatever is lost.
 *
 * The journal is the acceptance. A message that can't be sent changes nothing of it: a queue only makes
 * the work begin sooner. A repeat sends another, since the first may not have got out.
 *
 * Throws `AppError`: `outcome_unknown` when the journal may exist, another code when it does not.
 */
export async function acceptPayment(
  request: PaymentRequest,
  attempt: PaymentAttempt,
  ports: Pick<PaymentPorts, 'store' | 'clock' | 'hash'> & { readonly queue: PaymentQueue },
): Promise<AcceptOutcome> {
  const acceptance = await acceptJournal(request, attempt, ports);
  if (acceptance.kind === 'conflict') return { kind: 'conflict' };
  const { kind, journal } = acceptance;
  const notEnqueued = kind === 'replay' ? null : await enqueue(journal, attempt, ports);
  return { kind: 'accepted', journal, created: kind === 'created', notEnqueued };
}

async function enqueue(
  journal: Journal,
  attempt: PaymentAttempt,
  { queue, clock }: { readonly queue: PaymentQueue } & Pick<PaymentPorts, 'clock'>,
): Promise<AppError | null> {
  const atEpochMs = Math.min(attempt.deadline.atEpochMs, clock.nowEpochMs() + attempt.finishMs);
  const { transactionId, fingerprint } = journal;
  try {
    await queue.enqueue({ transactionId, fingerprint }, { atEpochMs });
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    return new AppError('outcome_unknown', 'enqueue: unexpected error', { cause: error });
  }
}
