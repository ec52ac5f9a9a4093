/** Makes a failing plan as small as twenty seconds allow, on a thread of its own. */

import type { SimPlan } from '#sim/plan.ts';
import type { SimMode } from '#sim/sim-result.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';
import { shrinkPlan } from '#sim/swarm/shrink-plan.ts';
import { type SimWorkerOptions, startSimWorker } from './sim-worker.ts';
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

/** Null: what fails like this can't be shrunk, for nothing tells whether a smaller plan fails alike. */
export async function shrinkFailure(
  failure: Failure,
  options: ShrinkOptions,
): Promise<{ readonly plan: SimPlan; readonly runs: number } | null> {
  const plan = planOf(failure, options.mode);
  if (plan === null) return null;
  const { lastsMs, onProgress, signal } = options;
  const endsAtMs = performance.now() + lastsMs;
  let worker = startSimWorker({ ...options, hangMs: HANG_MS });
  let runs = 0;
  let smallest = plan;
  try {
    const fails = async (smaller: SimPlan): Promise<boolean> => {
      // The search ends by hearing that nothing smaller fails.
      if (performance.now() >= endsAtMs || signal.aborted) return false;
      const answer = await worker.ask({ kind: 'plan', plan: smaller, keepTrace: false });
      runs += 1;
      if (answer.kind === 'failed' && answer.failure.kind === 'hung') {
        worker = startSimWorker({ ...options, hangMs: HANG_MS });
      }
      const isSame =
        answer.kind === 'result'
          ? answer.result.violations.some(({ invariant }) => invariant === invariantOf(failure))
          : answer.kind === 'failed' && isAlike(failure, answer.failure);
      if (isSame) smallest = smaller;
      onProgress(runs, smallest);
      return isSame;
    };
    const shrunk = await shrinkPlan(plan, fails, RUNS_MAX);
    return { plan: shrunk.plan, runs };
  } finally {
    await worker.stop();
  }
}

function planOf(failure: Failure, mode: SimMode): SimPlan | null {
  if (failure.kind === 'violation') return failure.result.plan;
  if (failure.kind !== 'error' || failure.seed === NO_SEED) return null;
  return drawPlan(failure.seed, mode);
}

/** The first violation is what is shrunk; others may come and go. */
function invariantOf(failure: Failure): number | null {
  return failure.kind === 'violation' ? (failure.result.violations[0]?.invariant ?? null) : null;
}

function isAlike(failure: Failure, other: Failure): boolean {
  return failure.kind === 'error' && other.kind === 'error' && failure.name === other.name;
}
