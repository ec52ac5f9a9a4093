/** Invariant 13 for a Region that nothing heals: where the other one could serve, traffic goes there within the bound. */

import { firstState } from '#core/routing/routing-log.ts';
import { type PlannedFault, REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { peerOf, type SimPlan } from '../plan.ts';
import type { System } from '../system.ts';
import { spoiledBy } from './fault-episodes.ts';
import type { Appended } from './routing-watch.ts';

/** Between two invocations of an orchestrator. Source: src/infra/failover-orchestrator.ts. */
const TICK_MS = 60_000;
/** So many make a verdict. Source: docs/adr/0017-failover-decision.md. */
const PROBES = 3;

/** A while in which a Region is not to have the traffic, by virtual milliseconds; `toMs` may be infinite. */
interface Reason {
  readonly region: RegionName;
  /** `cut`: nobody reaches it, or it reaches nobody. `alarm`: by its own alarm it serves badly. */
  readonly kind: 'cut' | 'alarm';
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the log says from a moment on. */
interface Standing {
  readonly active: readonly string[];
  readonly drained: readonly string[];
  readonly mode: 'auto' | 'manual';
  /** When traffic last changed its place; null: it never did. */
  readonly movedAtMs: number | null;
}

/**
 * Judges for how long traffic went, as the log has it, to a Region that it should have left. Time counts while nothing
 * stood in the way:
 *
 * - people had ordered manual mode, or that the other Region be drained;
 * - traffic had been moved less than the cooldown before;
 * - the other Region had a fault of its own, or one that both share: there was nowhere to go, or nobody to know it;
 * - for an alarm: traffic had been moved before. It may ring for what came along, and waits for the soak of the Region
 *   that was left. Nor while a Region is cut off, whose alarm nobody can ask.
 */
export function checkLeftInTime(system: System, appended: readonly Appended[]): void {
  const { plan, world, alarms } = system;
  const ringing = alarms.rings.map((ring) => ({ ...ring, kind: 'alarm' as const }));
  for (const reason of [...cutsOf(plan), ...ringing]) {
    const keptMs = keptFor({ ...reason, toMs: Math.min(reason.toMs, world.nowMs) }, plan, appended);
    const boundMs = leaveWithinMs(reason.kind, plan);
    if (keptMs <= boundMs) continue;
    const why = reason.kind === 'cut' ? 'was cut off' : 'had its alarm ringing';
    const what = `${reason.region} ${why}, and was to be left within ${boundMs} ms`;
    system.violate(
      13,
      `${what}: nothing stood in the way, and traffic went there for ${keptMs} ms`,
    );
  }
}

/**
 * How soon traffic has to be elsewhere, milliseconds. Who is cut off has to be silent for so long first, and whoever sees
 * that out may have to leave the decision to the next tick, in which three probes come before a verdict. An alarm is
 * known to all who ask: to the next tick's at the latest, wherever its message went. An orchestrator that dies at a
 * boundary that was counted out for it begins anew with the tick after.
 */
function leaveWithinMs(kind: Reason['kind'], { timings, crashAt }: SimPlan): number {
  const silentMs = kind === 'cut' ? timings.silenceMs : 0;
  return silentMs + (1 + crashAt.length) * TICK_MS + PROBES * timings.probeIntervalMs;
}

/** The longest time on end for which traffic went there and nothing stood in the way. */
function keptFor(
  { region, kind, fromMs, toMs }: Reason,
  { topology, timings, faults, safetyMs }: SimPlan,
  appended: readonly Appended[],
): number {
  const hindrances = faults
    .filter((fault) => mayHinder(fault, region) || (kind === 'alarm' && isCut(fault)))
    .map((fault) => ({ atMs: fault.atMs, toMs: hindersUntil(fault, safetyMs) }));
  const isCounted = (atMs: number): boolean => {
    const { active, drained, mode, movedAtMs } = standingAt(atMs, topology.policy, appended);
    if (mode === 'manual' || !active.includes(region)) return false;
    if (drained.includes(peerOf(region))) return false;
    if (movedAtMs !== null && (kind === 'alarm' || atMs < movedAtMs + timings.cooldownMs)) {
      return false;
    }
    return !hindrances.some((one) => one.atMs <= atMs && atMs < one.toMs);
  };
  // Whatever may change, and when.
  const turns = [
    ...[fromMs, toMs],
    ...hindrances.flatMap((one) => [one.atMs, one.toMs]),
    ...appended.flatMap(({ atMs }) => [atMs, atMs + timings.cooldownMs]),
  ];
  let longestMs = 0;
  let sinceMs: number | null = null;
  for (const atMs of turns.toSorted((one, two) => one - two)) {
    if (atMs < fromMs || atMs > toMs) continue;
    if (sinceMs !== null) longestMs = Math.max(longestMs, atMs - sinceMs);
    sinceMs = isCounted(atMs) ? (sinceMs ?? atMs) : null;
  }
  return longestMs;
}

function standingAt(
  atMs: number,
  policy: SimPlan['topology']['policy'],
  appended: readonly Appended[],
): Standing {
  const { active } = firstState(policy, REGIONS);
  let standing: Standing = { active, drained: [], mode: 'auto', movedAtMs: null };
  for (const one of appended) {
    if (one.atMs > atMs) break;
    const { entry } = one;
    const hasMoved = entry.active.join() !== standing.active.join();
    standing = { ...entry, movedAtMs: hasMoved ? one.atMs : standing.movedAtMs };
  }
  return standing;
}

function cutsOf({ faults, safetyMs }: SimPlan): readonly Reason[] {
  return faults.filter(isCut).map((fault) => ({
    ...{ region: fault.region, kind: 'cut' as const },
    ...{ fromMs: fault.atMs, toMs: endOf(fault, safetyMs) },
  }));
}

function isCut(fault: PlannedFault): fault is Extract<PlannedFault, { id: 'F1' | 'F2' | 'F4' }> {
  return fault.id === 'F1' || fault.id === 'F2' || fault.id === 'F4';
}

function endOf({ atMs, forMs }: PlannedFault, safetyMs: number): number {
  return forMs === null ? Number.POSITIVE_INFINITY : Math.min(atMs + forMs, safetyMs);
}

/** Who died or stood still has seen nothing, and begins anew with the next tick. */
function hindersUntil(fault: PlannedFault, safetyMs: number): number {
  return endOf(fault, safetyMs) + ('process' in fault ? TICK_MS : 0);
}

/** Whether a fault may keep the Region other than `region` from serving, from seeing, or from deciding. */
function mayHinder(fault: PlannedFault, region: RegionName): boolean {
  const spoiled = spoiledBy(fault);
  return spoiled !== null && spoiled !== region;
}
