/** Makes a failing plan as small as twenty seconds allow, on a thread of its own. */

import type { SimPlan } from '#sim/plan.ts';
import type { SimMode } from '#sim/sim-result.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';
import { shrinkPlan } from '#sim/swarm/shrink-plan.ts';
import { likenessOf } from './likeness-of.ts';
import { failureTitle } from './render-failure.ts';
import { type SimWorker, type SimWorkerOptions, startSimWorker } from './sim-worker.ts';
import { type Failure, NO_SEED } from './worker-messages.ts';

export interface ShrinkOptions extends SimWorkerOptions {
  /** No further plan is tried after it, milliseconds. */
  readonly lastsMs: number;
  readonly mode: SimMode;
  /** Told of each plan that was tried, and of the smallest that failed. */
  readonly onProgress: (runs: number, smallest: SimPlan) => void;
  readonly signal: AbortSignal;
}

/** More than twenty seconds ever need. */
const RUNS_MAX = 100_000;
/** A shrunk plan that runs for so long is no simpler. */
const HANG_MS = 5_000;

export interface ShrunkPlan {
  readonly plan: SimPlan;
  /** Plans that were tried. */
  readonly runs: number;
  /** How this plan fails, in a line: its own words, for its ids and times are not those of the failure that was given. */
  readonly title: string;
}

/**
 * The smallest plan that fails alike (`likenessOf`): the one given, where no smaller does. Null: what fails like this
 * can't be shrunk, for nothing tells whether a smaller plan fails alike. Effects: threads, ended when it returns.
 */
export async function shrinkFailure(
  failure: Failure,
  options: ShrinkOptions,
): Promise<ShrunkPlan | null> {
  const plan = planOf(failure, options.mode);
  const likeness = likenessOf(failure);
  if (plan === null || likeness === null) return null;
  const { lastsMs, onProgress, signal } = options;
  const endsAtMs = performance.now() + lastsMs;
  const start = (): SimWorker => startSimWorker({ ...options, hangMs: HANG_MS });
  let worker = start();
  let runs = 0;
  let smallest = { plan, failure };
  try {
    const fails = async (smaller: SimPlan): Promise<boolean> => {
      // The search ends by hearing that nothing smaller fails.
      if (performance.now() >= endsAtMs || signal.aborted) return false;
      // One that has ended would say of every plan what it said of its last.
      if (worker.isEnded) worker = start();
      const answer = await worker.ask({ kind: 'plan', plan: smaller, keepTrace: false });
      runs += 1;
      const found = failureIn(answer, smaller.seed);
      const isSame = found !== null && likenessOf(found) === likeness;
      if (isSame) smallest = { plan: smaller, failure: found };
      onProgress(runs, smallest.plan);
      return isSame;
    };
    const shrunk = await shrinkPlan(plan, fails, RUNS_MAX);
    return { plan: shrunk.plan, runs, title: failureTitle(smallest.failure) };
  } finally {
    await worker.stop();
  }
}

function planOf(failure: Failure, mode: SimMode): SimPlan | null {
  if (failure.kind === 'violation') return failure.result.plan;
  if (failure.kind !== 'error' || failure.seed === NO_SEED) return null;
  return drawPlan(failure.seed, mode);
}

/** How the run of a plan failed; null: it did not. */
function failureIn(answer: Awaited<ReturnType<SimWorker['ask']>>, seed: number): Failure | null {
  if (answer.kind === 'failed') return answer.failure;
  if (answer.kind !== 'result' || answer.result.violations.length === 0) return null;
  return { kind: 'violation', seed, result: answer.result };
}
