/** `routing` and `history`: where traffic goes, and how that came about. */

import type { Presence } from '#core/routing/presence.ts';
import {
  type ChainFault,
  chainFault,
  type RoutingEntry,
  type RoutingState,
} from '#core/routing/routing-log.ts';
import { readPresentRouting } from './present-routing.ts';
import type { RoutingWorld, TrafficAnswer } from './routing-world.ts';
import { lookAtTraffic } from './settle-traffic.ts';

export interface RegionRouting {
  readonly region: string;
  readonly active: boolean;
  readonly drained: boolean;
  /** What it answers itself. */
  readonly traffic: TrafficAnswer;
  /** Of its orchestrator; null: it has never been heard of. */
  readonly presence: Presence | null;
  /** Since its last heartbeat, by this machine's clock and its own; null: there was none. */
  readonly silentForMs: number | null;
}

export interface RoutingReport {
  readonly state: RoutingState;
  /** The log is empty, and no Region has ever said whether both take traffic: active-passive is assumed. */
  readonly isAssumed: boolean;
  /** What made the state; null: nobody has changed it yet. */
  readonly newest: RoutingEntry | null;
  /** The primary first. */
  readonly regions: readonly RegionRouting[];
}

/** Asks, and changes nothing. Throws `OpsError` when no Region answers. */
export async function showRouting(world: RoutingWorld): Promise<RoutingReport> {
  const { newest, state, isHomeAssumed, presences } = await readPresentRouting(world);
  const traffic = await lookAtTraffic(state.active, presences, world);
  const now = world.clock.nowEpochMs();
  const regions = traffic.map(({ region, isActive, answer }) => {
    const presence = presences.find((one) => one.region === region) ?? null;
    return {
      region,
      active: isActive,
      drained: state.drained.includes(region),
      traffic: answer,
      presence,
      silentForMs: presence === null ? null : Math.max(0, now - presence.atEpochMs),
    };
  });
  return { state, isAssumed: newest === null && isHomeAssumed, newest, regions };
}

export interface HistoryReport {
  /** The newest of them, oldest first. */
  readonly entries: readonly RoutingEntry[];
  /** How many there are altogether. */
  readonly total: number;
  /** What is wrong with the chain of all of them; null: it is whole. */
  readonly fault: ChainFault | null;
}

/** Reads the whole log and verifies its chain. `limit`: entries in the report. Throws `OpsError`. */
export async function showHistory(limit: number, world: RoutingWorld): Promise<HistoryReport> {
  const entries = await world.log.all(world.deadline());
  return {
    entries: entries.slice(-limit),
    total: entries.length,
    fault: chainFault(entries, world.hash),
  };
}
