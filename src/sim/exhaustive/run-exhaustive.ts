/**
 * A crash at every step boundary of a few small worlds, and at every pair of them: what a swarm finds by luck is
 * gone through here one by one.
 */

import type { SimPlan } from '../plan.ts';
import type { SimResult } from '../sim-result.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** Runs one plan; null: it was told to stop, and so does everything. */
export type RunPlan = (plan: SimPlan) => Promise<RunOutcome | null>;
export type RunOutcome = Pick<SimResult, 'boundaries' | 'violations'>;

export interface ExhaustiveOptions {
  /** Also at pairs of boundaries: the second is counted in the run that has the first crash. */
  readonly pairs: boolean;
  /** For each scenario. Of more, as many are taken evenly from all of them, and the rest is told. */
  readonly pairsMax: number;
  /** Runs at once: as many as `run` can bear. @default 1 */
  readonly atOnce?: number;
  /** Told after each run. */
  readonly onProgress?: (progress: ExhaustiveProgress) => void;
  /** @default SCENARIOS */
  readonly scenarios?: readonly Scenario[];
}

export interface ExhaustiveProgress {
  readonly name: string;
  readonly runs: number;
  /** Of this scenario, as far as that is known by now. */
  readonly runsOfAll: number;
  readonly violations: number;
}

export interface BrokenRun {
  readonly plan: SimPlan;
  /** 1 to 16; null: the run itself broke off. */
  readonly invariant: number | null;
  readonly message: string;
}

export interface ScenarioReport {
  readonly name: string;
  readonly what: string;
  /** Step boundaries of the run without a crash. */
  readonly boundaries: number;
  /** The one without a crash included. */
  readonly runs: number;
  /** Pairs that were run, and those that were not for want of budget. */
  readonly pairs: number;
  readonly leftOut: number;
  /** Runs that broke an invariant: of each, the first one that it broke. */
  readonly violations: readonly BrokenRun[];
  /** Whether it was interrupted: what it has is of the runs up to there. */
  readonly isPartial: boolean;
}

export interface ExhaustiveReport {
  /** Those that were begun. Of one that was interrupted there is what its runs came to until then. */
  readonly scenarios: readonly ScenarioReport[];
  readonly isInterrupted: boolean;
}

/** Never rejects because of what a run does: one that throws is a broken run. */
export async function runExhaustive(
  run: RunPlan,
  options: ExhaustiveOptions,
): Promise<ExhaustiveReport> {
  const reports: ScenarioReport[] = [];
  for (const scenario of options.scenarios ?? SCENARIOS) {
    const report = await new Going(scenario, run, options).through();
    if (report.runs > 0) reports.push(report);
    if (report.isPartial) return { scenarios: reports, isInterrupted: true };
  }
  return { scenarios: reports, isInterrupted: false };
}

/** The boundaries at which a run's processes die. */
type Crashes = readonly number[];

class Going {
  readonly #scenario: Scenario;
  readonly #run: RunPlan;
  readonly #options: ExhaustiveOptions;
  readonly #violations: BrokenRun[] = [];
  #runs = 0;
  #runsOfAll = 1;
  #isStopped = false;

  constructor(scenario: Scenario, run: RunPlan, options: ExhaustiveOptions) {
    this.#scenario = scenario;
    this.#run = run;
    this.#options = options;
  }

  /** Up to the end, or to where it is stopped. */
  async through(): Promise<ScenarioReport> {
    const { name, what } = this.#scenario;
    const boundaries = (await this.#tryOne([])) ?? 0;
    this.#runsOfAll += boundaries;
    /** By the first crash, from 1: how many boundaries its run has. */
    const reached: number[] = [];
    await this.#tryAll(singles(boundaries), ([first = 0], count) => {
      reached[first] = count;
    });
    // Of singles that were cut short nobody knows how many pairs there would have been.
    const all = this.#options.pairs && !this.#isStopped ? countPairs(reached) : 0;
    const pairs = Math.min(all, this.#options.pairsMax);
    this.#runsOfAll += pairs;
    await this.#tryAll(somePairs(reached, all, pairs), () => undefined);
    const isPartial = this.#isStopped;
    const ran = isPartial ? Math.max(0, this.#runs - 1 - boundaries) : pairs;
    const counts = { boundaries, runs: this.#runs, pairs: ran, leftOut: all - pairs };
    return { name, what, ...counts, violations: this.#violations, isPartial };
  }

  /** `atOnce` at a time. `ended` hears of each how many boundaries it has. */
  async #tryAll(
    all: Iterable<Crashes>,
    ended: (crashes: Crashes, boundaries: number) => void,
  ): Promise<void> {
    const left = all[Symbol.iterator]();
    const work = async (): Promise<void> => {
      for (let next = left.next(); next.done !== true; next = left.next()) {
        const boundaries = await this.#tryOne(next.value);
        if (boundaries === null) return;
        ended(next.value, boundaries);
      }
    };
    await Promise.all(Array.from({ length: this.#options.atOnce ?? 1 }, work));
  }

  /** How many boundaries it has; null: everything is to stop. */
  async #tryOne(crashAt: Crashes): Promise<number | null> {
    if (this.#isStopped) return null;
    const plan = { ...this.#scenario.plan, crashAt };
    let boundaries = 0;
    try {
      const outcome = await this.#run(plan);
      this.#isStopped ||= outcome === null;
      if (outcome === null) return null;
      ({ boundaries } = outcome);
      const [first] = outcome.violations;
      if (first !== undefined) this.#violations.push({ plan, ...brokenBy(first) });
    } catch (error) {
      const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      this.#violations.push({ plan, invariant: null, message });
    }
    this.#runs += 1;
    this.#options.onProgress?.({
      ...{ name: this.#scenario.name, runs: this.#runs, runsOfAll: this.#runsOfAll },
      violations: this.#violations.length,
    });
    return boundaries;
  }
}

function brokenBy({
  invariant,
  message,
}: SimResult['violations'][number]): Pick<BrokenRun, 'invariant' | 'message'> {
  return { invariant, message };
}

function* singles(boundaries: number): Generator<Crashes> {
  for (let at = 1; at <= boundaries; at += 1) yield [at];
}

function countPairs(reached: readonly number[]): number {
  let count = 0;
  for (let first = 1; first < reached.length; first += 1) count += seconds(reached, first);
  return count;
}

/** `wanted` of the `all` pairs, evenly from all of them; in their order. */
function* somePairs(reached: readonly number[], all: number, wanted: number): Generator<Crashes> {
  if (wanted === 0) return;
  let passed = 0;
  let taken = 0;
  for (let first = 1; first < reached.length; first += 1) {
    for (let second = first + 1; second <= first + seconds(reached, first); second += 1) {
      passed += 1;
      // Whole numbers only: the share that is taken never runs ahead of the share that was passed.
      if ((taken + 1) * all > passed * wanted) continue;
      taken += 1;
      yield [first, second];
    }
  }
}

/** Boundaries after the first crash, in the run with that crash. */
function seconds(reached: readonly number[], first: number): number {
  return Math.max(0, (reached[first] ?? 0) - first);
}
