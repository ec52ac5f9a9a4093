/** Puts a plan's world together: services, Regions, people and checks, all on one network. */

import { firstState } from '#core/routing/routing-log.ts';
import { type Checks, createChecks } from './checkers/create-checks.ts';
import { Operators } from './clients/operators.ts';
import { Workload } from './clients/workload.ts';
import { neutralConditions } from './conditions.ts';
import { Coverage } from './faults/coverage.ts';
import { REGIONS, type RegionName } from './faults/fault-spec.ts';
import { FaultInjector } from './faults/injector.ts';
import { createStageWatch, type StageWatch } from './faults/stage.ts';
import { Network } from './kernel/network.ts';
import { WORLD_EPOCH_MS, World } from './kernel/world.ts';
import { Ledger } from './ledger.ts';
import type { SimPlan } from './plan.ts';
import { apiUrlOf } from './region/health-prober.ts';
import { OrchestratorRuntime } from './region/orchestrator-runtime.ts';
import { RegionRuntime } from './region/region-runtime.ts';
import { Alarms } from './services/alarms.ts';
import { Bank } from './services/bank.ts';
import { ControlTable } from './services/control-table.ts';
import { Dns } from './services/dns.ts';
import { PaymentsTable } from './services/payments-table.ts';
import { TransactionTopic } from './services/transaction-topic.ts';
import type { System } from './system.ts';
import type { Violation } from './violation.ts';

/** A run that happens more often than this has a loop in it that no time passes in. */
const EVENTS_MAX = 400_000;
/** For how long both Regions had been well when the run began: an hour, milliseconds. */
const WELL_BEFORE_MS = 3_600_000;

export interface Simulation {
  readonly system: System;
  readonly checks: Checks;
  readonly workload: Workload;
  readonly operators: Operators;
  readonly orchestrators: Readonly<Record<RegionName, OrchestratorRuntime>>;
  readonly injector: FaultInjector;
  readonly stage: StageWatch;
}

/** Nothing has happened in it yet. */
export function buildSimulation(plan: SimPlan, keepTrace: boolean): Simulation {
  const world = new World({ seed: plan.seed, keepTrace, eventsMax: EVENTS_MAX });
  const coverage = new Coverage();
  const network = new Network(world, coverage);
  const wires = { world, network, coverage };
  const conditions = neutralConditions();
  const violations: Violation[] = [];
  const checks = createChecks(() => system);
  const stage = createStageWatch(coverage);

  const payments = new PaymentsTable(wires, {
    ...{ plan, conditions },
    onJournal: (...write) => checks.onJournal(...write),
    onPayment: (...write) => checks.onPayment(...write),
  });
  const control = new ControlTable(wires, conditions, {
    onAppend: (entry, region) => {
      checks.onAppend(entry, region);
      stage.moved(entry.change, isHome(entry.active, plan));
    },
    onLease: (...change) => checks.onLease(...change),
  });
  // Both are deployed, have beaten, and were well: a Region that was never heard of has no address to be asked at, and
  // traffic is not moved on its account. Source: docs/adr/0017-failover-decision.md.
  const atEpochMs = WORLD_EPOCH_MS - (plan.heartbeatAgeMs ?? 0);
  for (const region of REGIONS) {
    control.loadPresence({
      ...{ region, apiUrl: apiUrlOf(region), policy: plan.topology.policy, beat: 1, serving: true },
      healthySinceEpochMs: atEpochMs - WELL_BEFORE_MS,
      ...{ atEpochMs, followedEpoch: 0 },
      ...{ peerHealthy: null, peerHealthyNow: null },
      peerSilence: null,
      moveAge: null,
    });
  }
  const bank = new Bank(wires, {
    ...{ plan, conditions },
    onEntry: (entry) => checks.onBankEntry(entry),
  });
  const shared = {
    ...{ plan, world, network, coverage, wires, conditions, payments, control, bank, violations },
    ...{ topic: new TransactionTopic(wires, conditions), ledger: new Ledger() },
    alarms: new Alarms(wires, conditions, plan.timings.alarmPeriodMs),
    violate: (invariant: number, message: string) => {
      world.note('world', 'world', 'violation', String(invariant), message);
      violations.push({ invariant, message, atMs: world.nowMs });
    },
  };
  // Regions and DNS see the system that they are part of.
  const system = shared as typeof shared & { regions: System['regions']; dns: Dns };
  system.regions = byRegion((region) => new RegionRuntime(system, region));
  system.dns = new Dns(system);
  const orchestrators = byRegion(
    (region) => new OrchestratorRuntime(system, region, () => stage.followed()),
  );
  const workload = new Workload(system);
  const operators = new Operators(system, () => stage.followed());
  const injector = new FaultInjector(system, { operators, workload, stage });
  return { system, checks, workload, operators, orchestrators, injector, stage };
}

function isHome(active: readonly string[], { topology }: SimPlan): boolean {
  const home = firstState(topology.policy, REGIONS).active;
  return active.length === home.length && home.every((region) => active.includes(region));
}

function byRegion<T>(make: (region: RegionName) => T): Record<RegionName, T> {
  const [first, second] = REGIONS;
  return { [first]: make(first), [second]: make(second) } as Record<RegionName, T>;
}
