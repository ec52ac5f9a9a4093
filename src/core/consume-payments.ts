/** Carries on the payments of one batch of queue messages. */

import { AppError } from './app-error.ts';
import type { PaymentAttempt } from './carry-on.ts';
import { carryOnJournal, type JournalOutcome } from './carry-on-journal.ts';
import type { Journal } from './journal.ts';
import type { PaymentPorts } from './ports.ts';

export type QueuedOutcome =
  /** Its message can go. */
  | { readonly kind: 'done'; readonly settled: JournalOutcome['settled'] }
  /** Work is left; the message is to come again, and a sweeper has it in any case. */
  | { readonly kind: 'failed'; readonly because: AppError }
  /** No payment has this id, and none can appear: the message is poison. */
  | { readonly kind: 'no-payment' };

/**
 * Carries on each payment, all at once. A payment that is finished already is `done`: messages may come
 * twice, late, or after a sweeper. Never throws for a fault of a port.
 */
export async function consumePayments(
  transactionIds: readonly string[],
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<ReadonlyMap<string, QueuedOutcome>> {
  const unique = [...new Set(transactionIds)];
  let journals: ReadonlyMap<string, Journal>;
  try {
    journals = await ports.store.readJournals(unique, attempt.deadline);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // One that can't be read, whatever is tried, must not take the others along.
    if (error.code === 'internal_error' && unique.length > 1) {
      const alone = unique.map((id) => consumePayments([id], attempt, ports));
      return new Map((await Promise.all(alone)).flatMap((outcomes) => [...outcomes]));
    }
    return new Map(unique.map((id) => [id, { kind: 'failed', because: error }]));
  }
  const outcomes = await Promise.all(
    unique.map(async (id): Promise<QueuedOutcome> => {
      const journal = journals.get(id);
      if (journal === undefined) return { kind: 'no-payment' };
      const { because, settled } = await carryOnJournal(journal, attempt, ports);
      return because === null ? { kind: 'done', settled } : { kind: 'failed', because };
    }),
  );
  return new Map(unique.map((id, index) => [id, outcomes[index] as QueuedOutcome]));
}
