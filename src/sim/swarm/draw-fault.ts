/** Draws one fault of a kind: how bad it is, where, when, and for how long. */

import type { FaultId } from '../faults/fault-ids.ts';
import {
  type Fault,
  type PlannedFault,
  PROCESS_KINDS,
  type ProcessKind,
  REGIONS,
  type RegionName,
} from '../faults/fault-spec.ts';
import type { Random } from '../kernel/random.ts';
import type { Timings, Topology } from '../plan.ts';

/** What a draw needs to know of the run. */
export interface FaultDraw {
  readonly random: Random;
  readonly topology: Topology;
  readonly timings: Timings;
  /** When the fault begins that is to move traffic; 20 s into the run where none is. Milliseconds. */
  readonly moverAtMs: number;
}

export const AT_MS = { min: 5_000, max: 40_000 } as const;
export const FOR_MS = { min: 5_000, max: 40_000 } as const;
/** The faults that a Region may be left with for good: whoever watches it can see that it is lost. */
const FOR_GOOD: readonly FaultId[] = ['F1', 'F2'];
const FOR_GOOD_SHARE = 0.12;
/** Longer than other faults: an orchestrator decides in the first half of its minute alone. */
const MOVER_FOR_MS_MAX = 75_000;
/**
 * MREC: no write may be on its way for longer than the lease is waited out past what its holder relies on (4 s,
 * src/core/lease.ts), and half of that is left for everything else.
 */
const EVENTUAL_DELAY_MS_MAX = 1_500;
export const SKEW_MS_MAX = 3_600_000;

/** A fault of the kind `id`, anywhere. Draws from `draw.random` alone. */
export function drawFault(id: FaultId, draw: FaultDraw): PlannedFault {
  const fault = drawKind(id, draw.random.pick(REGIONS), draw);
  return { ...fault, ...drawTime(fault, draw) };
}

/** The kinds that move traffic away from the Region that they hurt, if they last; the plainest more often. */
export const MOVER_IDS = [
  ...([
    'F1',
    'F1',
    'F1',
    'F1',
    'F1',
    'F1',
    'F1',
    'F1',
    'F2',
    'F2',
    'F2',
    'F2',
    'F8',
    'F8',
  ] as const),
  ...(['F4', 'F10', 'F11', 'F13', 'F15'] as const),
] as const;
export type MoverId = (typeof MOVER_IDS)[number];

/** Those that only an alarm finds out: it takes periods with traffic, so they have to come early. */
export const MOVERS_BY_ALARM = ['F8', 'F13', 'F15'] as const;

export function isFoundByAlarm(id: FaultId): boolean {
  return MOVERS_BY_ALARM.some((one) => one === id);
}

/** How long a Region must be lost at least for the other's orchestrator to be sure of it, milliseconds. */
export function seenAfterMs({ silenceMs, probeIntervalMs }: Timings): number {
  return silenceMs + 3 * probeIntervalMs;
}

/** A fault that should make traffic leave `region`: bad enough, and for longer than it takes to be seen. */
export function drawMover(
  id: MoverId,
  region: RegionName,
  { random, timings }: Omit<FaultDraw, 'moverAtMs'>,
): PlannedFault {
  const fault = drawMoverKind(id, region, random);
  const forMs = random.int(seenAfterMs(timings), MOVER_FOR_MS_MAX);
  const isForGood = FOR_GOOD.includes(id) && random.chance(FOR_GOOD_SHARE);
  const atMsMax = isFoundByAlarm(id) ? 10_000 : 18_000;
  return { ...fault, atMs: random.int(AT_MS.min, atMsMax), forMs: isForGood ? null : forMs };
}

function drawMoverKind(id: MoverId, region: RegionName, random: Random): Fault {
  switch (id) {
    case 'F1':
    case 'F4':
      return { id, region };
    case 'F2':
      return { id, region, direction: random.pick(['in', 'out']) };
    case 'F8':
      return { id, region, factor: random.int(40, 100) };
    case 'F10':
    case 'F11':
      return { id, region, process: random.pick(['api', 'health']) };
    case 'F13':
      return { id, region, probability: random.int(50, 90) / 100 };
    case 'F15':
      // Five attempts get through a throttling that is milder than that.
      return { id, region, probability: random.int(75, 95) / 100 };
  }
}

function drawKind(id: FaultId, region: RegionName, draw: FaultDraw): Fault {
  const { random, topology } = draw;
  const isEventual = topology.consistency === 'eventual';
  const share = (min: number, max: number): number => random.int(min * 100, max * 100) / 100;
  switch (id) {
    case 'F1':
    case 'F3':
    case 'F4':
      return { id, region };
    case 'F2':
      return { id, region, direction: random.pick(['in', 'out']) };
    case 'F5':
      return { id, probability: share(0.01, 0.2) };
    case 'F6': {
      const extraMs = random.int(50, isEventual ? EVENTUAL_DELAY_MS_MAX : 3_000);
      return { id, probability: share(0.05, 0.5), extraMs };
    }
    case 'F7':
      return { id, probability: share(0.05, 0.5) };
    case 'F8':
      return { id, region, factor: random.int(20, 100) };
    case 'F9':
      return { id, region, process: drawProcess(random), probability: random.int(5, 60) / 1_000 };
    case 'F10':
    case 'F11':
      return { id, region, process: drawProcess(random) };
    case 'F12':
      return { id, region, extraMs: random.int(50, EVENTUAL_DELAY_MS_MAX) };
    case 'F13':
    case 'F15':
      return { id, region, probability: share(0.05, 0.6) };
    case 'F14':
      return { id, probability: share(0.1, 1) };
    case 'F16':
    case 'F17':
      return { id, probability: share(0.1, 0.8) };
    case 'F18':
      return { id, region, count: random.int(1, 3) };
    case 'F19':
    case 'F20':
      return { id };
    case 'F21':
      return { id, region, probability: share(0.3, 1) };
    case 'F22': {
      const skewMs = random.int(60_000, SKEW_MS_MAX);
      return { id, region, skewMs: random.chance(0.5) ? skewMs : -skewMs };
    }
    case 'F23':
      return { id, to: [region, random.pick(REGIONS)] };
    case 'F24':
      return { id, lateMs: random.int(5_000, 60_000) };
    case 'F25':
      return { id, pauseReplication: isEventual && random.chance(0.7) };
    case 'F26':
      return { id, copies: random.int(2, 4) };
  }
}

/** Half of the time the process that answers payments: the others have less to lose. */
function drawProcess(random: Random): ProcessKind {
  return random.chance(0.5) ? 'api' : random.pick(PROCESS_KINDS);
}

/** Most kinds come at any time; those that are about a failover come with it. */
function drawTime(
  { id }: Fault,
  { random, topology, timings, moverAtMs }: FaultDraw,
): Pick<PlannedFault, 'atMs' | 'forMs'> {
  const forMs = random.int(FOR_MS.min, FOR_MS.max);
  switch (id) {
    case 'F19':
    case 'F20':
      // From about when it begins until clients have moved.
      return { atMs: random.int(moverAtMs, moverAtMs + 10_000), forMs: Math.max(forMs, 30_000) };
    case 'F22':
      // A clock that is set back while a write is fenced by it is not what the lease promises to survive: there it
      // is wrong from the start, and stays so.
      if (topology.consistency === 'eventual') return { atMs: 0, forMs: null };
      return { atMs: random.int(AT_MS.min, AT_MS.max), forMs };
    case 'F23':
    case 'F24':
    case 'F26':
      return { atMs: random.int(moverAtMs, moverAtMs + timings.silenceMs), forMs };
    case 'F25': {
      // Once traffic has been moved, so that there is something to bring back.
      const movedAtMs = moverAtMs + seenAfterMs(timings);
      return { atMs: movedAtMs + random.int(0, 15_000), forMs: random.int(FOR_MS.min, 20_000) };
    }
    default:
      return { atMs: random.int(AT_MS.min, AT_MS.max), forMs };
  }
}
