/**
 * The faults in force in the twin: what was injected, who still reaches whom, and what one call to
 * a service meets. It only decides; the endpoint, the supervisor and the tables act on it.
 */

import { checkFaultRequest } from './check-fault-request.ts';
import {
  type ActiveFault,
  type CalledService,
  type CallFate,
  type CrashMoment,
  type FaultBoard,
  type FaultKind,
  type FaultRequest,
  FaultRequestError,
  type RegionCondition,
  type ReplicationNetwork,
} from './fault.ts';

export interface FaultBoardOptions {
  readonly regions: readonly string[];
  /** Witness Region of the tables: it can be isolated, nothing else. */
  readonly witness: string | null;
  /** @default none: Regions with a replica of an eventually consistent global table. */
  readonly laggingRegions?: readonly string[];
  readonly clock: { nowEpochMs(): number };
  /** Uniform in [0, 1), as Math.random. */
  readonly random: () => number;
}

/** What a call meets where no fault applies. */
const PROCEED: CallFate = { latencyMs: 0, outcome: 'proceed' };

/** Kinds that change who reaches whom. */
const CONDITION_OF: Partial<Record<FaultKind, RegionCondition>> = {
  kill: 'killed',
  freeze: 'frozen',
  isolate: 'isolated',
};

/** Kinds of which a second one with the same members would add nothing. */
const STANDS_ONCE: ReadonlySet<FaultKind> = new Set([
  'kill',
  'freeze',
  'isolate',
  'partition',
  'pause',
  'stale-dns',
]);

/** Kinds that a call to a service meets on its way in. */
const MET_BY_CALLS: ReadonlySet<FaultKind> = new Set(['latency', 'errors', 'throttle']);

/** Each one is looked at by every call. */
const FAULTS_MAX = 100;

const WORST_FIRST: readonly RegionCondition[] = ['killed', 'dead', 'frozen', 'isolated', 'up'];

/**
 * Creates a board without faults. Pure but for the clock and the random source passed in.
 *
 * `kill`, `freeze`, `isolate`, `partition`, `pause` and `stale-dns` are idempotent: asked for again
 * alike, `inject` returns the fault that stands already and tells no listener. The others stack: delays
 * and lags add up; a call is spared only if every rate spares it. Where a call draws both, it
 * is throttled, because AWS throttles before it begins the work. Each `crash` counts for itself.
 */
export function createFaultBoard(options: FaultBoardOptions): FaultBoard {
  const { regions, witness, clock, random, laggingRegions = [] } = options;
  const places = witness === null ? regions : [...regions, witness];
  const conditions = new Map<string, RegionCondition>(places.map((place) => [place, 'up']));
  const dead = new Set<string>();
  const listeners = new Set<() => void>();
  const replicationListeners = new Set<() => void>();
  let faults: readonly ActiveFault[] = [];
  let lastId = 0;

  function conditionOf(region: string): RegionCondition {
    const condition = conditions.get(region);
    if (condition === undefined) throw unknownRegion(region, places);
    return condition;
  }

  function reaches(from: string, to: string): boolean {
    const source = conditionOf(from);
    const target = conditionOf(to);
    if (isDown(source) || isDown(target)) return false;
    if (from === to) return true;
    return source === 'up' && target === 'up' && !faults.some((fault) => loses(fault, from, to));
  }

  const isPaused = (region: string): boolean =>
    faults.some((fault) => fault.region === region && fault.kind === 'pause');

  const replication: ReplicationNetwork = {
    conditionOf,
    reaches: (from, to) => reaches(from, to) && (from === to || !(isPaused(from) || isPaused(to))),
    lagMsOutOf(region) {
      const lags = faults.filter((fault) => fault.region === region && fault.kind === 'lag');
      if (lags.length === 0) return null;
      return lags.reduce((sum, fault) => sum + (fault.latencyMs ?? 0), 0);
    },
    onChange: (listener) => register(replicationListeners, listener),
  };

  /** Works the conditions out anew, and tells the listeners what changed of it since `before`. */
  function refresh(before: readonly ActiveFault[]): void {
    let changed = endedOrBegan(before, 'partition');
    for (const place of places) {
      const present = new Set<RegionCondition>(['up']);
      if (dead.has(place)) present.add('dead');
      for (const fault of faults) {
        const condition = CONDITION_OF[fault.kind];
        if (fault.region === place && condition !== undefined) present.add(condition);
      }
      const worst = WORST_FIRST.find((condition) => present.has(condition)) ?? 'up';
      if (conditions.get(place) === worst) continue;
      conditions.set(place, worst);
      changed = true;
    }
    if (changed) for (const listener of listeners) listener();
    const replicationChanged = endedOrBegan(before, 'lag', 'pause');
    if (changed || replicationChanged) for (const listener of replicationListeners) listener();
  }

  function endedOrBegan(before: readonly ActiveFault[], ...kinds: readonly FaultKind[]): boolean {
    return [...before, ...faults].some(
      (fault) => kinds.includes(fault.kind) && before.includes(fault) !== faults.includes(fault),
    );
  }

  function inject(request: FaultRequest): ActiveFault {
    checkFaultRequest(request, { regions, witness, laggingRegions });
    if (STANDS_ONCE.has(request.kind)) {
      const standing = faults.find((fault) => isAlike(fault, request));
      if (standing !== undefined) return standing;
    }
    if (faults.length >= FAULTS_MAX) {
      throw new FaultRequestError(`${FAULTS_MAX} faults are in force; heal some first.`);
    }
    lastId += 1;
    const fault = { ...request, id: `fault-${lastId}`, sinceEpochMs: clock.nowEpochMs() };
    const before = faults;
    faults = [...faults, fault];
    refresh(before);
    return fault;
  }

  function heal(region?: string): readonly ActiveFault[] {
    if (region !== undefined) conditionOf(region);
    const ends = (place: string): boolean => region === undefined || place === region;
    const before = faults;
    const ended = faults.filter((fault) => ends(fault.region));
    faults = faults.filter((fault) => !ends(fault.region));
    for (const place of dead) if (ends(place)) dead.delete(place);
    refresh(before);
    return ended;
  }

  function find(id: string, region?: string): ActiveFault {
    if (region !== undefined) conditionOf(region);
    const found = faults.find((fault) => fault.id === id);
    if (found === undefined) {
      const ids = faults.map((fault) => fault.id);
      const known = ids.length === 0 ? 'none is in force' : `in force: ${ids.join(', ')}`;
      throw new FaultRequestError(`No fault ${id} is in force (${known}).`);
    }
    if (region !== undefined && found.region !== region) {
      throw new FaultRequestError(`${id} is a fault of ${found.region}, not of ${region}.`);
    }
    return found;
  }

  function healOne(id: string): ActiveFault | null {
    const before = faults;
    const ended = faults.find((fault) => fault.id === id);
    if (ended === undefined) return null;
    faults = faults.filter((fault) => fault !== ended);
    if (ended.kind === 'kill') dead.delete(ended.region);
    refresh(before);
    return ended;
  }

  function fateOf(region: string, service: CalledService, operation: string): CallFate {
    if (faults.length === 0) return PROCEED;
    const met = faults.filter((fault) => bites(fault, region, service, operation));
    if (met.length === 0) return PROCEED;
    const latencyMs = met.reduce((sum, fault) => sum + (fault.latencyMs ?? 0), 0);
    const hit = (kind: FaultKind): boolean =>
      met.some((fault) => fault.kind === kind && random() < (fault.rate ?? 0));
    return {
      latencyMs,
      outcome: hit('throttle') ? 'throttle' : hit('errors') ? 'error' : 'proceed',
    };
  }

  function crashAt(region: string, service: CalledService, operation: string): CrashMoment | null {
    const counts = (fault: ActiveFault): boolean =>
      fault.kind === 'crash' &&
      fault.region === region &&
      fault.service === service &&
      fault.operation === operation;
    if (!faults.some(counts)) return null;
    const striking = faults.find((fault) => counts(fault) && (fault.skip ?? 0) === 0);
    faults = faults
      .filter((fault) => fault !== striking)
      .map((fault) =>
        counts(fault) && fault.skip !== undefined
          ? { ...fault, skip: Math.max(0, fault.skip - 1) }
          : fault,
      );
    return striking?.moment ?? null;
  }

  function markDead(region: string): void {
    if (!regions.includes(region)) throw unknownRegion(region, regions);
    dead.add(region);
    refresh(faults);
  }

  return {
    ...{
      inject,
      heal,
      healOne,
      find,
      fateOf,
      crashAt,
      markDead,
      reaches,
      conditionOf,
      replication,
    },
    active: () => faults,
    onChange: (listener) => register(listeners, listener),
  };
}

function register(listeners: Set<() => void>, listener: () => void): () => void {
  // Wrapped, so that one function registered twice is called twice and each stop ends its own.
  const entry = (): void => listener();
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

function isDown(condition: RegionCondition): boolean {
  return condition === 'killed' || condition === 'dead' || condition === 'frozen';
}

/** Whether a partition loses what is on its way from one place to another. */
function loses({ kind, region, direction, peer }: ActiveFault, from: string, to: string): boolean {
  if (kind !== 'partition') return false;
  const [near, far] = direction === 'out' ? [from, to] : [to, from];
  return region === near && (peer === undefined || peer === far);
}

function isAlike(a: FaultRequest, b: FaultRequest): boolean {
  const sameEnds = a.direction === b.direction && a.peer === b.peer;
  return a.region === b.region && a.kind === b.kind && sameEnds;
}

function bites(
  fault: ActiveFault,
  region: string,
  service: CalledService,
  operation: string,
): boolean {
  return (
    fault.region === region &&
    MET_BY_CALLS.has(fault.kind) &&
    (fault.service === undefined || fault.service === service) &&
    (fault.operation === undefined || fault.operation === operation)
  );
}

function unknownRegion(region: string, known: readonly string[]): FaultRequestError {
  return new FaultRequestError(`No Region ${region} here: use one of ${known.join(', ')}.`);
}
