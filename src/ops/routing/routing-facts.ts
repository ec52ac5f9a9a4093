/** What a routing verb is checked against before it changes anything. */

import type { OperatorFacts, RoutingVerb } from '#core/routing/operator-change.ts';
import { serviceFault } from '#core/routing/operator-facts.ts';
import type { Presence } from '#core/routing/presence.ts';
import { soakFault } from '#core/routing/soak-fault.ts';
import { isFault, reasonOf } from '../ops-error.ts';
import type { PresentRouting } from './present-routing.ts';
import { apiUrlOf, type RoutingWorld } from './routing-world.ts';

type Known = Pick<PresentRouting, 'home' | 'presences'>;

/** Facts before anything was asked: nothing is known against anybody. */
export function noFacts(regions: readonly string[], home: readonly string[]): OperatorFacts {
  return { regions, home, unfitness: () => null, returnFault: () => null };
}

/**
 * Asks every Region at once, and those that traffic would go to for a strong read of their payments too.
 * Verbs that move nothing ask nobody.
 */
export async function gatherFacts(
  verb: RoutingVerb,
  { home, presences }: Known,
  world: RoutingWorld,
): Promise<OperatorFacts> {
  const { regions } = world;
  if (verb.verb === 'mode' || verb.verb === 'undrain') return noFacts(regions, home);
  const targets = targetsOf(verb, regions, home);
  const [faults, returnFaults] = await Promise.all([
    Promise.all(
      regions.map((region) => unfitnessOf(region, targets.includes(region), presences, world)),
    ),
    verb.verb === 'failback' ? returnFaultsOf(home, presences, world) : new Map<string, string>(),
  ]);
  const byRegion = new Map(regions.map((region, place) => [region, faults[place] ?? null]));
  return {
    ...{ regions, home },
    unfitness: (region) => byRegion.get(region) ?? null,
    returnFault: (region) => returnFaults.get(region) ?? null,
  };
}

function targetsOf(
  verb: RoutingVerb,
  regions: readonly string[],
  home: readonly string[],
): readonly string[] {
  switch (verb.verb) {
    case 'failover':
      return [verb.to];
    case 'failback':
      return home;
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
  // How long a new connection takes is mostly the way to whoever asks. A Region that has been well by the probes of its own
  // orchestrator, which is as far away as its callers, is not slow because an operator is far away.
  const beat = presences.find((one) => one.region === region);
  const isWell = soakFault(region, beat, world.clock.nowEpochMs()) === null;
  const seen = health.kind === 'served' && isWell ? { ...health, latencyMs: 0 } : health;
  const fault = serviceFault(region, seen, alarm);
  if (fault !== null || replica === null) return fault;
  return `the payments table of ${region} does not answer: ${replica}`;
}

/** Why Regions should not have their traffic back yet, by Region; those that nothing is against are left out. */
async function returnFaultsOf(
  home: readonly string[],
  presences: readonly Presence[],
  world: RoutingWorld,
): Promise<ReadonlyMap<string, string>> {
  const now = world.clock.nowEpochMs();
  const soaks = home.map((region) => {
    const beat = presences.find((one) => one.region === region);
    return { region, fault: soakFault(region, beat, now) };
  });
  // What is open is one for all of them, and of interest only where a Region could come back at all.
  const open = soaks.some(({ fault }) => fault === null) ? await overdueFault(world) : null;
  return new Map(
    soaks.flatMap(({ region, fault }) => {
      const why = fault ?? open;
      return why === null ? [] : [[region, why] as const];
    }),
  );
}

/** Where nobody can count them that is a reason as well: it is refused, and can be forced. */
async function overdueFault(world: RoutingWorld): Promise<string | null> {
  let overdue: number;
  try {
    overdue = await world.overduePayments();
  } catch (error) {
    if (!isFault(error)) throw error;
    return `nobody can say whether payments are open: ${reasonOf(error)}`;
  }
  if (overdue === 0) return null;
  const payments = overdue === 1 ? 'open payment is' : 'open payments are';
  return `${overdue} ${payments} overdue: let the sweepers finish, about a minute`;
}
