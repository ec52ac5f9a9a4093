/** Where traffic goes now, and what that is known from. */

import type { Presence } from '#core/routing/presence.ts';
import {
  firstState,
  type RoutingEntry,
  type RoutingState,
  stateAfter,
} from '#core/routing/routing-log.ts';
import { apiUrlOf, type RoutingWorld } from './routing-world.ts';

export interface PresentRouting {
  /** Null: the log is empty. */
  readonly newest: RoutingEntry | null;
  readonly state: RoutingState;
  /**
   * The log is empty, and no Region could say whether both take traffic: active-passive is assumed.
   */
  readonly isAssumed: boolean;
  readonly presences: readonly Presence[];
}

/** Reads the log and the heartbeats. Throws `OpsError` when no Region answers. */
export async function readPresentRouting(world: RoutingWorld): Promise<PresentRouting> {
  const [newest, presences] = await Promise.all([
    world.log.newest(world.deadline()),
    world.presences(),
  ]);
  const { first, isAssumed } =
    newest === null
      ? await configuredState(presences, world)
      : { first: firstState('active-passive', world.regions), isAssumed: false };
  return { newest, state: stateAfter(newest, first), isAssumed, presences };
}

/**
 * The state while the log is empty. It is configured in the Regions, so they are asked: the secondary says
 * "here" in active-active only. A guess would be written down by the first verb, `mode` included, and then
 * move traffic that nobody meant to move.
 */
async function configuredState(
  presences: readonly Presence[],
  world: RoutingWorld,
): Promise<{ readonly first: RoutingState; readonly isAssumed: boolean }> {
  const answers = await Promise.all(
    world.regions.slice(1).map((region) => {
      const apiUrl = apiUrlOf(region, presences, world);
      return apiUrl === null ? 'unreachable' : world.askTraffic(apiUrl);
    }),
  );
  const policy = answers.includes('here') ? 'active-active' : 'active-passive';
  const isKnown = answers.some((answer) => answer === 'here' || answer === 'elsewhere');
  return { first: firstState(policy, world.regions), isAssumed: !isKnown };
}
