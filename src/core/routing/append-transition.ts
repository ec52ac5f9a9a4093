/** Carries an operator's verb into the routing log, once, on the state that it was checked against. */

import type { Clock, Deadline, Hash } from '../ports.ts';
import { type OperatorFacts, operatorChange, type RoutingVerb } from './operator-change.ts';
import {
  nextEntry,
  type RoutingEntry,
  type RoutingLog,
  type RoutingState,
  stateAfter,
} from './routing-log.ts';

export interface TransitionPorts {
  readonly log: RoutingLog;
  readonly clock: Clock;
  readonly hash: Hash;
  /** A text that nobody else makes. */
  readonly newId: () => string;
  /** The state while the log is empty. */
  readonly first: RoutingState;
  readonly facts: OperatorFacts;
  /** Override what is refused. */
  readonly force: boolean;
  /**
   * The newest entry that `facts` were gathered on: a newer one makes the plan stale. Left out: whichever is
   * newest now.
   */
  readonly plannedOn?: RoutingEntry | null;
}

export type TransitionOutcome =
  | { readonly kind: 'appended'; readonly entry: RoutingEntry; readonly from: readonly string[] }
  /** Nothing had to be done: somebody else may just have done it. */
  | { readonly kind: 'already'; readonly because: string; readonly state: RoutingState }
  | { readonly kind: 'mistaken' | 'refused'; readonly because: string }
  /** Somebody's transition came first, and it is not what was asked for. Nothing was changed. */
  | { readonly kind: 'raced'; readonly by: RoutingEntry };

/**
 * Appends at most one entry. Two operators and an orchestrator at once: one entry; the others learn that it
 * is what they wanted, or whose it is. Throws `AppError` when the log can't be read, and `outcome_unknown`
 * when the entry may or may not be there: look at the history before repeating.
 */
export async function appendTransition(
  verb: RoutingVerb,
  ports: TransitionPorts,
  deadline: Deadline,
): Promise<TransitionOutcome> {
  const { log, first, facts, force } = ports;
  const newest = ports.plannedOn === undefined ? await log.newest(deadline) : ports.plannedOn;
  const state = stateAfter(newest, first);
  const change = operatorChange(state, verb, facts, force);
  if (change.kind === 'already') return { ...change, state };
  if (change.kind !== 'change') return change;
  const entry = nextEntry(
    newest,
    first,
    {
      entryId: ports.newId(),
      atEpochMs: ports.clock.nowEpochMs(),
      actor: verb.actor,
      reason: verb.reason,
      ...change.note,
      evidence: JSON.stringify({ verb: verb.verb, force, unfit: unfitOf(facts) }),
    },
    ports.hash,
  );
  const append = await log.append(entry, deadline);
  if (append.kind === 'appended') return { kind: 'appended', entry, from: state.active };
  const now = stateAfter(append.by, first);
  const again = operatorChange(now, verb, facts, force);
  return again.kind === 'already' ? { ...again, state: now } : { kind: 'raced', by: append.by };
}

/** What was known against each Region, for the record. */
function unfitOf({ regions, unfitness }: OperatorFacts): Readonly<Record<string, string>> {
  return Object.fromEntries(
    regions.flatMap((region) => {
      const fault = unfitness(region);
      return fault === null ? [] : [[region, fault]];
    }),
  );
}
