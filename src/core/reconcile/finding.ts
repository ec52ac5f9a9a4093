/** What reconciliation finds. */

import type { ItemChange } from './stored-transaction.ts';

/** `finding`: something is wrong. `info`: worth knowing, and it passes by itself. */
export const FINDING_KINDS = {
  /** An item that this code did not write. Never touched: a person has to look at it. */
  unreadable: 'finding',
  /** A payment item whose transaction has no journal. Never touched: nothing says what it should be. */
  'record-without-journal': 'finding',
  /** PROCESSED, and no payment item at its timestamp. Repair: put the one that the journal stands for. */
  'record-missing': 'finding',
  /** The payment item is not what the journal says. Repair: put the journal's. */
  'record-differs': 'finding',
  /** A payment item beside the one that counts, or of a declined payment. Repair: supersede it. */
  'extra-record': 'finding',
  /** The journal's request is not the one that was fingerprinted. Never touched: it is evidence. */
  'journal-altered': 'finding',
  /** Work is left where no sweeper looks. Repair: open it, due now. */
  'not-open': 'finding',
  /** Nothing is left, and it is open. Repair: close it. */
  'open-for-nothing': 'finding',
  /** More was given back, or reserved for it, than was charged. Never touched. */
  'refunds-exceed-charge': 'finding',
  /** One replica alone has it. Repair: copy it to the replica of the Region that holds the lease. */
  stranded: 'finding',
  /**
   * Two Regions accepted one transaction_id. Repair: the lease holder's acceptance stands, the other's
   * payment item is superseded; not where the other has refunds, or may be the one that was charged, which a
   * person has to look at first. A person may have to talk to the customer.
   */
  conflict: 'finding',
  /**
   * A refund that the other Region accepted, and that the lease holder does not know of or knows otherwise:
   * money may have gone back that its journal does not count. Never touched: a person decides, with the
   * gateway's books.
   */
  'refunds-differ': 'finding',
  /** One acceptance that is charged in one replica and declined in the other. Never touched. */
  'settled-differently': 'finding',
  /** One acceptance, seen at two moments of its way: replication brings the rest. */
  behind: 'info',
} as const;
export type FindingKind = keyof typeof FINDING_KINDS;

export interface Finding {
  readonly kind: FindingKind;
  readonly transactionId: string;
  /** In words for an operator, without what a caller sent. */
  readonly detail: string;
  /** The writes that mend it, in this order; none: it is reported only, or nothing is to be done. */
  readonly changes: readonly ItemChange[];
  /** A payment that a customer was told of and that does not count any more. */
  readonly lost: LostPayment | null;
}

/** What a person needs in order to talk to a customer. */
export interface LostPayment {
  readonly customerId: string;
  /** Canonical decimal text. */
  readonly amount: string;
  readonly currency: string;
  readonly timestampEpochSeconds: number;
  readonly region: string;
  /** The payment that counts has the same request: it was charged under the same key, so once. */
  readonly isSameRequest: boolean;
}
