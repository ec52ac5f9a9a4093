/** Route 53: a health check for each Region, the answers that follow from them, and resolvers that keep answers. */

import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { ApiRequest, HttpResult } from '../http.ts';
import type { Planned } from '../kernel/event-queue.ts';
import type { Random } from '../kernel/random.ts';
import { peerOf } from '../plan.ts';
import type { System } from '../system.ts';
import { callApi } from './http-call.ts';

/** Looks a name up for one client. */
export interface Resolver {
  resolve(): RegionName;
}

/** Told when so many checks in a row said the contrary of what was believed. */
export type HealthListener = (region: RegionName, isHealthy: boolean) => void;

const CHECKS_TO_TURN = 3;
/**
 * Time to connect, and then time to answer. Source: Amazon Route 53 developer guide, "How Amazon Route 53
 * determines whether a health check is healthy".
 */
const CHECK_TIMEOUT_MS = 4_000 + 2_000;
const CHECK: ApiRequest = { route: 'traffic', transactionId: '', body: '' };
const STANDBY_CHECK: ApiRequest = { route: 'health', transactionId: '', body: '' };
const PRIMARY = REGIONS[0];
/** Made once: answers are asked for all the time. */
const ONLY: Readonly<Record<RegionName, readonly RegionName[]>> = {
  'us-east-1': ['us-east-1'],
  'us-east-2': ['us-east-2'],
};

/** What is believed of one Region. */
interface Health {
  isHealthy: boolean;
  /** Checks in a row that said the contrary. */
  contrary: number;
  /** When the newest check that has come to its end was begun, virtual milliseconds. */
  checkedAtMs: number;
}

export class Dns {
  readonly #system: System;
  readonly #random: Random;
  readonly #health: Readonly<Record<RegionName, Health>> = {
    'us-east-1': { isHealthy: true, contrary: 0, checkedAtMs: 0 },
    'us-east-2': { isHealthy: true, contrary: 0, checkedAtMs: 0 },
  };
  readonly #next: Partial<Record<RegionName, Planned>> = {};
  readonly #listeners: HealthListener[] = [];

  constructor(system: System) {
    this.#system = system;
    this.#random = system.world.random('dns');
  }

  /** Begins to check; both Regions count as healthy until then. */
  start(): void {
    this.stop();
    const { healthIntervalMs } = this.#system.plan.timings;
    for (const region of REGIONS) {
      this.#checkAfter(this.#random.int(0, healthIntervalMs - 1), region);
    }
  }

  /** No check begins any more; what was found out stands. */
  stop(): void {
    for (const region of REGIONS) {
      const planned = this.#next[region];
      if (planned !== undefined) planned.run = null;
    }
  }

  onChange(listener: HealthListener): void {
    this.#listeners.push(listener);
  }

  isHealthy(region: RegionName): boolean {
    return this.#health[region].isHealthy;
  }

  /**
   * Whether the newest check of each Region was begun at `sinceMs` or later, and bears out what is believed of it. A
   * Region whose checks flap all the while is not waited for.
   */
  isSettled(sinceMs: number): boolean {
    const { regions } = this.#system.conditions;
    return REGIONS.every((region) => {
      const { contrary, checkedAtMs } = this.#health[region];
      return regions[region].checkFlap > 0 || (contrary === 0 && checkedAtMs >= sinceMs);
    });
  }

  /** What the name servers say now. They are not what F20 takes down. */
  answer(): RegionName {
    const choices = this.#choices();
    return choices.length === 1 ? (choices[0] ?? PRIMARY) : this.#random.pick(choices);
  }

  /** `name`: whose it is, for the trace. */
  createResolver(name: string): Resolver {
    const { world, plan, conditions, coverage } = this.#system;
    const { dnsTtlMs } = plan.timings;
    let kept: RegionName | null = null;
    let keptSinceMs = 0;
    return {
      resolve: () => {
        if (kept !== null) {
          if (world.nowMs - keptSinceMs < dnsTtlMs) return kept;
          if (conditions.dnsIsStale) {
            if (!this.#choices().includes(kept)) coverage.hit('F19', 'dns');
            return kept;
          }
        }
        kept = this.answer();
        keptSinceMs = world.nowMs;
        world.note('dns', 'client', 'answer', name, kept);
        return kept;
      },
    };
  }

  /** Tries to change a record, as no step of a failover may need to. False: the control plane is down. */
  changeRecord(): boolean {
    const { world, conditions, coverage } = this.#system;
    const isDown = conditions.controlPlaneIsDown;
    world.note('operator', 'dns', 'changeRecord', '', isDown ? 'refused' : 'done');
    if (isDown) coverage.hit('F20', 'operate');
    return !isDown;
  }

  /** The Regions that an answer may name. */
  #choices(): readonly RegionName[] {
    const isHealthy = (region: RegionName): boolean => this.#health[region].isHealthy;
    const secondary = peerOf(PRIMARY);
    if (this.#system.plan.topology.policy === 'active-passive') {
      return ONLY[!isHealthy(PRIMARY) && isHealthy(secondary) ? secondary : PRIMARY];
    }
    if (isHealthy(PRIMARY) === isHealthy(secondary)) return REGIONS;
    return ONLY[isHealthy(PRIMARY) ? PRIMARY : secondary];
  }

  #checkAfter(delayMs: number, region: RegionName): void {
    const { world, plan } = this.#system;
    this.#next[region] = world.after(delayMs, () => {
      this.#checkAfter(plan.timings.healthIntervalMs, region);
      const request = this.#checkOf(region);
      const call = { from: 'world', region, request, phase: 'health' } as const;
      const begunAtMs = world.nowMs;
      callApi(this.#system, { ...call, timeoutMs: CHECK_TIMEOUT_MS }, (result) =>
        this.#checked(region, begunAtMs, isGood(result)),
      );
    });
  }

  /**
   * As the routing stack has it: where the log sends traffic is asked of whoever it is taken from. The standby of
   * active-passive needs only be well, so that Route 53 finds it healthy when it turns there.
   */
  #checkOf(region: RegionName): ApiRequest {
    const isStandby = this.#system.plan.topology.policy === 'active-passive' && region !== PRIMARY;
    return isStandby ? STANDBY_CHECK : CHECK;
  }

  #checked(region: RegionName, begunAtMs: number, wasGood: boolean): void {
    const { world, conditions, coverage } = this.#system;
    let isGoodHere = wasGood;
    if (this.#random.chance(conditions.regions[region].checkFlap) && wasGood) {
      coverage.hit('F21', 'health');
      isGoodHere = false;
    }
    const health = this.#health[region];
    health.checkedAtMs = begunAtMs;
    if (isGoodHere === health.isHealthy) {
      health.contrary = 0;
      return;
    }
    health.contrary += 1;
    if (health.contrary < CHECKS_TO_TURN) return;
    health.isHealthy = isGoodHere;
    health.contrary = 0;
    world.note('dns', region, 'check', region, isGoodHere ? 'healthy' : 'unhealthy');
    for (const listener of this.#listeners) listener(region, isGoodHere);
  }
}

/** Route 53 takes 2xx and 3xx for good; there are no 3xx here. */
function isGood(result: HttpResult): boolean {
  return result.kind === 'answered' && result.response.status < 400;
}
