/**
 * The payment protocol for a caller who waits: accept → charge → record → finish.
 *
 * Source: docs/adr/0002-journal-item.md and 0003-steps-not-transactions.md.
 */

import { type CarryOutcome, carryOnPayment, type PaymentAttempt } from './carry-on.ts';
import { canonicalRequest, decideRepeat, type Journal, openJournal, paymentOf } from './journal.ts';
import type { PaymentRequest } from './payment-request.ts';
import type { PaymentPorts } from './ports.ts';

export type ProcessOutcome =
  /** `replayed`: this attempt found the payment settled and had no effect. */
  | (CarryOutcome & { readonly replayed: boolean })
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
  const acceptance = await acceptJournal(request, attempt, ports);
  switch (acceptance.kind) {
    case 'created':
    case 'resume': {
      const isFirst = acceptance.kind === 'created';
      const outcome = await carryOnPayment(acceptance.journal, isFirst, attempt, ports);
      return { ...outcome, replayed: false };
    }
    case 'replay':
      return replay(acceptance.journal);
    case 'conflict':
      return { kind: 'conflict' };
  }
}

export type Acceptance =
  | { readonly kind: 'created' | 'resume' | 'replay'; readonly journal: Journal }
  | { readonly kind: 'conflict' };

/** Puts the journal of a new payment, or says what its repeat meets. Throws `AppError`. */
export async function acceptJournal(
  request: PaymentRequest,
  attempt: PaymentAttempt,
  ports: Pick<PaymentPorts, 'store' | 'clock' | 'hash'>,
): Promise<Acceptance> {
  const fingerprint = ports.hash(canonicalRequest(request));
  const journal = openJournal(request, fingerprint, {
    atEpochMs: ports.clock.nowEpochMs(),
    region: attempt.region,
  });
  const creation = await ports.store.createJournal(journal, attempt.deadline);
  if (creation.kind === 'created') return { kind: 'created', journal };
  const kind = decideRepeat(creation.journal, fingerprint);
  return kind === 'conflict' ? { kind } : { kind, journal: creation.journal };
}

function replay(journal: Journal): ProcessOutcome {
  const found = { replayed: true, recorded: false, unfinished: null };
  return journal.status === 'DECLINED'
    ? { kind: 'declined', reason: journal.declineReason ?? 'declined', ...found }
    : { kind: 'processed', payment: paymentOf(journal), ...found };
}
