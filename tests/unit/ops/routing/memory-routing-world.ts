/** Two Regions in memory that follow a routing log, on a clock that only sleeping moves. */

import { sha256Hex } from '#adapters/system.ts';
import type { Presence } from '#core/routing/presence.ts';
import { firstState, stateAfter } from '#core/routing/routing-log.ts';
import type { RoutingWorld, TrafficAnswer } from '#ops/routing/routing-world.ts';
import {
  createMemoryRouting,
  createMemoryRoutingLog,
  type MemoryRouting,
} from '../../../support/memory-routing-log.ts';

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';
export const NOW = 1_700_000_000_000;
const REGIONS = [EAST_1, EAST_2];

export interface MemoryWorld {
  readonly memory: MemoryRouting;
  readonly world: RoutingWorld;
  /** What was asked of whom, in order. */
  readonly asked: string[];
  readonly nowEpochMs: () => number;
}

/**
 * `policy`: as the Regions are configured. `down`: Regions that answer nothing. `lagMs`: how long the
 * Regions take to see an entry. `more`: replaces ports.
 */
export function createMemoryWorld(
  options: {
    readonly policy?: 'active-passive' | 'active-active';
    readonly down?: readonly string[];
    readonly lagMs?: number;
    readonly more?: Partial<RoutingWorld>;
  } = {},
): MemoryWorld {
  const { policy = 'active-passive', down = [], lagMs = 0, more = {} } = options;
  const memory = createMemoryRouting();
  const asked: string[] = [];
  let now = NOW;
  for (const region of REGIONS) {
    memory.presences.set(region, presenceOf(region, { policy }));
  }
  const regionOf = (apiUrl: string) => REGIONS.find((region) => apiUrl.includes(region)) ?? '';
  const trafficOf = (region: string): TrafficAnswer => {
    if (down.includes(region)) return 'unreachable';
    const seen = memory.entries.filter(({ atEpochMs }) => atEpochMs + lagMs <= now).at(-1) ?? null;
    const { active } = stateAfter(seen, firstState(policy, REGIONS));
    return active.includes(region) ? 'here' : 'elsewhere';
  };
  const world: RoutingWorld = {
    regions: REGIONS,
    log: createMemoryRoutingLog(memory),
    presences: async () => [...memory.presences.values()],
    apiUrls: {},
    async askHealth(apiUrl) {
      const region = regionOf(apiUrl);
      asked.push(`health ${region}`);
      return down.includes(region) ? { kind: 'unreachable' } : { kind: 'served', latencyMs: 20 };
    },
    askTraffic: async (apiUrl) => trafficOf(regionOf(apiUrl)),
    async alarmOf(region) {
      asked.push(`alarm ${region}`);
      return down.includes(region) ? 'unknown' : 'clear';
    },
    async replicaFault(region) {
      asked.push(`replica ${region}`);
      return down.includes(region) ? 'no quorum' : null;
    },
    overduePayments: async () => 0,
    takeLease: async () => null,
    clock: { nowEpochMs: () => now },
    sleep: async (ms) => void (now += ms),
    deadline: () => ({ atEpochMs: now + 6_000 }),
    hash: sha256Hex,
    newId: () => `id-${asked.push('id')}`,
    ...more,
  };
  return { memory, world, asked, nowEpochMs: () => now };
}

/** A Region that has been healthy for ten minutes. */
export function presenceOf(region: string, changes: Partial<Presence> = {}): Presence {
  return {
    ...{ region, apiUrl: `https://${region}.example/`, beat: 60, serving: true },
    ...{ policy: 'active-passive', healthySinceEpochMs: NOW - 605_000, atEpochMs: NOW - 5_000 },
    followedEpoch: 0,
    peerHealthy: null,
    peerSilence: null,
    peerHealthyNow: null,
    moveAge: null,
    ...changes,
  };
}
