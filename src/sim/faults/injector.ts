/** Puts the faults of a plan in force, each at its time, and heals what is to be healed. */

import type { Operators } from '../clients/operators.ts';
import type { Workload } from '../clients/workload.ts';
import { PLACES } from '../kernel/network.ts';
import { peerOf, type SimPlan } from '../plan.ts';
import type { System } from '../system.ts';
import { conditionsUnder, overwriteConditions } from './condition-effect.ts';
import { type PlannedFault, REGIONS, type RegionName } from './fault-spec.ts';
import { hurtRegionOf } from './hurt-region.ts';
import { effectOf, isOfLinks, overwriteLink } from './link-effect.ts';
import { ProcessFaults } from './process-faults.ts';
import type { StageWatch } from './stage.ts';

/** Who has a part in a fault, or is told of it. */
export interface FaultActors {
  readonly operators: Pick<
    Operators,
    'twoAtOnce' | 'stalePlan' | 'earlyFailback' | 'failoverByRecord'
  >;
  readonly workload: Pick<Workload, 'storm'>;
  readonly stage: Pick<StageWatch, 'regionHurt' | 'regionHealed'>;
}

/** How soon a person does something about a Region that is hurt. Milliseconds. */
const REACTION_MS = { min: 3_000, max: 25_000 };

type Injected = Pick<System, 'plan' | 'world' | 'coverage' | 'network' | 'conditions'> & {
  readonly regions: Readonly<
    Record<RegionName, Pick<System['regions'][RegionName], 'processes' | 'queue'>>
  >;
};

export class FaultInjector {
  readonly #system: Injected;
  readonly #actors: FaultActors;
  readonly #processes: ProcessFaults;
  readonly #plan: SimPlan;
  #inForce: readonly PlannedFault[] = [];
  #isHealed = false;

  /** Watches every process from now on: it counts the boundaries that they reach. */
  constructor(system: Injected, actors: FaultActors) {
    this.#system = system;
    this.#actors = actors;
    this.#plan = system.plan;
    const { world, coverage, plan, regions } = system;
    const [first, second] = REGIONS;
    this.#processes = new ProcessFaults({
      ...{ world, coverage, crashAt: plan.crashAt },
      ...(plan.crashKinds !== undefined && { crashKinds: plan.crashKinds }),
      processes: {
        [first]: regions[first].processes,
        [second]: regions[second].processes,
      } as Record<RegionName, System['regions'][RegionName]['processes']>,
    });
  }

  /** Plans everything. Effects: events from now on. */
  start(): void {
    const { world } = this.#system;
    for (const fault of this.#plan.faults) {
      const { atMs, forMs } = fault;
      // What is so from the start is so before anybody has looked at a clock.
      if (atMs === 0) this.#begin(fault);
      else world.after(atMs, () => this.#begin(fault));
      if (forMs !== null) world.after(atMs + forMs, () => this.#heal(fault));
    }
    world.after(this.#plan.safetyMs, () => this.healAll());
  }

  /** In the order of their beginnings. */
  get inForce(): readonly PlannedFault[] {
    return this.#inForce;
  }

  /** Step boundaries that a process could have died at so far. */
  get boundaries(): number {
    return this.#processes.boundaries;
  }

  /** The safety phase is over: what is in force still is so for good. */
  get isHealed(): boolean {
    return this.#isHealed;
  }

  /** Whether a Region is hurt for good. */
  isLost(region: RegionName): boolean {
    return this.#inForce.some((fault) => fault.forMs === null && hurtRegionOf(fault) === region);
  }

  get isAnyLost(): boolean {
    return REGIONS.some((region) => this.isLost(region));
  }

  /** Ends everything that is not there for good; nothing begins any more. */
  healAll(): void {
    this.#isHealed = true;
    for (const fault of this.#inForce) if (fault.forMs !== null) this.#heal(fault);
  }

  #begin(fault: PlannedFault): void {
    if (this.#isHealed) return;
    this.#inForce = [...this.#inForce, fault];
    this.#system.world.note('world', laneOf(fault), 'fault', fault.id);
    const hurt = hurtRegionOf(fault);
    if (hurt !== null) this.#actors.stage.regionHurt();
    this.#refresh(fault);
    this.#act(fault);
  }

  #heal(fault: PlannedFault): void {
    if (!this.#inForce.includes(fault)) return;
    this.#inForce = this.#inForce.filter((other) => other !== fault);
    this.#system.world.note('world', laneOf(fault), 'heal', fault.id);
    if (hurtRegionOf(fault) !== null) this.#actors.stage.regionHealed();
    this.#refresh(fault);
    this.#retire(fault);
  }

  /** Links and services as all faults in force together have them, after `changed` has begun or ended. */
  #refresh(changed: PlannedFault): void {
    const { network, conditions } = this.#system;
    if (!isOfLinks(changed)) {
      overwriteConditions(conditions, conditionsUnder(this.#inForce));
      return;
    }
    for (const from of PLACES) {
      for (const to of PLACES) {
        overwriteLink(network.link(from, to), effectOf(this.#inForce, from, to));
      }
    }
  }

  /** What a fault does when it begins, besides what `#refresh` makes of it. */
  #act(fault: PlannedFault): void {
    const { operators, workload } = this.#actors;
    switch (fault.id) {
      case 'F9':
      case 'F10':
      case 'F11':
      case 'F22':
        return this.#processes.begin(fault, this.#inForce);
      case 'F18': {
        const { queue } = this.#system.regions[fault.region];
        for (let sent = 0; sent < fault.count; sent += 1) queue.send(null);
        return;
      }
      case 'F20':
        return this.#reachForRecord(fault);
      case 'F23':
        return void operators.twoAtOnce(fault.to);
      case 'F24':
        return void operators.stalePlan(fault.lateMs);
      case 'F25':
        return void operators.earlyFailback();
      case 'F26':
        return workload.storm(fault.copies);
      default:
        return;
    }
  }

  /** Somebody sees a hurt Region, and would change its DNS record. Where none is hurt nobody would. */
  #reachForRecord(fault: PlannedFault): void {
    const { world } = this.#system;
    const reactsMs = world.random('faults').int(REACTION_MS.min, REACTION_MS.max);
    world.after(reactsMs, () => {
      if (!this.#inForce.includes(fault)) return;
      const hurt = REGIONS.find((region) => this.#isHurt(region));
      if (hurt !== undefined) void this.#actors.operators.failoverByRecord(peerOf(hurt));
    });
  }

  #isHurt(region: RegionName): boolean {
    return this.#inForce.some((fault) => hurtRegionOf(fault) === region);
  }

  #retire(fault: PlannedFault): void {
    switch (fault.id) {
      case 'F9':
      case 'F10':
      case 'F11':
      case 'F22':
        return this.#processes.heal(fault, this.#inForce);
      case 'F26':
        return this.#actors.workload.storm(this.#copies());
      default:
        return;
    }
  }

  /** Of the storm that began last of those in force; 1: there is none. */
  #copies(): number {
    let copies = 1;
    for (const fault of this.#inForce) if (fault.id === 'F26') copies = fault.copies;
    return copies;
  }
}

/** Where a fault stands in a chart: with its Region, if it has one. */
function laneOf(fault: PlannedFault): RegionName | 'world' {
  return 'region' in fault ? fault.region : 'world';
}
