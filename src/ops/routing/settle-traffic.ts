/** Waits until the Regions answer as the routing log says: what Route 53 sees of a change. */

import type { Presence } from '#core/routing/presence.ts';
import { apiUrlOf, type RoutingWorld, type TrafficAnswer } from './routing-world.ts';

export interface RegionTraffic {
  readonly region: string;
  readonly isActive: boolean;
  readonly answer: TrafficAnswer;
}

export interface SettledTraffic {
  /** The active Regions take traffic, and no other that answers does. */
  readonly isSettled: boolean;
  readonly regions: readonly RegionTraffic[];
}

/** A Region reads the log once a second; beyond this something is wrong. */
export const SETTLE_MS = 20_000;
const POLL_MS = 500;

/** Resolves when it is so, or after `SETTLE_MS`. Never rejects. */
export async function awaitTraffic(
  active: readonly string[],
  presences: readonly Presence[],
  world: RoutingWorld,
  onProgress: (text: string) => void,
): Promise<SettledTraffic> {
  const endAtEpochMs = world.clock.nowEpochMs() + SETTLE_MS;
  for (;;) {
    const regions = await lookAtTraffic(active, presences, world);
    const waitedFor = regions.filter(({ isActive, answer }) => isActive !== (answer === 'here'));
    if (waitedFor.length === 0) return { isSettled: true, regions };
    if (world.clock.nowEpochMs() >= endAtEpochMs) return { isSettled: false, regions };
    onProgress(
      `waiting for ${waitedFor.map(({ region, answer }) => `${region} (${answer})`).join(', ')}`,
    );
    await world.sleep(POLL_MS);
  }
}

/** Asks every Region once. Never rejects. */
export async function lookAtTraffic(
  active: readonly string[],
  presences: readonly Presence[],
  world: RoutingWorld,
): Promise<readonly RegionTraffic[]> {
  return Promise.all(
    world.regions.map(async (region) => {
      const apiUrl = apiUrlOf(region, presences, world);
      const answer = apiUrl === null ? 'unreachable' : await world.askTraffic(apiUrl);
      return { region, isActive: active.includes(region), answer };
    }),
  );
}
