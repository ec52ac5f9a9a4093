/**
 * Carries accepted work to its end: charge → record → finish, from wherever an earlier attempt left it.
 *
 * The same lines run for a first attempt, a client's retry, a queue's message and a sweeper. Every step
 * is safe to repeat and to run twice at once, in one Region or in two; each effect happens once because
 * the condition of a single-item write, or the gateway's idempotency key, lets it.
 * Source: docs/adr/0003-steps-not-transactions.md.
 */

import { AppError } from './app-error.ts';
import { ownCharge } from './found-by-key.ts';
import { InvariantError, invariant } from './invariant.ts';
import { type Journal, type Payment, paymentOf } from './journal.ts';
import { chargeKeyOf, paymentDeclined, paymentProcessed } from './notifications.ts';
import type { ChargeResult, Deadline, PaymentPorts } from './ports.ts';
import { portsFor } from './synthetic-payment.ts';

export interface PaymentAttempt {
  /** Region in which this attempt runs. */
  readonly region: string;
  /** For the whole attempt. */
  readonly deadline: Deadline;
  /** Longest part of it for `finish`, which an answer need not wait for. Milliseconds. */
  readonly finishMs: number;
}

export type CarryOutcome =
  | {
      readonly kind: 'processed';
      readonly payment: Payment;
      /** True for the one attempt that saw itself put the payment item. */
      readonly recorded: boolean;
      /** Why `finish` is left to a later attempt, or null when the payment is finished. */
      readonly unfinished: AppError | null;
    }
  | {
      readonly kind: 'declined';
      readonly reason: string;
      /** True for the one attempt that saw itself settle the journal. */
      readonly recorded: boolean;
      readonly unfinished: AppError | null;
    };

/**
 * Carries an ACCEPTED payment to its end.
 *
 * `isFirst`: this very attempt created the journal, so nobody can have charged it yet. Any other asks the
 * gateway what became of the charge before it charges.
 *
 * From here on the payment exists, so every fault means `outcome_unknown` to the caller, whatever the
 * step said of itself. Throws that `AppError` alone.
 */
export async function carryOnPayment(
  journal: Journal,
  isFirst: boolean,
  attempt: PaymentAttempt,
  given: PaymentPorts,
): Promise<CarryOutcome> {
  const ports = portsFor(journal.transactionId, given);
  try {
    const charge = await settleCharge(journal, isFirst, attempt.deadline, ports);
    if (charge.kind === 'declined') return await decline(journal, charge.reason, attempt, ports);
    const payment = paymentOf(journal);
    const recorded = await record(payment, attempt.deadline, ports);
    const unfinished = await finishInTime(attempt, ports, async (deadline, now) => {
      await ports.notifier.publish(paymentProcessed(journal), deadline);
      // Published before the work counts as done: a notification that was lost would otherwise leave
      // no trace.
      const settlement = { status: 'PROCESSED', chargeId: charge.chargeId } as const;
      await ports.store.settleJournal(journal.transactionId, settlement, now, deadline);
    });
    return { kind: 'processed', payment, recorded, unfinished };
  } catch (error) {
    throw unknownAfterAcceptance(error);
  }
}

/** Publishes what a settled journal still owes to its readers, and ends its work. */
export async function finishDeclined(
  journal: Journal,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<AppError | null> {
  return finishInTime(attempt, ports, async (deadline, now) => {
    await ports.notifier.publish(paymentDeclined(journal), deadline);
    await ports.store.closeJournal(journal.transactionId, now, deadline);
  });
}

/** Whatever went wrong, the payment exists; `cause` keeps what it was, a broken invariant included. */
export function unknownAfterAcceptance(error: unknown): AppError {
  const known = error instanceof AppError || error instanceof InvariantError;
  const reason = known ? error.message : 'unexpected error';
  return new AppError('outcome_unknown', `accepted, then: ${reason}`, { cause: error });
}

/**
 * Runs the last part of an attempt within its own share of the time. A fault here costs the caller
 * nothing: what matters is stored, and the rest stays in `open-index` for a later attempt.
 */
export async function finishInTime(
  attempt: PaymentAttempt,
  { clock }: PaymentPorts,
  finish: (deadline: Deadline, nowEpochMs: number) => Promise<void>,
): Promise<AppError | null> {
  const now = clock.nowEpochMs();
  const deadline = { atEpochMs: Math.min(attempt.deadline.atEpochMs, now + attempt.finishMs) };
  try {
    await finish(deadline, now);
    return null;
  } catch (error) {
    return error instanceof AppError ? error : unknownAfterAcceptance(error);
  }
}

/**
 * Learns what became of the charge, and charges only when nothing has.
 *
 * An unknown outcome is looked up at once. When the gateway knows nothing, the charge may still be on
 * its way there, so it is left to a later attempt, which looks it up again before it charges. A charge
 * that is not this journal's is never taken for it.
 */
async function settleCharge(
  journal: Journal,
  isFirst: boolean,
  deadline: Deadline,
  { gateway, hash }: PaymentPorts,
): Promise<ChargeResult> {
  const idempotencyKey = chargeKeyOf(journal.transactionId, hash);
  if (!isFirst) {
    const found = await gateway.findCharge(idempotencyKey, deadline);
    if (found.kind !== 'none') return ownCharge(found, journal.request);
  }
  const { customerId, amountMinor, currency } = journal.request;
  try {
    const charge = { idempotencyKey, customerId, amountMinor, currency };
    return await gateway.charge(charge, deadline);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'outcome_unknown') throw error;
    const found = await gateway.findCharge(idempotencyKey, deadline);
    if (found.kind === 'none') throw error;
    return ownCharge(found, journal.request);
  }
}

/** Returns whether this attempt put the payment item. */
async function record(
  payment: Payment,
  deadline: Deadline,
  { store }: PaymentPorts,
): Promise<boolean> {
  const recording = await store.recordPayment(payment, deadline);
  if (recording.kind === 'exists') {
    // Both were made from the one journal; a difference means that something else writes this table.
    invariant(
      recording.payment.amountMinor === payment.amountMinor &&
        recording.payment.currency === payment.currency,
      'a recorded payment has the amount of its journal',
    );
  }
  return recording.kind === 'recorded';
}

/**
 * A decline is an answer only once it is stored: the journal is settled first, and stays open until the
 * notification is out.
 */
async function decline(
  journal: Journal,
  reason: string,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<CarryOutcome> {
  const settlement = { status: 'DECLINED', declineReason: reason } as const;
  const settled = await ports.store.settleJournal(
    journal.transactionId,
    settlement,
    ports.clock.nowEpochMs(),
    attempt.deadline,
  );
  const declined = { ...journal, ...settlement };
  const unfinished = await finishDeclined(declined, attempt, ports);
  return { kind: 'declined', reason, recorded: settled === 'settled', unfinished };
}
