/**
 * The payment protocol: accept → charge → record → finish.
 *
 * Every step is safe to repeat and to run twice at once, in one Region or in two; each effect happens
 * once because the condition of a single-item write lets it. The same code carries a first attempt, a
 * client's retry and (later) the queue and the sweeper. Source: docs/adr/0002-journal-item.md and
 * 0003-steps-not-transactions.md.
 */

import { AppError } from './app-error.ts';
import { InvariantError, invariant } from './invariant.ts';
import {
  canonicalRequest,
  decideRepeat,
  type Journal,
  notificationIdOf,
  openJournal,
  type Payment,
  paymentOf,
} from './journal.ts';
import type { PaymentRequest } from './payment-request.ts';
import type { Deadline, PaymentPorts } from './ports.ts';

export interface PaymentAttempt {
  /** Region in which this attempt runs. */
  readonly region: string;
  /** For the whole attempt. */
  readonly deadline: Deadline;
  /** Longest part of it for `finish`, which an answer need not wait for. Milliseconds. */
  readonly finishMs: number;
}

export type ProcessOutcome =
  | {
      readonly kind: 'processed';
      readonly payment: Payment;
      /** True for an attempt that found the payment finished: it had no effect. */
      readonly replayed: boolean;
      /** True for the one attempt that saw itself put the payment item. */
      readonly recorded: boolean;
      /** Why `finish` is left to a later attempt, or null when the payment is finished. */
      readonly unfinished: AppError | null;
    }
  /** The transaction_id belongs to another request. Nothing was changed. */
  | { readonly kind: 'conflict' };

/**
 * Processes one payment and returns what to answer; the answer is the same for every attempt, because
 * everything in it comes from the journal.
 *
 * Throws `AppError`: `outcome_unknown` when the payment may exist or does but could not be carried to
 * its record; another code only when nothing was stored. In each case the same request may be sent
 * again, to any Region.
 */
export async function processPayment(
  request: PaymentRequest,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<ProcessOutcome> {
  const fingerprint = ports.hash(canonicalRequest(request));
  const accepted = openJournal(request, fingerprint, {
    atEpochMs: ports.clock.nowEpochMs(),
    region: attempt.region,
  });
  const creation = await ports.store.createJournal(accepted, attempt.deadline);
  if (creation.kind === 'created') return carryOn(accepted, attempt, ports);
  switch (decideRepeat(creation.journal, fingerprint)) {
    case 'replay':
      return {
        kind: 'processed',
        payment: paymentOf(creation.journal),
        replayed: true,
        recorded: false,
        unfinished: null,
      };
    case 'resume':
      return carryOn(creation.journal, attempt, ports);
    case 'conflict':
      return { kind: 'conflict' };
  }
}

/**
 * Carries an accepted payment to its end from wherever an earlier attempt left it.
 *
 * From here on the payment exists, so every fault means `outcome_unknown` to the caller, whatever the
 * step said of itself.
 */
export async function carryOn(
  journal: Journal,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<ProcessOutcome> {
  const payment = paymentOf(journal);
  let recorded: boolean;
  try {
    recorded = await chargeAndRecord(payment, attempt.deadline, ports);
  } catch (error) {
    throw unknownAfterAcceptance(error);
  }
  const unfinished = await finish(payment, attempt, ports);
  return { kind: 'processed', payment, replayed: false, recorded, unfinished };
}

/** Whatever went wrong, the payment exists; `cause` keeps what it was, a broken invariant included. */
function unknownAfterAcceptance(error: unknown): AppError {
  const known = error instanceof AppError || error instanceof InvariantError;
  const reason = known ? error.message : 'unexpected error';
  return new AppError('outcome_unknown', `accepted, then: ${reason}`, { cause: error });
}

/** Returns whether this attempt put the payment item. */
async function chargeAndRecord(
  payment: Payment,
  deadline: Deadline,
  { gateway, store }: PaymentPorts,
): Promise<boolean> {
  await gateway.charge(
    {
      idempotencyKey: payment.transactionId,
      customerId: payment.customerId,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
    },
    deadline,
  );
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
 * Publishes, then clears `open`: in this order, because a payment whose notification was lost would
 * otherwise look finished. A fault here costs the caller nothing: the payment is recorded, and it
 * stays in `open-index` for a later attempt.
 */
async function finish(
  payment: Payment,
  attempt: PaymentAttempt,
  { notifier, store, clock }: PaymentPorts,
): Promise<AppError | null> {
  const now = clock.nowEpochMs();
  const deadline = { atEpochMs: Math.min(attempt.deadline.atEpochMs, now + attempt.finishMs) };
  try {
    await notifier.publish(payment, notificationIdOf(payment), deadline);
    await store.finishJournal(
      payment.transactionId,
      { status: 'PROCESSED', updatedAtEpochMs: now },
      deadline,
    );
    return null;
  } catch (error) {
    return error instanceof AppError ? error : unknownAfterAcceptance(error);
  }
}
