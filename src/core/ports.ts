/**
 * The ports: everything that the core needs from the world.
 *
 * Rules for every port that does I/O. It returns expected outcomes and throws `AppError` for faults:
 * `outcome_unknown` when the effect may have happened, any other code only when it certainly has not.
 * It begins nothing after `deadline`, and it answers (or throws) soon after it.
 */

import type { Journal, Payment } from './journal.ts';
import type { Money } from './money.ts';

/** A moment after which no new attempt is begun, epoch milliseconds of the same clock. */
export interface Deadline {
  readonly atEpochMs: number;
}

export interface Clock {
  nowEpochMs(): number;
}

/** SHA-256 of UTF-8 text, 64 lowercase hex characters. */
export type Hash = (text: string) => string;

export type JournalCreation =
  | { readonly kind: 'created' }
  /** Another attempt, perhaps our own that seemed lost, created it first. */
  | { readonly kind: 'exists'; readonly journal: Journal };

export interface PaymentStore {
  /** Puts the journal if the transaction_id has none. Linearizable over all Regions in MRSC mode. */
  createJournal(journal: Journal, deadline: Deadline): Promise<JournalCreation>;

  /** Puts the payment item if absent. `exists` returns what is stored. Safe to repeat. */
  recordPayment(
    payment: Payment,
    deadline: Deadline,
  ): Promise<
    { readonly kind: 'recorded' } | { readonly kind: 'exists'; readonly payment: Payment }
  >;

  /**
   * Clears `open` and sets the final status, if the journal is still open. `already`: another attempt
   * finished it. Safe to repeat.
   */
  finishJournal(
    transactionId: string,
    change: { readonly status: 'PROCESSED'; readonly updatedAtEpochMs: number },
    deadline: Deadline,
  ): Promise<'finished' | 'already'>;
}

export interface PaymentReader {
  /** The payment and its journal, whichever exist; a strongly consistent read. */
  readPayment(
    transactionId: string,
    deadline: Deadline,
  ): Promise<{ readonly payment: Payment | null; readonly journal: Journal | null }>;

  /**
   * One page of a customer's payments, newest first, from the index (eventually consistent).
   * `after`: the position returned with the page before; null: the first page.
   */
  listCustomerPayments(
    query: {
      readonly customerId: string;
      readonly limit: number;
      readonly after: PagePosition | null;
    },
    deadline: Deadline,
  ): Promise<{ readonly payments: readonly Payment[]; readonly next: PagePosition | null }>;
}

/** The last item of a page, by the keys of table and index. */
export interface PagePosition {
  readonly transactionId: string;
  readonly timestampEpochSeconds: number;
}

export interface HealthProbe {
  /** A strongly consistent read of the payments table. Throws `AppError` when it fails. */
  probe(deadline: Deadline): Promise<void>;
}

/** Moves the money. */
export interface PaymentGateway {
  /**
   * Charges once for each `idempotencyKey`: a repeat returns the first result and charges nothing.
   * Throws `AppError` with `outcome_unknown` when it can't tell; the caller then repeats with the same key.
   */
  charge(
    charge: Money & { readonly idempotencyKey: string; readonly customerId: string },
    deadline: Deadline,
  ): Promise<{ readonly kind: 'charged' }>;
}

export interface Notifier {
  /** Publishes a payment's state, at least once. Consumers drop repeats by `notificationId`. */
  publish(payment: Payment, notificationId: string, deadline: Deadline): Promise<void>;
}

export interface PaymentPorts {
  readonly store: PaymentStore;
  readonly gateway: PaymentGateway;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly hash: Hash;
}
