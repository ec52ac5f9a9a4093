/** Waits until a target is as it is to be with nothing broken. */

import type { DrillWorld } from '../drill/drill-world.ts';
import type { Observation } from '../drill/observation.ts';
import { observe } from '../drill/observer.ts';
import type { Pace } from '../drill/pace.ts';

/**
 * For so long without a break: several of an alarm's periods in the profile `fast`, so that what is counted late
 * has been counted. Milliseconds.
 */
const REST_MS = 2_000;

/**
 * Resolves with what is not at rest when the time for it is over, one line each; empty: all of it is. Both Regions
 * are up and serve, no alarm calls one impaired, and DNS answers with a Region that the routing log sends traffic to.
 */
export async function awaitRest(
  world: DrillWorld,
  { observeEveryMs, withinMs }: Pick<Pace, 'observeEveryMs' | 'withinMs'>,
): Promise<readonly string[]> {
  const { clock, sleep } = world;
  const endAtEpochMs = clock.nowEpochMs() + withinMs.healthy;
  let restsSinceEpochMs: number | null = null;
  for (;;) {
    const now = clock.nowEpochMs();
    const left = restless(await observe(world), world.impairedAlarm);
    if (left.length > 0) restsSinceEpochMs = null;
    else restsSinceEpochMs ??= now;
    if (restsSinceEpochMs !== null && now - restsSinceEpochMs >= REST_MS) return [];
    if (clock.nowEpochMs() >= endAtEpochMs) return left;
    await sleep(observeEveryMs);
  }
}

/** Pure. */
function restless(
  { regions, dnsRegion, routing, alarms }: Observation,
  impairedAlarm: string,
): readonly string[] {
  const down = (regions ?? []).filter(
    ({ condition, serves }) => condition !== 'up' || serves !== true,
  );
  const ringing = Object.entries(alarms).filter(([, names]) => names?.includes(impairedAlarm));
  const silent = Object.entries(alarms).filter(([, names]) => names === null);
  const isRouted = dnsRegion !== null && routing?.active.includes(dnsRegion) === true;
  return [
    ...(regions === null ? ['the target does not say how its Regions are'] : []),
    ...down.map(({ name, condition }) => `${name} is ${condition} and does not serve`),
    ...ringing.map(([name]) => `${name} is impaired, says its alarm`),
    ...silent.map(([name]) => `the alarms of ${name} can't be read`),
    ...(isRouted ? [] : [`DNS answers with ${dnsRegion ?? 'nobody'}, which takes no traffic`]),
  ];
}
