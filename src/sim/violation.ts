/** A broken promise, found by a checker. */

/** The sixteen, by the numbers of docs/simulator.md. */
export const INVARIANTS: Readonly<Record<number, string>> = {
  1: 'no acknowledged payment is lost',
  2: 'at most one charge for a transaction_id',
  3: 'the same request gets the same answer',
  4: 'the same id with another body gets 409 and has no effect',
  5: 'requests that mean the same are the same request',
  6: 'one active Region for an epoch',
  7: 'epochs only grow, without gaps',
  8: 'nothing takes effect for a superseded epoch',
  9: 'accepted = processed + declined + dead-lettered + open',
  10: 'one notification effect for each payment state',
  11: 'a status never goes back',
  12: 'linearizable for each transaction_id, and for the routing log',
  13: 'after the faults heal, service is back and open payments are finished within the bound',
  14: 'at most one failover for one fault episode',
  15: 'the audit log is complete, gapless and hash-chained',
  16: 'amounts are conserved to the minor unit',
};

export interface Violation {
  /** 1 to 16. */
  readonly invariant: number;
  /** What was seen, and what should have been, with ids. */
  readonly message: string;
  /** Virtual milliseconds. */
  readonly atMs: number;
}
