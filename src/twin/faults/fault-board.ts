/**
 * The faults in force in the twin: what was injected, who still reaches whom, and what one call to
 * a service meets. It only decides; the endpoint, the supervisor and the tables act on it.
 */

import { checkFaultRequest } from './check-fault-request.ts';
import {
  type ActiveFault,
  type CallFate,
  type FaultBoard,
  type FaultKind,
  type FaultRequest,
  FaultRequestError,
  type FaultService,
  type RegionCondition,
} from './fault.ts';

export interface FaultBoardOptions {
  readonly regions: readonly string[];
  /** Witness Region of the tables: it can be isolated, nothing else. */
  readonly witness: string | null;
  readonly clock: { nowEpochMs(): number };
  /** Uniform in [0, 1), as Math.random. */
  readonly random: () => number;
}

/** What a call meets where no fault applies. */
const PROCEED: CallFate = { latencyMs: 0, outcome: 'proceed' };

/** Kinds that change who reaches whom. Each stands at most once in a Region. */
const CONDITION_OF: Partial<Record<FaultKind, RegionCondition>> = {
  kill: 'killed',
  freeze: 'frozen',
  isolate: 'isolated',
};

/** Each one is looked at by every call. */
const FAULTS_MAX = 100;

const WORST_FIRST: readonly RegionCondition[] = ['killed', 'dead', 'frozen', 'isolated', 'up'];

/**
 * Creates a board without faults. Pure but for the clock and the random source passed in.
 *
 * `kill`, `freeze` and `isolate` are idempotent: asked for again in the same Region, `inject`
 * returns the fault that stands already and tells no listener. `latency`, `errors` and `throttle`
 * stack: delays add up; a call is spared only if every rate spares it. Where a call draws both, it
 * is throttled, because AWS throttles before it begins the work.
 */
export function createFaultBoard(options: FaultBoardOptions): FaultBoard {
  const { regions, witness, clock, random } = options;
  const places = witness === null ? regions : [...regions, witness];
  const conditions = new Map<string, RegionCondition>(places.map((place) => [place, 'up']));
  const dead = new Set<string>();
  const listeners = new Set<() => void>();
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
    return from === to || (source === 'up' && target === 'up');
  }

  /** Works the conditions out anew, and tells the listeners if any of them changed. */
  function refresh(): void {
    let changed = false;
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
  }

  function inject(request: FaultRequest): ActiveFault {
    checkFaultRequest(request, { regions, witness });
    if (CONDITION_OF[request.kind] !== undefined) {
      const standing = faults.find(
        (fault) => fault.region === request.region && fault.kind === request.kind,
      );
      if (standing !== undefined) return standing;
    }
    if (faults.length >= FAULTS_MAX) {
      throw new FaultRequestError(`${FAULTS_MAX} faults are in force; heal some first.`);
    }
    lastId += 1;
    const fault = { ...request, id: `fault-${lastId}`, sinceEpochMs: clock.nowEpochMs() };
    faults = [...faults, fault];
    refresh();
    return fault;
  }

  function heal(region?: string): readonly ActiveFault[] {
    if (region !== undefined) conditionOf(region);
    const ends = (place: string): boolean => region === undefined || place === region;
    const ended = faults.filter((fault) => ends(fault.region));
    faults = faults.filter((fault) => !ends(fault.region));
    for (const place of dead) if (ends(place)) dead.delete(place);
    refresh();
    return ended;
  }

  function fateOf(region: string, service: FaultService, operation: string): CallFate {
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

  function onChange(listener: () => void): () => void {
    // Wrapped, so that one function registered twice is called twice and each stop ends its own.
    const entry = (): void => listener();
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  function markDead(region: string): void {
    if (!regions.includes(region)) throw unknownRegion(region, regions);
    dead.add(region);
    refresh();
  }

  return { inject, heal, active: () => faults, fateOf, markDead, reaches, conditionOf, onChange };
}

function isDown(condition: RegionCondition): boolean {
  return condition === 'killed' || condition === 'dead' || condition === 'frozen';
}

function bites(
  fault: ActiveFault,
  region: string,
  service: FaultService,
  operation: string,
): boolean {
  return (
    fault.region === region &&
    CONDITION_OF[fault.kind] === undefined &&
    (fault.service === undefined || fault.service === service) &&
    (fault.operation === undefined || fault.operation === operation)
  );
}

function unknownRegion(region: string, known: readonly string[]): FaultRequestError {
  return new FaultRequestError(`No Region ${region} here: use one of ${known.join(', ')}.`);
}
