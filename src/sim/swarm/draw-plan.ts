/** What a seed comes to: a world, its people, and what goes wrong in it. */

import type { FaultId } from '../faults/fault-ids.ts';
import type { PlannedFault } from '../faults/fault-spec.ts';
import { hurtRegionOf } from '../faults/hurt-region.ts';
import { createRandom, type Random } from '../kernel/random.ts';
import type { Placement, SimPlan, Timings, Topology, WorkloadShape } from '../plan.ts';
import type { SimMode } from '../sim-result.ts';
import { isFoundByAlarm } from './draw-fault.ts';
import { drawFaults, drawLong, safetyMsOf } from './draw-faults.ts';
import { drawOrders } from './draw-orders.ts';

/** An operator brings traffic back in so many of the runs. */
const FAILBACK_SHARE = 0.25;
/** The environment that was used last is met in so many of them, as it mostly is. */
const LATEST_SHARE = 0.7;
/** In the others; what a new process knows nothing of is what is most easily forgotten. */
const OTHER_PLACEMENTS = ['any', 'oldest', 'new', 'new'] as const;
/** No orchestrator had run for a while in so many of them: longer than a process waits, or than its word counts. */
const LAPSED = { runs: 0.15, minMs: 45_000, maxMs: 400_000 } as const;
/** Share of the eventual worlds, and of the ids in them. */
const CONTESTED = { runs: 0.35, min: 0.3, max: 0.6 } as const;
/** Up to production's default: longer than a watch. Milliseconds. */
const LONG_SILENCE_MS = { min: 45_000, max: 60_000 } as const;
/** Payments of a long run go on for so long after a loss for good. */
const AFTER_LOSS_MS = 30_000;
/** Each feature of the workload is left out of so many of them: what is absent changes what the rest meets. */
const FEATURE_OFF_SHARE = 0.55;
/** A feature that a fault of the run is about is in so many payments at least. */
const FEATURE_NEEDED = 0.15;

/**
 * The plan of a seed: a whole number from 0 to 2^53 - 1. `fixed`: parts of the topology that are not the seed's to
 * draw. Pure.
 */
export function drawPlan(seed: number, mode: SimMode, fixed: Partial<Topology> = {}): SimPlan {
  const random = createRandom(seed, 'plan');
  const topology = { ...drawFromMode(random, mode), ...fixed };
  const shortest = drawTimings(random);
  const long = drawLong(seed, topology, shortest);
  const faults = long ?? drawFaults(random, topology, shortest);
  const isLost = faults.some(isHurtForGood);
  const { placement, silenceMs } = drawPlacement(seed);
  // Nobody heals it, so there is time for a silence that no process can watch from its beginning to its end.
  const timings = isLost && placement !== 'latest' ? { ...shortest, silenceMs } : shortest;
  const drawn = drawWorkload(random, faults);
  const workload = contested(seed, topology, long === null ? drawn : spreadOver(long, drawn));
  const safetyMs = safetyMsOf(faults);
  const failbackAtMs = random.chance(FAILBACK_SHARE) ? safetyMs + random.int(10_000, 40_000) : null;
  const orders = drawOrders(seed, faults, safetyMs);
  const heartbeatAgeMs = drawHeartbeatAge(seed);
  return {
    ...{ seed, topology, timings, workload, faults, safetyMs },
    ...(placement !== 'latest' && { placement }),
    ...(heartbeatAgeMs > 0 && { heartbeatAgeMs }),
    ...(orders.length > 0 && { orders }),
    // To a Region that is hurt for good nobody goes back.
    failbackAtMs: isLost ? null : failbackAtMs,
    crashAt: [],
  };
}

/** Payments for as long as there are faults to meet. */
function spreadOver(faults: readonly PlannedFault[], drawn: WorkloadShape): WorkloadShape {
  const ends = faults.map(({ atMs, forMs }) => atMs + (forMs ?? AFTER_LOSS_MS));
  return { ...drawn, spreadMs: Math.max(...ends) };
}

/**
 * In some eventual worlds many ids are asked for again as something else: what two Regions that can't see each other
 * make of one id takes two requests for it on either side of a cut, which few runs have by chance.
 */
function contested(seed: number, { consistency }: Topology, drawn: WorkloadShape): WorkloadShape {
  const random = createRandom(seed, 'contested');
  if (consistency === 'strong' || !random.chance(CONTESTED.runs)) return drawn;
  return { ...drawn, conflictShare: random.int(CONTESTED.min * 100, CONTESTED.max * 100) / 100 };
}

/** From a stream of its own, so that what it does not concern stays what it was. */
function drawPlacement(seed: number): {
  readonly placement: Placement;
  readonly silenceMs: number;
} {
  const random = createRandom(seed, 'placement');
  const placement = random.chance(LATEST_SHARE) ? 'latest' : random.pick(OTHER_PLACEMENTS);
  return { placement, silenceMs: random.int(LONG_SILENCE_MS.min, LONG_SILENCE_MS.max) };
}

function drawHeartbeatAge(seed: number): number {
  const random = createRandom(seed, 'heartbeat');
  return random.chance(LAPSED.runs) ? random.int(LAPSED.minMs, LAPSED.maxMs) : 0;
}

/** A topology among those of a mode; eventually consistent tables are never written in two Regions at once. */
export function drawFromMode(random: Random, mode: SimMode): Topology {
  // Every mode makes the same draws.
  const isStrong = random.chance(0.8);
  const isPassive = random.chance(0.75);
  const failback = random.chance(0.8) ? 'manual' : 'automatic';
  const gateway = random.chance(0.85) ? 'bank' : 'recording';
  switch (mode) {
    case 'eventual':
      return { consistency: 'eventual', policy: 'active-passive', failback, gateway };
    case 'active-active':
      return { consistency: 'strong', policy: 'active-active', failback, gateway };
    case 'strong': {
      const policy = isPassive ? 'active-passive' : 'active-active';
      return { consistency: 'strong', policy, failback, gateway };
    }
    case 'active-passive': {
      const consistency = isStrong ? 'strong' : 'eventual';
      return { consistency, policy: 'active-passive', failback, gateway };
    }
    case 'any': {
      const consistency = isStrong ? 'strong' : 'eventual';
      const policy = isPassive || !isStrong ? 'active-passive' : 'active-active';
      return { consistency, policy, failback, gateway };
    }
  }
}

/** Production's intervals, cut to a run of some minutes. */
function drawTimings(random: Random): Timings {
  const probeIntervalMs = random.int(8_000, 12_000);
  return {
    probeIntervalMs,
    // At least three probes, as the deployment demands: a heartbeat that is late is not silence.
    silenceMs: random.int(3 * probeIntervalMs, 36_000),
    cooldownMs: random.int(60_000, 100_000),
    soakMs: random.int(30_000, 90_000),
    dnsTtlMs: random.int(10_000, 30_000),
    healthIntervalMs: 10_000,
    indexLagMs: random.chance(0.6) ? 0 : random.int(50, 2_000),
    replicationLagMs: random.int(50, 2_000),
    sweepIntervalMs: 60_000,
    visibilityTimeoutMs: random.int(30_000, 90_000),
  };
}

function drawWorkload(random: Random, faults: readonly PlannedFault[]): WorkloadShape {
  /** `by`: the faults that would meet nothing without it. */
  const share = (max: number, by: readonly FaultId[]): number => {
    const isNeeded = faults.some(({ id }) => by.includes(id));
    const isOff = random.chance(FEATURE_OFF_SHARE);
    const drawn = random.int(0, max * 100) / 100;
    if (isNeeded) return Math.max(FEATURE_NEEDED, drawn);
    return isOff ? 0 : drawn;
  };
  // An alarm judges periods with traffic: there has to be some for as long as it takes, and enough of it.
  const isForAlarms = faults.some(
    (fault) => isFoundByAlarm(fault.id) && hurtRegionOf(fault) !== null,
  );
  return {
    payments: random.int(46, 52),
    spreadMs: isForAlarms ? random.int(50_000, 65_000) : random.int(25_000, 70_000),
    acceptShare: share(0.4, ['F16', 'F17', 'F18', 'F22']),
    repeatShare: share(0.2, ['F14']),
    conflictShare: share(0.1, []),
    refundShare: share(0.2, ['F13']),
    readShare: share(0.2, []),
    slowShare: share(0.2, []),
    dnsShare: share(0.4, ['F19', 'F21']),
    burst: random.chance(0.5) ? 1 : random.int(2, 8),
    declineShare: random.chance(0.3) ? 0 : random.int(0, 10) / 100,
  };
}

function isHurtForGood(fault: PlannedFault): boolean {
  return fault.forMs === null && hurtRegionOf(fault) !== null;
}
