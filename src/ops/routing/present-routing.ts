/** Where traffic goes now, and what that is known from. */

import type { Presence } from '#core/routing/presence.ts';
import {
  firstState,
  type RoutingEntry,
  type RoutingState,
  stateAfter,
} from '#core/routing/routing-log.ts';
import { OpsError } from '../ops-error.ts';
import type { RoutingWorld } from './routing-world.ts';

export interface PresentRouting {
  /** Null: the log is empty. */
  readonly newest: RoutingEntry | null;
  readonly state: RoutingState;
  /** Regions that traffic goes to while all is well, as configured. */
  readonly home: readonly string[];
  /** No orchestrator has ever said how its Region is configured: `home` is active-passive's. */
  readonly isHomeAssumed: boolean;
  readonly presences: readonly Presence[];
}

/**
 * Reads the log and the heartbeats. Throws `OpsError` when no Region answers, and (`usage`) where the Regions are not those of
 * the environment, in its order: the first is where traffic goes by an empty log.
 */
export async function readPresentRouting(world: RoutingWorld): Promise<PresentRouting> {
  const [newest, presences] = await Promise.all([
    world.log.newest(world.deadline()),
    world.presences(),
  ]);
  requireOrder(world.regions, presences);
  const policy = policyOf(presences);
  const first = firstState(policy ?? 'active-passive', world.regions);
  return {
    ...{ newest, state: stateAfter(newest, first), presences },
    ...{ home: first.active, isHomeAssumed: policy === null },
  };
}

/** `presences`: in the environment's own order, which is that of their keys. */
function requireOrder(regions: readonly string[], presences: readonly Presence[]): void {
  const own = presences.map(({ region }) => region);
  const asked = regions.filter((region) => own.includes(region));
  if (own.every((region, place) => region === asked[place])) return;
  const all = [...own, ...regions.filter((region) => !own.includes(region))].slice(0, 2);
  throw new OpsError(
    'usage',
    `the Regions of this environment are, the primary first, ${own.join(', ')}: name them so, with --regions ${all.join(',')}`,
  );
}

/**
 * The policy is configured in the Regions, and each says with its heartbeats which one: a guess would be written
 * down by the first verb, `mode` included, and then move traffic that nobody meant to move. While a change of
 * it is being deployed the Regions differ, and the newest heartbeat has the newer one. A lost Region's counts
 * all the same. Null: there is none. Pure.
 */
function policyOf(presences: readonly Presence[]): Presence['policy'] | null {
  const [newest] = presences.toSorted((one, other) => other.atEpochMs - one.atEpochMs);
  return newest?.policy ?? null;
}
