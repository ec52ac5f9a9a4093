/**
 * CloudWatch's composite alarm `region-impaired` of each Region, and SNS that tells of it.
 *
 * It is judged inside its Region, on what that Region's functions and the service in front of them count, so that it
 * works while the Region is cut off; only nobody hears of it then. Thresholds: src/infra/alarms.ts and src/infra/metrics.ts.
 */

import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import type { AlarmEvidence } from '#core/routing/judge-region.ts';
import type { AlarmHint } from '#core/routing/observer.ts';
import type { Conditions } from '../conditions.ts';
import { REGIONS, type RegionName } from '../faults/fault-spec.ts';
import { callService, type Served, type Wires } from '../kernel/exchange.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import { WORLD_EPOCH_MS } from '../kernel/world.ts';

/** One request to charge, accept or refund that was answered. */
export interface CountedRequest {
  /** From the start of the function to its answer. */
  readonly latencyMs: number;
  /** Answered 5xx. */
  readonly isFault: boolean;
  /** It was the other Region's to answer: nothing is wrong here, and nothing is counted. */
  readonly isTurnedAway: boolean;
}

export type AlarmState = 'ALARM' | 'OK';

/** For how long a Region's alarm rang, in virtual milliseconds; infinity: it goes on. */
export interface Ring {
  readonly region: RegionName;
  readonly fromMs: number;
  toMs: number;
}

/** A message has reached the orchestrator of `to`; the same one may again. */
export type AlarmListener = (to: RegionName, hint: AlarmHint, state: AlarmState) => void;

const PERIOD_MS = 10_000;
/** Fewer in a period are judged by nobody. */
const REQUESTS_TO_JUDGE = 5;
const ERROR_SHARE_MAX = 0.2;
const ERROR_PERIODS = { breaching: 3, of: 4 };
const LATENCY_P90_MS_MAX = 2_000;
/** What may be slower than the 90th percentile. */
const SLOW_SHARE_MAX = 0.1;
const LATENCY_PERIODS = { breaching: 4, of: 6 };
/** Services report by the minute: so many periods of what we count ourselves. */
const PERIODS_IN_MINUTE = 6;
/** Minutes on end without a success. */
const SILENT_MINUTES = 2;
/** How long an orchestrator waits for CloudWatch. */
const ASK_MS_MAX = 2_000;
const DESCRIBE_MS = 15;
/** SNS tries again what was lost on an open way. */
const SEND_AGAIN_MS = 1_000;

/** What is known of one Region. */
interface Gauge {
  /** Of the period that goes on. */
  requests: number;
  faults: number;
  slow: number;
  /** Of the minute that goes on, as the service in front of the functions counts them. */
  attempts: number;
  successes: number;
  turnedAway: number;
  /** One bit for each period that is over, the newest lowest: 1 where it breached. No data is no breach. */
  errorPeriods: number;
  slowPeriods: number;
  /** The same for minutes in which payments were attempted and none succeeded. */
  silentMinutes: number;
  state: AlarmState;
}

export class Alarms {
  readonly #wires: Wires;
  readonly #conditions: Conditions;
  readonly #periodMs: number;
  readonly #gauges: Readonly<Record<RegionName, Gauge>> = {
    'us-east-1': newGauge(),
    'us-east-2': newGauge(),
  };
  /** Of both Regions, in the order of their beginnings. */
  readonly rings: Ring[] = [];
  readonly #listeners: AlarmListener[] = [];
  #isPlanned = false;
  #isMinutePlanned = false;

  constructor(wires: Wires, conditions: Conditions, periodMs = PERIOD_MS) {
    this.#wires = wires;
    this.#conditions = conditions;
    this.#periodMs = periodMs;
  }

  count(region: RegionName, request: CountedRequest): void {
    const gauge = this.#gauges[region];
    if (request.isTurnedAway) {
      gauge.turnedAway += 1;
      return;
    }
    gauge.requests += 1;
    if (request.isFault) gauge.faults += 1;
    if (request.latencyMs > LATENCY_P90_MS_MAX) gauge.slow += 1;
    this.#planPeriodEnd();
  }

  /** A request to charge or accept was answered, by a function or for want of one. */
  countAtGateway(region: RegionName, status: number): void {
    if (status >= 400 && status < 500) return;
    const gauge = this.#gauges[region];
    gauge.attempts += 1;
    if (status < 500) gauge.successes += 1;
    this.#planMinuteEnd();
  }

  /** As it is in the Region itself. */
  stateOf(region: RegionName): AlarmState {
    return this.#gauges[region].state;
  }

  onTransition(listener: AlarmListener): void {
    this.#listeners.push(listener);
  }

  /** How an orchestrator's process asks CloudWatch of a Region. Never rejects. */
  evidenceFor(runner: SimProcess): (region: string, deadline: Deadline) => Promise<AlarmEvidence> {
    return async (name, deadline) => {
      const region = REGIONS.find((one) => one === name);
      const leftMs = deadline.atEpochMs - runner.clock.nowEpochMs();
      const timeoutMs = Math.floor(Math.min(ASK_MS_MAX, leftMs));
      if (region === undefined || timeoutMs < 1) return 'unknown';
      try {
        return await callService(
          this.#wires,
          runner,
          {
            ...{ what: 'describeAlarms', about: region, phase: 'observe' as const },
            ...{ to: region, isWrite: false },
            serve: () => this.#describe(region),
          },
          { atEpochMs: runner.clock.nowEpochMs() + timeoutMs },
          { timeoutMs, attemptsMax: 1 },
        );
      } catch (error) {
        if (error instanceof AppError) return 'unknown';
        throw error;
      }
    };
  }

  #describe(region: RegionName): Served<AlarmEvidence> {
    const { greyFactor } = this.#conditions.regions[region];
    if (greyFactor > 1) this.#wires.coverage.hit('F8', 'observe');
    const value = this.#gauges[region].state === 'ALARM' ? 'impaired' : 'clear';
    return { kind: 'ok', value, afterMs: DESCRIBE_MS * greyFactor };
  }

  /** Periods end at whole multiples, for both Regions at once; while there is nothing to judge none does. */
  #planPeriodEnd(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const { world } = this.#wires;
    world.after(this.#periodMs - (world.nowMs % this.#periodMs), () => {
      this.#isPlanned = false;
      for (const region of REGIONS) this.#endPeriod(region);
      if (REGIONS.some((region) => isBusy(this.#gauges[region]))) this.#planPeriodEnd();
    });
  }

  /** As for periods. */
  #planMinuteEnd(): void {
    if (this.#isMinutePlanned) return;
    this.#isMinutePlanned = true;
    const { world } = this.#wires;
    const minuteMs = PERIODS_IN_MINUTE * this.#periodMs;
    world.after(minuteMs - (world.nowMs % minuteMs), () => {
      this.#isMinutePlanned = false;
      for (const region of REGIONS) this.#endMinute(region);
      if (REGIONS.some((region) => this.#gauges[region].silentMinutes !== 0)) this.#planMinuteEnd();
    });
  }

  #endMinute(region: RegionName): void {
    const gauge = this.#gauges[region];
    const { attempts, successes, turnedAway } = gauge;
    const isSilent = attempts >= REQUESTS_TO_JUDGE && successes === 0 && 2 * turnedAway < attempts;
    gauge.silentMinutes = shifted(gauge.silentMinutes, isSilent, SILENT_MINUTES);
    gauge.attempts = 0;
    gauge.successes = 0;
    gauge.turnedAway = 0;
    this.#judge(region);
  }

  #endPeriod(region: RegionName): void {
    const gauge = this.#gauges[region];
    const { requests, faults, slow } = gauge;
    const isJudged = requests >= REQUESTS_TO_JUDGE;
    const fails = isJudged && faults > ERROR_SHARE_MAX * requests;
    const isSlow = isJudged && slow > SLOW_SHARE_MAX * requests;
    gauge.errorPeriods = shifted(gauge.errorPeriods, fails, ERROR_PERIODS.of);
    gauge.slowPeriods = shifted(gauge.slowPeriods, isSlow, LATENCY_PERIODS.of);
    gauge.requests = 0;
    gauge.faults = 0;
    gauge.slow = 0;
    this.#judge(region);
  }

  /** The composite alarm: any of the three is enough. */
  #judge(region: RegionName): void {
    const gauge = this.#gauges[region];
    const isImpaired =
      bitsOf(gauge.errorPeriods) >= ERROR_PERIODS.breaching ||
      bitsOf(gauge.slowPeriods) >= LATENCY_PERIODS.breaching ||
      bitsOf(gauge.silentMinutes) >= SILENT_MINUTES;
    const state = isImpaired ? 'ALARM' : 'OK';
    if (state === gauge.state) return;
    gauge.state = state;
    this.#writeDown(region, isImpaired);
    const changedAtEpochMs = WORLD_EPOCH_MS + this.#wires.world.nowMs;
    const hint = { region, impaired: isImpaired, changedAtEpochMs };
    for (const to of REGIONS) this.#send(region, to, hint, state);
  }

  #writeDown(region: RegionName, isImpaired: boolean): void {
    const { nowMs } = this.#wires.world;
    if (isImpaired) {
      this.rings.push({ region, fromMs: nowMs, toMs: Number.POSITIVE_INFINITY });
      return;
    }
    const last = this.rings.findLast((ring) => ring.region === region);
    if (last !== undefined) last.toMs = nowMs;
  }

  #send(from: RegionName, to: RegionName, hint: AlarmHint, state: AlarmState): void {
    const { world, network } = this.#wires;
    const arrive = (): boolean => {
      for (const listener of this.#listeners) listener(to, hint, state);
      return true;
    };
    const delayMs = network.transit(from, to, 'observe', arrive);
    world.note(from, to, 'alarm', from, delayMs < 0 ? 'lost' : state);
    if (delayMs >= 0) world.after(delayMs, arrive);
    else if (network.link(from, to).blockedBy === null) {
      world.after(SEND_AGAIN_MS, () => this.#send(from, to, hint, state));
    }
  }
}

function newGauge(): Gauge {
  return {
    ...{ requests: 0, faults: 0, slow: 0, attempts: 0, successes: 0, turnedAway: 0 },
    ...{ errorPeriods: 0, slowPeriods: 0, silentMinutes: 0, state: 'OK' },
  };
}

/** Whether a period's end can change anything. */
function isBusy({ errorPeriods, slowPeriods, state }: Gauge): boolean {
  return errorPeriods !== 0 || slowPeriods !== 0 || state === 'ALARM';
}

function shifted(periods: number, breached: boolean, kept: number): number {
  return ((periods << 1) | (breached ? 1 : 0)) & ((1 << kept) - 1);
}

function bitsOf(periods: number): number {
  let count = 0;
  for (let rest = periods; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
