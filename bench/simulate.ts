/** How fast the simulator is: whole failovers, judged, on one thread and on two. */

import { runPool } from '#cli/simulate/worker-pool.ts';

export interface SimulateFigures {
  readonly workers: number;
  /** Of each round: complete failovers alone count as such. */
  readonly failoversPerSecond: readonly number[];
  readonly paymentsPerSecond: readonly number[];
  /** Of all the process's threads, for each run, complete or not. */
  readonly cpuMsPerRun: readonly number[];
  /** Of the runs that the first round measures, 0 to 1. */
  readonly completeShare: number;
  readonly moveShare: number;
}

/** Until then threads start, load the simulator and get warm; it is no part of a figure. */
const WARM_UP_RUNS = 300;

/** Runs seeds 1 to `seeds` in each round. Throws when one of them breaks an invariant. */
export async function benchSimulate(options: {
  readonly workers: number;
  readonly rounds: number;
  /** Beside those that warm up. */
  readonly seeds: number;
  readonly progress: (text: string) => void;
}): Promise<SimulateFigures> {
  const { workers, rounds, seeds, progress } = options;
  const measured = [];
  for (let round = 1; round <= rounds; round += 1) {
    const said = `simulator, ${workers} threads, round ${round} of ${rounds}`;
    measured.push(await runOnce(workers, seeds, (runs) => progress(`${said}: ${runs} runs`)));
  }
  const [first] = measured;
  if (first === undefined) throw new RangeError('rounds: at least one');
  return {
    workers,
    failoversPerSecond: measured.map(({ complete, seconds }) => complete / seconds),
    paymentsPerSecond: measured.map(({ payments, seconds }) => payments / seconds),
    cpuMsPerRun: measured.map(({ cpuMs, runs }) => cpuMs / runs),
    completeShare: first.complete / first.runs,
    moveShare: first.runsWithMove / first.runs,
  };
}

interface Counts {
  readonly runs: number;
  readonly complete: number;
  readonly payments: number;
  readonly runsWithMove: number;
  readonly seconds: number;
  readonly cpuMs: number;
}

/** What one pool does after its warm-up. */
async function runOnce(
  workers: number,
  seeds: number,
  onRuns: (runs: number) => void,
): Promise<Counts> {
  let warm: Counts | null = null;
  let end: Counts | null = null;
  const { failure } = await runPool({
    ...{ firstSeed: 1, seeds: WARM_UP_RUNS + seeds, lastsMs: null, mode: 'any', isTwice: false },
    ...{ workers, signal: new AbortController().signal },
    onProgress: ({ runs, complete, payments, runsWithMove }, seconds) => {
      const { user, system } = process.cpuUsage();
      const cpuMs = (user + system) / 1_000;
      end = { runs, complete, payments, runsWithMove, seconds, cpuMs };
      if (runs >= WARM_UP_RUNS) warm ??= end;
      onRuns(runs);
    },
  });
  if (failure !== null) {
    throw new Error(`seed ${failure.seed} failed: see holdfast simulate --seed ${failure.seed}`);
  }
  return since(warm, end);
}

function since(warm: Counts | null, end: Counts | null): Counts {
  if (warm === null || end === null || end === warm) throw new RangeError('seeds: too few');
  return {
    runs: end.runs - warm.runs,
    complete: end.complete - warm.complete,
    payments: end.payments - warm.payments,
    runsWithMove: end.runsWithMove - warm.runsWithMove,
    seconds: end.seconds - warm.seconds,
    cpuMs: end.cpuMs - warm.cpuMs,
  };
}
