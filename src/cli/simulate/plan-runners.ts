/** Plans on several threads, each of them run by whichever thread is free. */

import type { RunPlan } from '#sim/exhaustive/run-exhaustive.ts';
import { failureTitle } from './render-failure.ts';
import { type SimWorker, type SimWorkerOptions, startSimWorker } from './sim-worker.ts';
import type { Failure } from './worker-messages.ts';

export interface PlanRunners {
  /** At most `workers` at once. Rejects when the run breaks off; null once it was stopped. */
  readonly run: RunPlan;
  /** Ends the threads where they stand. */
  stop(): Promise<void>;
}

export function startPlanRunners(workers: number, options: SimWorkerOptions = {}): PlanRunners {
  const all = new Set(Array.from({ length: workers }, () => startSimWorker(options)));
  const free = [...all];
  let isStopped = false;

  /** A thread that has broken answers nothing any more. */
  const replace = async (worker: SimWorker): Promise<SimWorker> => {
    all.delete(worker);
    await worker.stop();
    const fresh = startSimWorker(options);
    all.add(fresh);
    return fresh;
  };
  return {
    async run(plan) {
      let worker = free.pop();
      if (worker === undefined) throw new RangeError(`more than ${workers} plans at once`);
      if (isStopped) return null;
      const answer = await worker.ask({ kind: 'plan', plan, keepTrace: false });
      if (answer.kind === 'failed' && !isStopped) worker = await replace(worker);
      free.push(worker);
      if (answer.kind === 'result') return answer.result;
      if (answer.kind === 'failed') throw brokenOff(answer.failure);
      return null;
    },
    async stop() {
      isStopped = true;
      await Promise.all(Array.from(all, (worker) => worker.stop()));
    },
  };
}

function brokenOff(failure: Failure): Error {
  if (failure.kind !== 'error') return new Error(failureTitle(failure));
  return Object.assign(new Error(failure.message), { name: failure.name });
}
