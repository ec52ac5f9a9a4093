/**
 * What the simulator has found so far, one plan for each, so that it stays found. Whole plans, and no seeds: a seed
 * means another run as soon as a draw changes.
 */

import type { SimPlan } from '../plan.ts';
import { CHARGE_OF_ANOTHER_CUSTOMER } from './charge-of-another-customer.ts';
import { CHARGED_ELSEWHERE } from './charged-elsewhere.ts';
import { HEALTHY_WHILE_CUT_OFF } from './healthy-while-cut-off.ts';
import { KEY_OF_ANOTHER } from './key-of-another.ts';
import { MISDATED_WORK } from './misdated-work.ts';
import { NEW_PROCESS_EACH_MINUTE } from './new-process-each-minute.ts';
import { OVERWRITTEN_ACCEPTANCE } from './overwritten-acceptance.ts';
import { OWN_ISOLATION } from './own-isolation.ts';

export interface PastFailure {
  /** kebab-case. */
  readonly name: string;
  /** The day, and the seed as it was drawn then. */
  readonly found: { readonly date: string; readonly seed: number | null };
  /** 1 to 16: what it broke. */
  readonly invariant: number;
  /** What went wrong, and what was learnt. */
  readonly lesson: string;
  /** The planted bug that undoes the mend: with it, the plan fails again. */
  readonly undoneBy: string;
  /** The least that shows it. */
  readonly plan: SimPlan;
}

/** Oldest first. */
export const PAST_FAILURES: readonly PastFailure[] = [
  MISDATED_WORK,
  OWN_ISOLATION,
  KEY_OF_ANOTHER,
  CHARGED_ELSEWHERE,
  OVERWRITTEN_ACCEPTANCE,
  NEW_PROCESS_EACH_MINUTE,
  CHARGE_OF_ANOTHER_CUSTOMER,
  HEALTHY_WHILE_CUT_OFF,
];
