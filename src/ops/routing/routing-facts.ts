/** What a routing verb is checked against before it changes anything. */

import { PROBE_SLOW_MS } from '#core/routing/judge-region.ts';
import type { OperatorFacts, RoutingVerb } from '#core/routing/operator-change.ts';
import type { Presence } from '#core/routing/presence.ts';
import { apiUrlOf, type RoutingWorld } from './routing-world.ts';

/** How long the primary must have been healthy before traffic is brought back: six rounds of probes. */
export const FAILBACK_SOAK_MS = 60_000;
/** A heartbeat that is older says nothing of now; between two ticks there are up to 40 s without one. */
export const BEAT_STALE_MS = 90_000;

/** Facts before anything was asked: nothing is known against anybody. */
export function noFacts(regions: readonly string[]): OperatorFacts {
  return { regions, unfitness: () => null, returnFault: null };
}

/**
 * Asks every Region at once, and those that traffic would go to for a strong read of their payments too.
 * Verbs that move nothing ask nobody. Throws `OpsError` when nobody can say what is open.
 */
export async function gatherFacts(
  verb: RoutingVerb,
  presences: readonly Presence[],
  world: RoutingWorld,
): Promise<OperatorFacts> {
  const { regions } = world;
  if (verb.verb === 'mode' || verb.verb === 'undrain') return noFacts(regions);
  const targets = targetsOf(verb, regions);
  const [faults, returnFault] = await Promise.all([
    Promise.all(
      regions.map((region) => unfitnessOf(region, targets.includes(region), presences, world)),
    ),
    verb.verb === 'failback' ? returnFaultOf(regions[0] ?? '', presences, world) : null,
  ]);
  const byRegion = new Map(regions.map((region, place) => [region, faults[place] ?? null]));
  return { regions, unfitness: (region) => byRegion.get(region) ?? null, returnFault };
}

function targetsOf(verb: RoutingVerb, regions: readonly string[]): readonly string[] {
  switch (verb.verb) {
    case 'failover':
      return [verb.to];
    case 'failback':
      return regions.slice(0, 1);
    case 'drain':
      return regions.filter((region) => region !== verb.region);
    case 'undrain':
    case 'mode':
      return [];
  }
}

async function unfitnessOf(
  region: string,
  isTarget: boolean,
  presences: readonly Presence[],
  world: RoutingWorld,
): Promise<string | null> {
  const apiUrl = apiUrlOf(region, presences, world);
  if (apiUrl === null) {
    return `${region} has never been heard of: its orchestrator has not said where its API is`;
  }
  const [health, alarm, replica] = await Promise.all([
    world.askHealth(apiUrl),
    world.alarmOf(region),
    isTarget ? world.replicaFault(region) : null,
  ]);
  if (health.kind === 'unreachable') return `${region} does not answer`;
  if (health.kind === 'refused') return `${region} says that it can't serve`;
  if (health.latencyMs > PROBE_SLOW_MS) return `${region} answers too slowly`;
  if (replica !== null) return `the payments table of ${region} does not answer: ${replica}`;
  return alarm === 'impaired' ? `the alarm of ${region} rings: it serves payments badly` : null;
}

/** Why the primary should not have its traffic back yet. */
async function returnFaultOf(
  primary: string,
  presences: readonly Presence[],
  world: RoutingWorld,
): Promise<string | null> {
  const soak = soakFault(
    primary,
    presences.find(({ region }) => region === primary),
    world.clock.nowEpochMs(),
  );
  if (soak !== null) return soak;
  const overdue = await world.overduePayments();
  if (overdue === 0) return null;
  const payments = overdue === 1 ? 'open payment is' : 'open payments are';
  return `${overdue} ${payments} overdue: let the sweepers finish, about a minute`;
}

/** How long it has been healthy is read off its own clock alone; only the beat's age needs ours. */
function soakFault(primary: string, beat: Presence | undefined, nowEpochMs: number): string | null {
  if (beat === undefined) return `${primary} has never been heard of`;
  const silentMs = Math.abs(nowEpochMs - beat.atEpochMs);
  if (silentMs > BEAT_STALE_MS) {
    return `the orchestrator of ${primary} was last heard of ${seconds(silentMs)} s ago`;
  }
  if (beat.healthySinceEpochMs === null) return `${primary} is not healthy by its own account`;
  const healthyMs = beat.atEpochMs - beat.healthySinceEpochMs;
  if (healthyMs >= FAILBACK_SOAK_MS) return null;
  return (
    `${primary} has been healthy for ${seconds(Math.max(0, healthyMs))} s only: ` +
    `wait until it is ${seconds(FAILBACK_SOAK_MS)} s`
  );
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
