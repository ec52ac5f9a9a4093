/** A thread that simulates: armed with the tripwire, it runs what it is asked for, one task after the other. */

import { parentPort, workerData } from 'node:worker_threads';
import type { SimHost } from '#sim/kernel/world.ts';
import type { SimResult } from '#sim/sim-result.ts';
import type * as Simulator from '#sim/simulate-seed.ts';
import { compareRuns } from './compare-runs.ts';
import { createSimHost } from './sim-host.ts';
import { addResult, emptyTally } from './tally.ts';
import { armTripwire } from './tripwire.ts';
import type { Failure, WorkerAnswer, WorkerSetup, WorkerTask } from './worker-messages.ts';

/** For a replay: somebody reads its stacks. */
const STACK_LINES = 25;

type Simulate = Pick<typeof Simulator, 'simulateSeed' | 'simulatePlan'>;

const setup = workerData as WorkerSetup;
const now = new Float64Array(setup.now);
const tripwire = armTripwire();
const host = createSimHost(tripwire);
const simulator = (await import(setup.simulatorUrl)) as Simulate;

parentPort?.on('message', (task: WorkerTask) => {
  void answer(task).then((said) => parentPort?.postMessage(said));
});

async function answer(task: WorkerTask): Promise<WorkerAnswer> {
  // Errors of faults are made by the thousand, and nobody reads their stacks.
  Error.stackTraceLimit = task.kind === 'seeds' || !task.keepTrace ? 0 : STACK_LINES;
  if (task.kind === 'seeds') return runSeeds(task);
  const seed = task.kind === 'seed' ? task.seed : task.plan.seed;
  try {
    return { kind: 'result', result: await runOne(seed, start(task)) };
  } catch (error) {
    return { kind: 'failed', failure: failureOf(seed, error) };
  }
}

function start(
  task: Exclude<WorkerTask, { kind: 'seeds' }>,
): (host: SimHost) => Promise<SimResult> {
  const { keepTrace } = task;
  if (task.kind === 'plan') {
    return (to) => simulator.simulatePlan(task.plan, to, { keepTrace });
  }
  return (to) => simulator.simulateSeed(task.seed, to, { mode: task.mode, keepTrace });
}

async function runSeeds({
  from,
  count,
  mode,
  isTwice,
}: Extract<WorkerTask, { kind: 'seeds' }>): Promise<WorkerAnswer> {
  const tally = emptyTally();
  for (let seed = from; seed < from + count; seed += 1) {
    const run = (): Promise<SimResult> =>
      runOne(seed, (to) => simulator.simulateSeed(seed, to, { mode }));
    try {
      const result = await run();
      addResult(tally, result);
      // First of all: a violation that does not come again can be neither replayed nor shrunk.
      const differences = isTwice ? compareRuns(result, await run()) : [];
      if (differences.length > 0) {
        return { kind: 'batch', tally, failure: { kind: 'difference', seed, differences } };
      }
      if (result.violations.length > 0) {
        return { kind: 'batch', tally, failure: { kind: 'violation', seed, result } };
      }
    } catch (error) {
      return { kind: 'batch', tally, failure: failureOf(seed, error) };
    }
  }
  return { kind: 'batch', tally, failure: null };
}

/** The host guards each step; what comes before the first one is guarded here. */
function runOne(seed: number, begin: (host: SimHost) => Promise<SimResult>): Promise<SimResult> {
  now[0] = seed;
  now[1] = (now[1] ?? 0) + 1;
  tripwire.enter();
  try {
    return begin(host);
  } finally {
    tripwire.leave();
  }
}

function failureOf(seed: number, error: unknown): Failure {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'error', seed, name, message, stack: stack ?? '' };
}
