/**
 * The ports: everything that the core needs from the world.
 *
 * Rules for every port that does I/O. It returns expected outcomes and throws `AppError` for faults:
 * `outcome_unknown` when the effect may have happened, any other code only when it certainly has not.
 * It begins nothing after `deadline`, and it answers (or throws) soon after it.
 */

import type { Journal, Payment } from './journal.ts';
import type { Money } from './money.ts';
import type { Notification } from './notifications.ts';
import type { Refund } from './refund.ts';

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

/** How a payment ends. */
export type Settlement =
  | { readonly status: 'PROCESSED'; readonly chargeId: string | null }
  | { readonly status: 'DECLINED'; readonly declineReason: string };

/** Single-item conditional writes, and strong reads. Linearizable over all Regions in MRSC mode. */
export interface PaymentStore {
  /** Puts the journal if the transaction_id has none. */
  createJournal(journal: Journal, deadline: Deadline): Promise<JournalCreation>;

  /** The journals of these payments, up to 100, by transaction_id; what does not exist is left out. */
  readJournals(
    transactionIds: readonly string[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, Journal>>;

  /** Puts the payment item if absent. `exists` returns what is stored. Safe to repeat. */
  recordPayment(
    payment: Payment,
    deadline: Deadline,
  ): Promise<
    { readonly kind: 'recorded' } | { readonly kind: 'exists'; readonly payment: Payment }
  >;

  /**
   * Settles an ACCEPTED journal. PROCESSED leaves no work; DECLINED leaves its notification to
   * `closeJournal`. `already`: another attempt settled it. Safe to repeat.
   */
  settleJournal(
    transactionId: string,
    settlement: Settlement,
    updatedAtEpochMs: number,
    deadline: Deadline,
  ): Promise<'settled' | 'already'>;

  /** Ends the work of a DECLINED journal, if there is any left. Safe to repeat. */
  closeJournal(
    transactionId: string,
    updatedAtEpochMs: number,
    deadline: Deadline,
  ): Promise<'closed' | 'already'>;

  /**
   * Replaces the refunds, if nobody else has since `seenRevision`. Work is left (due at
   * `dueAtEpochMs`) while one of them is ACCEPTED.
   */
  replaceRefunds(
    transactionId: string,
    change: {
      readonly seenRevision: number;
      readonly refunds: readonly Refund[];
      readonly updatedAtEpochMs: number;
      readonly dueAtEpochMs: number;
    },
    deadline: Deadline,
  ): Promise<'replaced' | 'raced'>;

  /**
   * Takes up open work that is due: counts the attempt and moves `due_at`, if it is still what the
   * caller saw. `passed`: somebody else was quicker, or nothing is left. No lock: it only keeps two
   * sweepers from doing the same work twice, which would be harmless.
   */
  claimJournal(
    transactionId: string,
    claim: { readonly seenDueAtEpochMs: number; readonly dueAtEpochMs: number },
    deadline: Deadline,
  ): Promise<{ readonly kind: 'claimed'; readonly journal: Journal } | { readonly kind: 'passed' }>;

  /** Gives open work up for now, with the reason, if nobody has moved it since `seenDueAtEpochMs`. */
  parkJournal(
    transactionId: string,
    parked: {
      readonly seenDueAtEpochMs: number;
      readonly atEpochMs: number;
      readonly reason: string;
    },
    deadline: Deadline,
  ): Promise<'parked' | 'passed'>;

  /** Makes parked work open again, due at once, with its attempts counted anew. */
  unparkJournal(
    transactionId: string,
    dueAtEpochMs: number,
    deadline: Deadline,
  ): Promise<'reopened' | 'not-parked'>;
}

/** What the sparse index of unfinished payments tells. Eventually consistent: journals decide. */
export interface OpenPayments {
  /** Open work of one shard, due before a moment, longest due first. */
  listDue(
    query: {
      readonly shard: number;
      readonly dueBeforeEpochMs: number;
      readonly limit: number;
      readonly after: OpenPayment | null;
    },
    deadline: Deadline,
  ): Promise<{ readonly payments: readonly OpenPayment[]; readonly next: OpenPayment | null }>;

  /**
   * Open work of one shard that is due after a moment, at most `limit` of it. With a moment that no right clock
   * sets, what a wrong one has put out of everybody's sight.
   */
  listMisdated(
    query: {
      readonly shard: number;
      readonly dueAfterEpochMs: number;
      readonly limit: number;
    },
    deadline: Deadline,
  ): Promise<readonly OpenPayment[]>;

  /** Counts the open work of every shard, and the parked. */
  measure(nowEpochMs: number, deadline: Deadline): Promise<Backlog>;
}

/** An entry of the index. */
export interface OpenPayment {
  readonly transactionId: string;
  readonly dueAtEpochMs: number;
  readonly attempts: number;
}

export interface Backlog {
  readonly open: number;
  /** Due, and not taken up yet. */
  readonly overdue: number;
  /** Of the payment that was accepted first of all that are open or parked; null: there is none. */
  readonly oldestEpochSeconds: number | null;
  readonly parked: number;
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

/** How much of whose money. */
export interface ChargedMoney extends Money {
  readonly customerId: string;
}

export interface Charge extends ChargedMoney {
  readonly idempotencyKey: string;
}

export type ChargeResult =
  | {
      readonly kind: 'charged';
      /** The gateway's own reference; null where it has none. */
      readonly chargeId: string | null;
    }
  /** Final: the same key will be declined again. `reason`: a short code of the gateway's. */
  | { readonly kind: 'declined'; readonly reason: string };

export interface GatewayRefund extends Money {
  readonly idempotencyKey: string;
  /** Key of the charge that it gives back. */
  readonly chargeKey: string;
}

export type RefundResult =
  | { readonly kind: 'refunded' }
  | { readonly kind: 'declined'; readonly reason: string };

/** A charge by its key: what was charged to whom, which may not be what this caller would charge. */
export type FoundCharge =
  | (Extract<ChargeResult, { readonly kind: 'charged' }> & ChargedMoney)
  | Extract<ChargeResult, { readonly kind: 'declined' }>;

/** A refund by its key: what went back, and of which charge. */
export type FoundRefund =
  | (Extract<RefundResult, { readonly kind: 'refunded' }> &
      Pick<GatewayRefund, 'amountMinor' | 'chargeKey'>)
  | Extract<RefundResult, { readonly kind: 'declined' }>;

/** The gateway knows nothing of the key: nothing has happened, or it is still under way. */
export interface NothingFound {
  readonly kind: 'none';
}

/**
 * Moves the money. Its effects happen once for each idempotency key: a repeat returns the first result,
 * and one that asks for something else is `internal_error`, without effect.
 *
 * `charge` and `refund` throw `outcome_unknown` when they can't tell what happened; whoever tries again
 * looks up what became of the key first. They retry by themselves only what certainly had no effect.
 */
export interface PaymentGateway {
  charge(charge: Charge, deadline: Deadline): Promise<ChargeResult>;
  findCharge(idempotencyKey: string, deadline: Deadline): Promise<FoundCharge | NothingFound>;
  refund(refund: GatewayRefund, deadline: Deadline): Promise<RefundResult>;
  findRefund(idempotencyKey: string, deadline: Deadline): Promise<FoundRefund | NothingFound>;
}

export interface Notifier {
  /** Publishes, at least once. Consumers drop repeats by the notification's id. */
  publish(notification: Notification, deadline: Deadline): Promise<void>;
}

/** What a queue's message says: all else is in the journal. */
export interface QueuedPayment {
  readonly transactionId: string;
  /** Of the request that was accepted; null: the message does not say. */
  readonly fingerprint: string | null;
}

export interface PaymentQueue {
  /** Asks for a payment to be carried on soon. */
  enqueue(payment: QueuedPayment, deadline: Deadline): Promise<void>;
}

export interface PaymentPorts {
  readonly store: PaymentStore;
  readonly gateway: PaymentGateway;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly hash: Hash;
}
