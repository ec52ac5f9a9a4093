/** Faults of processes: they die at a step boundary or again and again, hang, and have a wrong clock. */

import type { Random } from '../kernel/random.ts';
import type { CrashRule, SimProcess } from '../kernel/sim-process.ts';
import type { World } from '../kernel/world.ts';
import type { Coverage } from './coverage.ts';
import type { FaultId, Phase } from './fault-ids.ts';
import {
  type Fault,
  PROCESS_KINDS,
  type ProcessKind,
  REGIONS,
  type RegionName,
} from './fault-spec.ts';

export type ProcessFault = Extract<Fault, { readonly id: 'F9' | 'F10' | 'F11' | 'F22' }>;

/** How long a new environment takes to be there, and how long it lives in a restart loop. Milliseconds. */
const RESTART_MS = { min: 50, max: 500 };
const LOOP_LIFE_MS = { min: 20, max: 200 };

/** Calls in which a process sends what its wall clock says: stamps, and what is due by them. */
const STAMPED: ReadonlySet<string> = new Set([
  ...['createJournal', 'settleJournal', 'closeJournal', 'replaceRefunds', 'claimJournal'],
  ...['parkJournal', 'unparkJournal', 'listDue', 'listMisdated', 'measure', 'beat', 'append'],
]);

interface Victim {
  readonly runner: SimProcess;
  /** Its boundaries are among those that are counted. */
  readonly isCounted: boolean;
  /** At each boundary. */
  crashChance: number;
  /** Faults that have it paused, and that have it restart: several may overlap. */
  pauses: number;
  loops: number;
  /** It is to be paused where it next reaches a boundary: in the middle of something. */
  pausesNext: boolean;
  /** What it died of last. */
  diedOf: FaultId;
}

export interface ProcessFaultsOptions {
  readonly world: World;
  readonly coverage: Coverage;
  readonly processes: Readonly<Record<RegionName, Readonly<Record<ProcessKind, SimProcess>>>>;
  /** Counts of boundaries, from 1 over all processes, at which a process dies whatever else is in force. */
  readonly crashAt: readonly number[];
  /** Of which processes boundaries are counted. @default all of them */
  readonly crashKinds?: readonly ProcessKind[];
}

export class ProcessFaults {
  /** Step boundaries reached so far, over all processes of the kinds that are counted. */
  boundaries = 0;
  readonly #world: World;
  readonly #coverage: Coverage;
  readonly #random: Random;
  readonly #crashAt: ReadonlySet<number>;
  readonly #victims = new Map<SimProcess, Victim>();
  readonly #processes: ProcessFaultsOptions['processes'];

  constructor(options: ProcessFaultsOptions) {
    const { world, coverage, processes, crashAt, crashKinds = PROCESS_KINDS } = options;
    this.#world = world;
    this.#coverage = coverage;
    this.#random = world.random('crash');
    this.#crashAt = new Set(crashAt);
    this.#processes = processes;
    for (const region of REGIONS) {
      for (const kind of PROCESS_KINDS) {
        this.#watch(processes[region][kind], crashKinds.includes(kind));
      }
    }
  }

  /** `inForce`: all faults, this one included. */
  begin(fault: ProcessFault, inForce: readonly Fault[]): void {
    if (fault.id === 'F22') return this.#setSkew(fault.region, inForce);
    const victim = this.#victimOf(fault);
    switch (fault.id) {
      case 'F9':
        victim.crashChance = crashChanceOf(victim.runner, inForce);
        return;
      case 'F10':
        victim.pauses += 1;
        // Idle processes are paused too; but what it was in the middle of is what makes a belief old.
        if (this.#random.chance(0.5)) victim.runner.pause();
        else victim.pausesNext = true;
        return;
      case 'F11':
        victim.loops += 1;
        if (victim.loops === 1) this.#loop(victim);
        return;
    }
  }

  /** `inForce`: what is left. */
  heal(fault: ProcessFault, inForce: readonly Fault[]): void {
    if (fault.id === 'F22') return this.#setSkew(fault.region, inForce);
    const victim = this.#victimOf(fault);
    switch (fault.id) {
      case 'F9':
        victim.crashChance = crashChanceOf(victim.runner, inForce);
        return;
      case 'F10':
        victim.pauses -= 1;
        if (victim.pauses > 0) return;
        victim.pausesNext = false;
        victim.runner.resume();
        return;
      case 'F11':
        // The restart that is planned still comes.
        victim.loops -= 1;
        return;
    }
  }

  #watch(runner: SimProcess, isCounted: boolean): void {
    const victim: Victim = {
      runner,
      isCounted,
      crashChance: 0,
      pauses: 0,
      loops: 0,
      pausesNext: false,
      diedOf: 'F9',
    };
    this.#victims.set(runner, victim);
    // V8 allocates a function that is assigned to a property where it is written among what is old: there it would keep
    // its whole world, long after its run, from every quick collection. Named first, it dies with its run.
    const crashRule: CrashRule = (_runner, boundary, what, phase) =>
      this.#dies(victim, boundary, what, phase);
    const onMissed = (phase: Phase): void => {
      this.#coverage.hit(runner.isPaused ? 'F10' : victim.diedOf, phase);
    };
    runner.crashRule = crashRule;
    runner.onMissed = onMissed;
  }

  #dies(victim: Victim, boundary: 'before' | 'after', what: string, phase: Phase): boolean {
    const { runner, isCounted } = victim;
    if (isCounted) this.boundaries += 1;
    if (runner.skewMs !== 0 && boundary === 'before' && STAMPED.has(what)) {
      this.#coverage.hit('F22', phase);
    }
    if (victim.pausesNext) {
      victim.pausesNext = false;
      runner.pause();
    }
    const isPlanned = isCounted && this.#crashAt.size > 0 && this.#crashAt.has(this.boundaries);
    if (!isPlanned && !this.#random.chance(victim.crashChance)) return false;
    this.#coverage.hit('F9', phase);
    victim.diedOf = 'F9';
    this.#world.after(this.#random.int(RESTART_MS.min, RESTART_MS.max), () => runner.restart());
    return true;
  }

  /** Dies, is started, and dies again for as long as a fault wants it. */
  #loop(victim: Victim): void {
    if (victim.loops === 0) return;
    const { runner } = victim;
    if (runner.isUp) {
      victim.diedOf = 'F11';
      runner.crash('restart loop');
    }
    this.#world.after(this.#random.int(RESTART_MS.min, RESTART_MS.max), () => {
      runner.restart();
      if (victim.loops === 0) return;
      const lifeMs = this.#random.int(LOOP_LIFE_MS.min, LOOP_LIFE_MS.max);
      this.#world.after(lifeMs, () => this.#loop(victim));
    });
  }

  /** Clocks of one Region are wrong together, as a time service that fails has them. */
  #setSkew(region: RegionName, inForce: readonly Fault[]): void {
    let skewMs = 0;
    for (const fault of inForce) {
      if (fault.id === 'F22' && fault.region === region) skewMs = fault.skewMs;
    }
    for (const kind of PROCESS_KINDS) this.#processes[region][kind].skewMs = skewMs;
  }

  #victimOf({ region, process: kind }: Exclude<ProcessFault, { readonly id: 'F22' }>): Victim {
    // Every process is watched from the start.
    return this.#victims.get(this.#processes[region][kind]) as Victim;
  }
}

function crashChanceOf({ region, kind }: SimProcess, inForce: readonly Fault[]): number {
  let chance = 0;
  for (const fault of inForce) {
    if (fault.id !== 'F9' || fault.region !== region || fault.process !== kind) continue;
    chance = Math.max(chance, fault.probability);
  }
  return chance;
}
