/** Carries on the payments of one batch of queue messages. */

import { AppError } from './app-error.ts';
import type { PaymentAttempt } from './carry-on.ts';
import { carryOnJournal, type JournalOutcome } from './carry-on-journal.ts';
import type { Journal } from './journal.ts';
import type { PaymentPorts, QueuedPayment } from './ports.ts';

export type QueuedOutcome =
  /** Its message can go. */
  | { readonly kind: 'done'; readonly settled: JournalOutcome['settled'] }
  /** Work is left; the message is to come again, and a sweeper has it in any case. */
  | { readonly kind: 'failed'; readonly because: AppError }
  /** No payment has this id, and none can appear: the message is poison. */
  | { readonly kind: 'no-payment' }
  /**
   * The id stands for another request than the message was sent for. Eventual tables: two Regions accepted
   * one each, and of their journals the later write stayed. The message is all that is left of the other.
   */
  | { readonly kind: 'replaced' };

/**
 * Carries on each payment, all at once. A payment that is finished already is `done`: messages may come
 * twice, late, or after a sweeper. Never throws for a fault of a port.
 *
 * Outcomes are in the order of the messages. Of several messages for one payment the first alone says what
 * was settled.
 */
export async function consumePayments(
  messages: readonly QueuedPayment[],
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<readonly QueuedOutcome[]> {
  const unique = [...new Set(messages.map(({ transactionId }) => transactionId))];
  const journals = await readEach(unique, attempt, ports);
  const carried = new Map<string, Promise<QueuedOutcome>>();
  return Promise.all(
    messages.map(async ({ transactionId, fingerprint }): Promise<QueuedOutcome> => {
      const journal = journals.get(transactionId);
      if (journal === undefined) return { kind: 'no-payment' };
      if (journal instanceof AppError) return { kind: 'failed', because: journal };
      if (fingerprint !== null && fingerprint !== journal.fingerprint) return { kind: 'replaced' };
      const begun = carried.get(transactionId);
      if (begun !== undefined) return unsettled(await begun);
      const carrying = carryOn(journal, attempt, ports);
      carried.set(transactionId, carrying);
      return carrying;
    }),
  );
}

async function carryOn(
  journal: Journal,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<QueuedOutcome> {
  const { because, settled } = await carryOnJournal(journal, attempt, ports);
  return because === null ? { kind: 'done', settled } : { kind: 'failed', because };
}

function unsettled(outcome: QueuedOutcome): QueuedOutcome {
  return outcome.kind === 'done' ? { kind: 'done', settled: null } : outcome;
}

/** The journals by id, or why one can't be read; what does not exist is left out. */
async function readEach(
  ids: readonly string[],
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<ReadonlyMap<string, Journal | AppError>> {
  try {
    return await ports.store.readJournals(ids, attempt.deadline);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // One that can't be read, whatever is tried, must not take the others along.
    if (error.code === 'internal_error' && ids.length > 1) {
      const alone = ids.map((id) => readEach([id], attempt, ports));
      return new Map((await Promise.all(alone)).flatMap((read) => [...read]));
    }
    return new Map(ids.map((id) => [id, error]));
  }
}
