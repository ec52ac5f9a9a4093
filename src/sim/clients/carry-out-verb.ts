/**
 * A routing verb from its first question to the lease: the course of
 * src/ops/routing/change-routing.ts.
 */

import { appendTransition, type TransitionOutcome } from '#core/routing/append-transition.ts';
import {
  type OperatorFacts,
  operatorChange,
  type RoutingVerb,
} from '#core/routing/operator-change.ts';
import { operatorFacts } from '#core/routing/operator-facts.ts';
import { type RoutingState, stateAfter } from '#core/routing/routing-log.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { fastHash } from '../kernel/fast-hash.ts';
import type { System } from '../system.ts';
import type { OperatorDesk } from './operator-desk.ts';

export interface VerbRequest {
  readonly verb: RoutingVerb;
  readonly force: boolean;
  readonly desk: OperatorDesk;
  /** Between the plan and its application, milliseconds. */
  readonly lateMs: number;
  /** Told the epoch that the entry is to follow, when it is about to be appended. */
  readonly onAppend: (plannedEpoch: number) => void;
}

export interface VerbSurroundings {
  /** While the log is empty; its active Regions are those that `failback` leads to. */
  readonly first: RoutingState;
  readonly newId: () => string;
  /** What must follow a move is done as far as its operator can do it. */
  readonly onFollowed: (epoch: number) => void;
}

export interface VerbResult {
  readonly outcome: TransitionOutcome;
  /** Epoch of the newest entry when the plan was made; 0: the log was empty. */
  readonly plannedEpoch: number;
  /** Regions that were asked how they are, and were not well. */
  readonly unfit: readonly RegionName[];
}

/** Of the people whose command ends with the entry: a lost connection, a closed lid. The orchestrator goes on. */
const LEAVES_SHARE = 0.3;
const MOVES: ReadonlySet<RoutingVerb['verb']> = new Set(['failover', 'failback', 'drain']);

/**
 * A stale plan that is applied all the same is told as a violation. Throws `AppError` when no
 * Region answers.
 */
export async function carryOutVerb(
  system: System,
  { verb, force, desk, lateMs, onAppend }: VerbRequest,
  { first, newId, onFollowed }: VerbSurroundings,
): Promise<VerbResult> {
  const plannedOn = await desk.log.newest(desk.deadline());
  const plannedEpoch = plannedOn?.epoch ?? 0;
  const facts = await gatherFacts(verb, stateAfter(plannedOn, first), first, desk);
  if (lateMs > 0) await desk.sleep(lateMs);
  const isStale = (system.control.entries.at(-1)?.epoch ?? 0) > plannedEpoch;
  if (lateMs > 0 && isStale) system.coverage.hit('F24', 'operate');
  const log: OperatorDesk['log'] = {
    ...desk.log,
    append: (entry, deadline) => {
      onAppend(plannedEpoch);
      return desk.log.append(entry, deadline);
    },
  };
  const outcome = await appendTransition(
    verb,
    { log, clock: desk.clock, hash: fastHash, newId, first, facts, force, plannedOn },
    desk.deadline(),
  );
  if (isStale && outcome.kind === 'appended') {
    const plan = `${verb.actor}'s ${verb.verb} was planned on epoch ${plannedEpoch}`;
    system.violate(8, `${plan} and applied as ${outcome.entry.epoch} after the log had moved on`);
  }
  if (MOVES.has(verb.verb) && (outcome.kind === 'appended' || outcome.kind === 'already')) {
    const { active, epoch, mode } = outcome.kind === 'appended' ? outcome.entry : outcome.state;
    const isEventual = system.plan.topology.consistency === 'eventual';
    // In manual mode nobody else would move the lease, and they know it.
    const mayLeave = isEventual && mode === 'auto';
    const leaves = mayLeave && system.world.random('operators').chance(LEAVES_SHARE);
    if (isEventual && active.length === 1 && !leaves) {
      await desk.moveLease(active[0] as RegionName, epoch);
    }
    // What somebody else has moved is not followed yet because of us.
    if (outcome.kind === 'appended') onFollowed(epoch);
  }
  const unfit = REGIONS.filter((region) => facts.unfitness(region) !== null);
  return { outcome, plannedEpoch, unfit };
}

/** Asks nobody about what changes nothing. */
async function gatherFacts(
  verb: RoutingVerb,
  state: RoutingState,
  first: RoutingState,
  desk: OperatorDesk,
): Promise<OperatorFacts> {
  const home = first.active;
  const none = { regions: REGIONS, home, unfitness: () => null, returnFault: () => null };
  const wish = operatorChange(state, verb, none, true);
  if (wish.kind !== 'change' || verb.verb === 'undrain') return none;
  const options = { regions: REGIONS, first };
  const facts = await operatorFacts(verb, options, desk.facts, desk.deadline());
  if (verb.verb !== 'failback') return facts;
  // What is open is of interest only where a Region could come back at all.
  if (home.every((region) => facts.returnFault(region) !== null)) return facts;
  const overdue = await desk.overduePayments();
  if (overdue === 0) return facts;
  const open = `${overdue} open payments are overdue`;
  return { ...facts, returnFault: (region) => facts.returnFault(region) ?? open };
}
