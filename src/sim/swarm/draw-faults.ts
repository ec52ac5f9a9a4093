/**
 * Draws the faults of a run. Swarm testing: first the kinds that can happen in it at all, each with a weight of its
 * own, so that runs differ in kind and not only in degree; then the faults.
 *
 * Source: Groce et al., "Swarm Testing", ISSTA 2012.
 */

import { FAULT_IDS, type FaultId } from '../faults/fault-ids.ts';
import { type PlannedFault, REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { hurtRegionOf } from '../faults/hurt-region.ts';
import { createRandom, type Random } from '../kernel/random.ts';
import { peerOf, type Timings, type Topology } from '../plan.ts';
import {
  AT_MS,
  drawFault,
  drawMover,
  type FaultDraw,
  MOVER_IDS,
  MOVERS_BY_ALARM,
  SKEW_MS_MAX,
  seenAfterMs,
} from './draw-fault.ts';

/** The end of the safety phase at the latest, milliseconds. */
export const SAFETY_MS_MAX = 115_000;
const MOVER_SHARE = 0.9;
/**
 * Runs that are about something, added up: about coming back; about a standby that is cut off, after which nothing may
 * move; about a Region that is lost for good while clocks are wrong.
 */
const SHARES = { back: 0.12, standby: 0.15, skewed: 0.17 } as const;
/**
 * Runs that are about one course of things, and take longer than others. `again`: the Region that took over is lost as well,
 * for good, once the first one is back; `greyFirst` of those after it has served badly for a while, so that its alarm
 * rings as it is lost. `grey`: the Region with the traffic serves badly for longer than it may be left with it.
 */
const LONG = { again: 0.04, greyFirst: 0.5, grey: 0.02 } as const;
/** More than a run takes to come to rest: what is an hour away never comes in it. */
const SKEW_TO_MATTER_MS = 1_500_000;
const CUTS = ['F1', 'F2'] as const;
/** For so long both Regions may be hurt at once: it comes to an outage, and is one episode. Milliseconds. */
const BOTH_HURT_MS_MAX = 5_000;
/** As often as a kind is to be among the possible ones, against the usual 1. */
const WEIGHTS: Readonly<Partial<Record<FaultId, number>>> = { F22: 0.35 };
/** By then every orchestrator has beaten: its schedule begins within 10 s. */
export const HEARD_OF_MS = 15_000;
/** Where no fault is there to move traffic, what goes with a failover comes so early. */
const NO_MOVER_AT_MS = 20_000;

/** At least one; those that hurt both Regions at once for long are left out. In the order of their beginnings. */
export function drawFaults(random: Random, topology: Topology, timings: Timings): PlannedFault[] {
  const count = drawCount(random);
  const course = random.next();
  if (course < SHARES.back) return drawReturn(random, topology, timings, count);
  const faults: PlannedFault[] = [];
  if (course < SHARES.standby) {
    faults.push(drawMover(random.pick(CUTS), REGIONS[1], { random, topology, timings }));
  } else if (course < SHARES.skewed) {
    faults.push(...drawSkewedLoss(random, topology, timings));
  } else if (random.chance(MOVER_SHARE)) {
    // In active-passive there is nothing to be moved away from the other.
    const region = topology.policy === 'active-passive' ? REGIONS[0] : random.pick(REGIONS);
    faults.push(drawMover(random.pick(MOVER_IDS), region, { random, topology, timings }));
  }
  const moverAtMs = faults[0]?.atMs ?? NO_MOVER_AT_MS;
  const draw: FaultDraw = { random, topology, timings, moverAtMs };
  const kinds = drawKinds(random, count);
  for (let left = count - faults.length; left > 0; left -= 1) {
    const fault = placed(within(drawFault(random.pick(kinds), draw)), faults);
    if (fault !== null) faults.push(fault);
  }
  // The first has nothing to collide with, so there is one.
  return onceHeardOf(faults).sort((one, two) => one.atMs - two.atMs);
}

/**
 * A failover, and somebody who brings traffic back as soon as the Region is well again, among other faults: what
 * comes at any time would all be healed by then.
 */
function drawReturn(
  random: Random,
  topology: Topology,
  timings: Timings,
  count: number,
): PlannedFault[] {
  const region = REGIONS[0];
  const id = random.pick(CUTS);
  const moverAtMs = AT_MS.min + random.int(0, 3_000);
  const moverForMs = seenAfterMs(timings) + random.int(15_000, 20_000);
  const draw: FaultDraw = { random, topology, timings, moverAtMs };
  const mover = { ...drawMover(id, region, draw), atMs: moverAtMs, forMs: moverForMs };
  const returnAtMs = moverAtMs + moverForMs + random.int(1_000, 4_000);
  const early = { ...drawFault('F25', draw), atMs: returnAtMs, forMs: SAFETY_MS_MAX - returnAtMs };
  const faults: PlannedFault[] = [mover, early];
  const kinds = drawKinds(random, count);
  for (let left = count; left > 0; left -= 1) {
    const atMs = returnAtMs - random.int(0, 5_000);
    const drawn = drawFault(random.pick(kinds), draw);
    // What stays as it is from the start has no time of its own.
    const times = drawn.forMs === null ? {} : { atMs, forMs: SAFETY_MS_MAX - atMs };
    const fault = placed({ ...drawn, ...times }, faults);
    if (fault !== null) faults.push(fault);
  }
  return faults.sort((one, two) => one.atMs - two.atMs);
}

/** The faults of a long run, from a stream of its own; null: this run is none. Pure. */
export function drawLong(
  seed: number,
  topology: Topology,
  timings: Timings,
): readonly PlannedFault[] | null {
  const random = createRandom(seed, 'long');
  const course = random.next();
  if (course < LONG.again) return drawAgain({ random, topology, timings });
  if (course >= LONG.again + LONG.grey) return null;
  const grey = drawMover(random.pick(MOVERS_BY_ALARM), REGIONS[0], { random, topology, timings });
  return [{ ...grey, atMs: AT_MS.min, forMs: SAFETY_MS_MAX - AT_MS.min }];
}

/**
 * Both Regions one after the other: what was left comes back, and then the one that took over is lost for good. Only
 * the cooldown stands before the second move, no soak: where a Region is gone any other is better.
 */
function drawAgain(draw: Omit<FaultDraw, 'moverAtMs'>): readonly PlannedFault[] {
  const { random, timings } = draw;
  const [first, second] = REGIONS;
  const atMs = random.int(AT_MS.min, 8_000);
  const forMs = seenAfterMs(timings) + random.int(5_000, 20_000);
  const loss = { ...drawMover(random.pick(CUTS), first, draw), atMs, forMs };
  const againAtMs = atMs + forMs + random.int(10_000, 45_000);
  const again = { ...drawMover(random.pick(CUTS), second, draw), atMs: againAtMs, forMs: null };
  if (!random.chance(LONG.greyFirst)) return [loss, again];
  const grey = drawMover(random.pick(MOVERS_BY_ALARM), second, draw);
  const greyForMs = random.int(35_000, 50_000);
  // As it is lost its alarm rings.
  const lostAtMs = againAtMs + greyForMs - random.int(0, 5_000);
  return [loss, { ...grey, atMs: againAtMs, forMs: greyForMs }, { ...again, atMs: lostAtMs }];
}

/**
 * Whoever takes over, or whoever is lost, has had a wrong clock all along: what it stamped is out of step with what the
 * other compares it to.
 */
function drawSkewedLoss(random: Random, topology: Topology, timings: Timings): PlannedFault[] {
  const draw: FaultDraw = { random, topology, timings, moverAtMs: AT_MS.min };
  const aheadMs = random.int(SKEW_TO_MATTER_MS, SKEW_MS_MAX);
  const skewMs = random.chance(0.5) ? aheadMs : -aheadMs;
  const mover = drawMover(random.pick(CUTS), REGIONS[0], draw);
  if (topology.consistency === 'strong' && random.chance(0.5)) {
    // Nobody is lost, and what was ahead is set back before traffic moves: what was read then is not to stay.
    const times = { atMs: AT_MS.min, forMs: random.int(10_000, HEARD_OF_MS) };
    const atMs = random.int(HEARD_OF_MS, AT_MS.min + HEARD_OF_MS);
    return [
      { ...mover, atMs },
      { id: 'F22', region: REGIONS[0], skewMs: aheadMs, ...times },
    ];
  }
  const skew = { id: 'F22', region: random.pick(REGIONS), skewMs, atMs: 0, forMs: null } as const;
  // Some of them when it has long said of itself that it serves.
  return [{ ...mover, atMs: random.int(HEARD_OF_MS, AT_MS.max), forMs: null }, skew];
}

/** A fifth have a single one, most 2 or 3, a few many: combinations are rare enough to be met one by one. */
function drawCount(random: Random): number {
  const share = random.next();
  if (share < 0.2) return 1;
  if (share < 0.7) return random.int(2, 3);
  return share < 0.92 ? random.int(4, 6) : random.int(7, 10);
}

/** Which kinds are possible in this run: those that come first when each draws a number against its weight. */
function drawKinds(random: Random, count: number): readonly FaultId[] {
  const drawn = FAULT_IDS.map((id) => ({ id, rank: random.next() / (WEIGHTS[id] ?? 1) }));
  drawn.sort((one, two) => one.rank - two.rank);
  return drawn.slice(0, random.int(1, Math.max(1, count))).map(({ id }) => id);
}

/** The Region that these faults leave hurt for good; null: none. Pure. */
export function lostRegionOf(faults: readonly PlannedFault[]): RegionName | null {
  const lost = faults.find((fault) => fault.forMs === null && hurtRegionOf(fault) !== null);
  return lost === undefined ? null : hurtRegionOf(lost);
}

/** What hurts a Region that is lost for good comes once it was heard of: nobody misses what never was there. */
function onceHeardOf(faults: PlannedFault[]): PlannedFault[] {
  const region = lostRegionOf(faults);
  if (region === null) return faults;
  return faults.map((fault) =>
    hurtRegionOf(fault) === region
      ? within({ ...fault, atMs: Math.max(fault.atMs, HEARD_OF_MS) })
      : fault,
  );
}

/** Healed by the end of the safety phase. */
function within(fault: PlannedFault): PlannedFault {
  if (fault.forMs === null) return fault;
  return { ...fault, forMs: Math.min(fault.forMs, SAFETY_MS_MAX - fault.atMs) };
}

/**
 * The fault where it leaves one Region well at (almost) all times: here, or in the other Region, or not at all.
 * What a Region is left with for good counts for all the time after it.
 */
function placed(fault: PlannedFault, among: readonly PlannedFault[]): PlannedFault | null {
  if (fits(fault, among)) return fault;
  const moved = inRegion(fault, peerOf(hurtRegionOf(fault) ?? REGIONS[0]));
  return fits(moved, among) ? moved : null;
}

/** Whether some of these faults hurt both Regions at once for longer than is ever drawn. Pure. */
export function areBothHurt(faults: readonly PlannedFault[]): boolean {
  return faults.some((fault, at) => !fits(fault, faults.slice(0, at)));
}

function fits(fault: PlannedFault, among: readonly PlannedFault[]): boolean {
  const region = hurtRegionOf(fault);
  if (region === null) return true;
  return among.every((other) => {
    const hurt = hurtRegionOf(other);
    return hurt === null || hurt === region || togetherMs(fault, other) <= BOTH_HURT_MS_MAX;
  });
}

function inRegion(fault: PlannedFault, region: RegionName): PlannedFault {
  return 'region' in fault ? { ...fault, region } : fault;
}

/** How long both are in force, milliseconds. */
function togetherMs(one: PlannedFault, two: PlannedFault): number {
  return Math.min(endOf(one), endOf(two)) - Math.max(one.atMs, two.atMs);
}

function endOf({ atMs, forMs }: PlannedFault): number {
  return forMs === null ? Number.POSITIVE_INFINITY : atMs + forMs;
}

/** When everything is healed that is to be. Milliseconds. */
export function safetyMsOf(faults: readonly PlannedFault[]): number {
  let endMs: number = AT_MS.min;
  for (const fault of faults) {
    const { atMs, forMs } = fault;
    // What stays for good is given the time to be noticed.
    endMs = Math.max(endMs, atMs + (forMs ?? 30_000));
  }
  return endMs;
}
