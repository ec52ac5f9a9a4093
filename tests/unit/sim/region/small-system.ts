/**
 * The simulated system without clients and without checks: both Regions, their services and what a
 * test does to them.
 */

import { neutralConditions } from '#sim/conditions.ts';
import { Coverage } from '#sim/faults/coverage.ts';
import { REGIONS, type RegionName } from '#sim/faults/fault-spec.ts';
import type { ApiResponse } from '#sim/http.ts';
import { Network, PLACES } from '#sim/kernel/network.ts';
import { World } from '#sim/kernel/world.ts';
import { Ledger } from '#sim/ledger.ts';
import type { SimPlan, Topology } from '#sim/plan.ts';
import { RegionRuntime } from '#sim/region/region-runtime.ts';
import { Alarms } from '#sim/services/alarms.ts';
import { Bank } from '#sim/services/bank.ts';
import { ControlTable } from '#sim/services/control-table.ts';
import { Dns } from '#sim/services/dns.ts';
import { PaymentsTable } from '#sim/services/payments-table.ts';
import { TransactionTopic } from '#sim/services/transaction-topic.ts';
import type { System } from '#sim/system.ts';
import { TEST_HOST } from '../../../support/driven-world.ts';

export interface SmallSystem {
  readonly system: System;
  /** What was told by `violate`. */
  readonly told: readonly string[];
  /** Runs `at` after so many milliseconds. */
  at(ms: number, run: () => void): void;
  /** Runs everything, up to `untilMs`. Rejects with what broke. */
  run(untilMs: number): Promise<void>;
  /** Cuts a Region off from every other place, or ends that. */
  isolate(region: RegionName, isCut?: boolean): void;
  /** Has the Region's API take a payment; the answer may never come. */
  pay(region: RegionName, transactionId: string, done?: (response: ApiResponse) => void): void;
}

export function createSmallSystem(
  topology: Partial<Topology> = {},
  plan: Partial<SimPlan> = {},
): SmallSystem {
  const world = new World({ seed: plan.seed ?? 1, keepTrace: true, eventsMax: 200_000 });
  const coverage = new Coverage();
  const network = new Network(world, coverage);
  const wires = { world, network, coverage };
  const conditions = neutralConditions();
  const told: string[] = [];
  const whole: SimPlan = { ...quietPlan(topology), ...plan };
  const hooks = { onJournal: () => undefined, onPayment: () => undefined };
  const control = { onAppend: () => undefined, onLease: () => undefined };
  const shared = {
    ...{ plan: whole, world, network, coverage, wires, conditions, violations: [] },
    payments: new PaymentsTable(wires, { plan: whole, conditions, ...hooks }),
    control: new ControlTable(wires, conditions, control),
    bank: new Bank(wires, { plan: whole, conditions, onEntry: () => undefined }),
    topic: new TransactionTopic(wires, conditions),
    alarms: new Alarms(wires, conditions),
    ledger: new Ledger(),
    violate: (invariant: number, message: string) => void told.push(`${invariant}: ${message}`),
  };
  const system = shared as typeof shared & { regions: System['regions']; dns: Dns };
  const [first, second] = REGIONS;
  system.regions = {
    [first]: new RegionRuntime(system, first),
    [second]: new RegionRuntime(system, second),
  } as System['regions'];
  system.dns = new Dns(system);
  return {
    ...{ system, told },
    at: (ms, run) => void world.after(ms, run),
    async run(untilMs) {
      world.after(untilMs - world.nowMs, () => world.stop());
      await world.run(TEST_HOST);
    },
    isolate(region, isCut = true) {
      for (const place of PLACES) {
        if (place === region) continue;
        network.link(region, place).blockedBy = isCut ? 'F1' : null;
        network.link(place, region).blockedBy = isCut ? 'F1' : null;
      }
    },
    pay(region, transactionId, done = () => undefined) {
      const body = { transaction_id: transactionId, customer_id: 'c', amount: 5, currency: 'USD' };
      const request = { route: 'process', transactionId, body: JSON.stringify(body) } as const;
      system.regions[region].receive(request, done);
    },
  };
}

/** Nothing happens in it by itself. */
function quietPlan(topology: Partial<Topology>): SimPlan {
  return {
    seed: 1,
    topology: {
      ...{ consistency: 'strong', policy: 'active-passive' },
      ...{ failback: 'manual', gateway: 'bank', ...topology },
    },
    timings: {
      ...{ probeIntervalMs: 5_000, silenceMs: 20_000, cooldownMs: 60_000, soakMs: 30_000 },
      ...{ dnsTtlMs: 10_000, healthIntervalMs: 10_000, indexLagMs: 0, replicationLagMs: 100 },
      ...{ sweepIntervalMs: 60_000, visibilityTimeoutMs: 30_000 },
    },
    workload: {
      ...{ payments: 0, spreadMs: 1_000, acceptShare: 0, repeatShare: 0, conflictShare: 0 },
      ...{ refundShare: 0, readShare: 0, slowShare: 0, dnsShare: 0, burst: 1, declineShare: 0 },
    },
    ...{ faults: [], safetyMs: 0, failbackAtMs: null, crashAt: [] },
  };
}
