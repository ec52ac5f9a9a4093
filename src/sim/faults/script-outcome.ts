/** What a simulated run came to, in the words that the twin has for the same fault script. */

import type { OutcomeClass } from '#contract/outcome-class.ts';
import type { SimResult } from '../sim-result.ts';

/** Payments lost, by the invariant that says so. Source: src/sim/violation.ts. */
const LOST = [1];
/** Charged twice, and money that does not add up. */
const DUPLICATED = [2, 16];
/** Answers that differ, a second meaning that took effect, a status that went back, a history that can't have been. */
const CONFLICTING = [3, 4, 5, 11, 12];
/** Not at rest when its time was over, or a new payment that failed. */
const NOT_BACK = [13];

/**
 * The class of a result. Of payments that are wrong it has the number of violations, which is at least that of the
 * payments. What is still open and service that is not back are one and the same invariant: both parts say it. Pure.
 */
export function scriptOutcome(result: Pick<SimResult, 'moves' | 'violations'>): OutcomeClass {
  const count = (invariants: readonly number[]): number =>
    result.violations.filter(({ invariant }) => invariants.includes(invariant)).length;
  return {
    moved: result.moves > 0,
    lost: count(LOST),
    duplicated: count(DUPLICATED),
    conflicting: count(CONFLICTING),
    back: count(NOT_BACK) === 0,
    open: count(NOT_BACK),
  };
}
