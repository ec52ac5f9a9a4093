/** `failover`, `failback`, `drain` and `mode`: one entry in the routing log, and the wait for its effect. */

import { appendTransition, type TransitionOutcome } from '#core/routing/append-transition.ts';
import { operatorChange, type RoutingVerb } from '#core/routing/operator-change.ts';
import type { RoutingEntry, RoutingState } from '#core/routing/routing-log.ts';
import { printable } from '../dead-letters.ts';
import { OpsError } from '../ops-error.ts';
import { type LeaseMove, moveLease } from './move-lease.ts';
import { readPresentRouting } from './present-routing.ts';
import { gatherFacts, noFacts } from './routing-facts.ts';
import type { RoutingWorld } from './routing-world.ts';
import { awaitTraffic, type SettledTraffic } from './settle-traffic.ts';

export interface ChangeReport {
  readonly outcome: 'changed' | 'already';
  /** Why there was nothing to do; null: it was changed. */
  readonly because: string | null;
  readonly state: RoutingState;
  /** What was written; null: nothing. */
  readonly entry: RoutingEntry | null;
  /** Regions that traffic was sent to before. */
  readonly from: readonly string[];
  /** It hung on whether both Regions take traffic, and none has ever said so: active-passive was assumed. */
  readonly isAssumed: boolean;
  /** Null: there is no lease, or the verb moves no traffic. */
  readonly lease: LeaseMove | null;
  /** Null: the verb moves no traffic. */
  readonly traffic: SettledTraffic | null;
}

/**
 * Makes the change at most once, on the state that it was checked against. Safe to repeat: what is done
 * already is not done again, and what must follow it is.
 *
 * `onProgress` is told what is waited for. Throws `OpsError`: `usage` for what does not exist, `refused` where
 * a rule or somebody else's newer change says no, `fault` where no Region answers.
 */
export async function changeRouting(
  verb: RoutingVerb,
  force: boolean,
  world: RoutingWorld,
  onProgress: (text: string) => void,
): Promise<ChangeReport> {
  onProgress('looking at where traffic goes');
  const present = await readPresentRouting(world);
  const { newest, state: before, presences, home, isHomeAssumed } = present;
  // With nothing known against anybody, only what is mistaken or done already is no change.
  const wish = operatorChange(before, verb, noFacts(world.regions, home), true);
  onProgress('asking the Regions how they are');
  const facts =
    wish.kind === 'change' ? await gatherFacts(verb, present, world) : noFacts(world.regions, home);
  const { log, clock, hash, newId } = world;
  const outcome = await appendTransition(
    verb,
    { ...{ log, clock, hash, newId, facts, force }, first: before, plannedOn: newest },
    world.deadline(),
  );
  const done = doneOf(outcome);
  const { active } = done.state;
  const moves = MOVES.has(verb.verb);
  return {
    ...done,
    isAssumed: isHomeAssumed && (newest === null || verb.verb === 'failback'),
    lease: moves ? await moveLease(active, done.state.epoch, world, onProgress) : null,
    traffic: moves ? await awaitTraffic(active, presences, world, onProgress) : null,
  };
}

/** Of a name in a message, characters. */
const ACTOR_MAX = 100;
const MOVES: ReadonlySet<RoutingVerb['verb']> = new Set(['failover', 'failback', 'drain']);

type Done = Pick<ChangeReport, 'outcome' | 'because' | 'state' | 'entry' | 'from'>;

function doneOf(outcome: TransitionOutcome): Done {
  switch (outcome.kind) {
    case 'appended': {
      const { entry, from } = outcome;
      const { epoch, mode, active, drained } = entry;
      const state = { epoch, mode, active, drained };
      return { outcome: 'changed', because: null, state, entry, from };
    }
    case 'already': {
      const { because, state } = outcome;
      return { outcome: 'already', because, state, entry: null, from: state.active };
    }
    case 'mistaken':
      throw new OpsError('usage', outcome.because);
    case 'refused':
      throw new OpsError('refused', `${outcome.because}; do it all the same with --force`);
    case 'raced': {
      const { epoch, actor, change } = outcome.by;
      throw new OpsError(
        'refused',
        `${printable(actor, ACTOR_MAX)} was first (${change}, epoch ${epoch}), and nothing was changed by you; ` +
          'see: holdfast history',
      );
    }
  }
}
