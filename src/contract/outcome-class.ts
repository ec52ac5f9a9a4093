/** What a fault script comes to, in few enough words that the simulator and the twin can be held to the same. */

export interface OutcomeClass {
  /** An entry of the routing log moved traffic, while the script ran or because of it. */
  readonly moved: boolean;
  /** Payments that a client was told of as taken, and that are not there as finished ones. */
  readonly lost: number;
  /** Payments that took effect more than once. */
  readonly duplicated: number;
  /** Payments of which replicas, or repeated answers, tell different things. */
  readonly conflicting: number;
  /** A new payment goes through in the end, by the SDK and by DNS. */
  readonly back: boolean;
  /** Payments that are neither settled nor declined when everything has come to rest. */
  readonly open: number;
}

export const OUTCOME_PARTS = [
  ...(['moved', 'lost', 'duplicated', 'conflicting', 'back', 'open'] as const),
] as const satisfies readonly (keyof OutcomeClass)[];

/** What a script expects; what it leaves out may be anything. */
export type ExpectedOutcome = { readonly [Part in keyof OutcomeClass]?: OutcomeClass[Part] };

/**
 * The parts in which an outcome is of another class than `expected`, one line each; empty: it is of the same. A
 * count is either nothing or something: how many payments are hit depends on the machine. Pure.
 */
export function outcomeDifferences(
  expected: ExpectedOutcome,
  outcome: OutcomeClass,
): readonly string[] {
  return OUTCOME_PARTS.filter((part) => {
    const wanted = expected[part];
    return wanted !== undefined && Boolean(wanted) !== Boolean(outcome[part]);
  }).map((part) => `${part}: ${outcome[part]} instead of ${expected[part]}`);
}
