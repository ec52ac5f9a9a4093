/**
 * The simulator's teeth: bugs planted one at a time, and how long it takes to catch each.
 *
 * A simulator that finds nothing proves something only if it would find what is there.
 */

import { Worker } from 'node:worker_threads';
import type { SimMode } from '#sim/sim-result.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { TeethAnswer, TeethTask } from './teeth-worker.ts';

export interface TeethOptions {
  readonly bugs: readonly PlantedBug[];
  /** For each bug, wall time. */
  readonly secondsMax: number;
  /** Told of each bug when it is done with. */
  readonly onResult: (result: ToothResult) => void;
  /** Told often of what goes on. */
  readonly onProgress: (text: string) => void;
  /** Module that exports `loadSubject`. @default the simulator */
  readonly subjectUrl?: string;
}

export type ToothOutcome =
  /** `isExpected`: the invariant is one of those that the bug names. */
  | {
      readonly kind: 'caught';
      readonly invariant: number;
      readonly isExpected: boolean;
      readonly seed: number;
      readonly message: string;
    }
  | { readonly kind: 'missed'; readonly seeds: number }
  | { readonly kind: 'does-not-apply'; readonly message: string }
  /** The run threw, or never came to an end. */
  | { readonly kind: 'failed'; readonly seed: number; readonly message: string };

export interface ToothResult {
  readonly name: string;
  readonly area: PlantedBug['area'];
  readonly outcome: ToothOutcome;
  /** Wall time, from the start of its worker. */
  readonly seconds: number;
}

/** The same seeds in the same kind of world, without a bug: what is found there was no catch. */
export interface ControlResult {
  readonly mode: SimMode;
  /** From 1. */
  readonly seeds: number;
  readonly outcome:
    | { readonly kind: 'clean' }
    | {
        readonly kind: 'violation';
        readonly seed: number;
        readonly invariant: number;
        readonly message: string;
      }
    | { readonly kind: 'failed'; readonly seed: number; readonly message: string };
  readonly seconds: number;
}

export interface TeethReport {
  readonly results: readonly ToothResult[];
  readonly controls: readonly ControlResult[];
  /** Every bug was caught, and no control found anything. */
  readonly passed: boolean;
}

/** For starting a worker and loading the simulator, and for the last seed to end. */
const SPARE_MS = 15_000;
/** A control has no clock of its own; this ends one that hangs. */
const CONTROL_SECONDS_MAX = 900;
const PROGRESS_MS = 500;
const SIMULATOR = new URL('teeth-subject.ts', import.meta.url).href;

/** Bites bug after bug, then runs the controls. Effects: worker threads, ended when it returns. */
export async function runTeeth(options: TeethOptions): Promise<TeethReport> {
  const results: ToothResult[] = [];
  for (const [index, bug] of options.bugs.entries()) {
    const said = `[${index + 1}/${options.bugs.length}] ${bug.name}`;
    const result = await runBug(bug, said, options);
    results.push(result);
    options.onResult(result);
  }
  const controls: ControlResult[] = [];
  for (const [mode, seeds] of controlsFor(options.bugs, results)) {
    controls.push(await runControl(mode, seeds, options));
  }
  const passed =
    results.every(({ outcome }) => outcome.kind === 'caught') &&
    controls.every(({ outcome }) => outcome.kind === 'clean');
  return { results, controls, passed };
}

async function runBug(bug: PlantedBug, said: string, options: TeethOptions): Promise<ToothResult> {
  const { name, area, needs: mode = 'any' } = bug;
  const { secondsMax } = options;
  const limits = { secondsMax, seedsMax: Number.MAX_SAFE_INTEGER };
  const { answer, seconds } = await ask({ bug, mode, ...limits }, said, options);
  return { name, area, outcome: outcomeOf(bug, answer), seconds };
}

function outcomeOf(bug: PlantedBug, answer: TeethAnswer): ToothOutcome {
  switch (answer.kind) {
    case 'violation':
      return { ...answer, kind: 'caught', isExpected: bug.invariants.includes(answer.invariant) };
    case 'clean':
      return { kind: 'missed', seeds: answer.seeds };
    case 'does-not-apply':
    case 'failed':
      return answer;
  }
}

/** For each kind of world, as many seeds as the slowest catch in it took. */
function controlsFor(
  bugs: readonly PlantedBug[],
  results: readonly ToothResult[],
): ReadonlyMap<SimMode, number> {
  const seeds = new Map<SimMode, number>();
  for (const [index, { outcome }] of results.entries()) {
    if (outcome.kind !== 'caught') continue;
    const mode = bugs[index]?.needs ?? 'any';
    seeds.set(mode, Math.max(seeds.get(mode) ?? 0, outcome.seed));
  }
  return seeds;
}

async function runControl(
  mode: SimMode,
  seeds: number,
  options: TeethOptions,
): Promise<ControlResult> {
  const limits = { secondsMax: CONTROL_SECONDS_MAX, seedsMax: seeds };
  const { answer, seconds } = await ask({ bug: null, mode, ...limits }, 'control', options);
  if (answer.kind === 'clean' && answer.seeds < seeds) {
    const message = `no time left after ${CONTROL_SECONDS_MAX} s`;
    return { mode, seeds, outcome: { kind: 'failed', seed: answer.seeds, message }, seconds };
  }
  const outcome: ControlResult['outcome'] =
    answer.kind === 'clean'
      ? { kind: 'clean' }
      : answer.kind === 'does-not-apply'
        ? { kind: 'failed', seed: 0, message: answer.message }
        : answer;
  return { mode, seeds, outcome, seconds };
}

/** Has a fresh worker do it. One that hangs is ended from here: a planted bug may loop for ever. */
async function ask(
  task: Omit<TeethTask, 'seed' | 'subjectUrl'>,
  said: string,
  { subjectUrl = SIMULATOR, onProgress }: TeethOptions,
): Promise<{ readonly answer: TeethAnswer; readonly seconds: number }> {
  const seed = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const now = new Int32Array(seed);
  const startedAtMs = performance.now();
  const workerData: TeethTask = { ...task, seed, subjectUrl };
  const worker = new Worker(new URL('teeth-worker.ts', import.meta.url), { workerData });
  const progress = setInterval(() => onProgress(`${said}: seed ${now[0]}`), PROGRESS_MS);
  const limit = Promise.withResolvers<TeethAnswer>();
  const timer = setTimeout(
    () => limit.resolve(failed(now[0], 'the run came to no end')),
    task.secondsMax * 1_000 + SPARE_MS,
  );
  try {
    const answer = await Promise.race([answerOf(worker, now), limit.promise]);
    return { answer, seconds: (performance.now() - startedAtMs) / 1_000 };
  } finally {
    clearInterval(progress);
    clearTimeout(timer);
    await worker.terminate();
  }
}

function answerOf(worker: Worker, now: Int32Array): Promise<TeethAnswer> {
  return new Promise((resolve) => {
    worker.once('message', resolve);
    worker.once('error', (error) => resolve(failed(now[0], error.message)));
    worker.once('exit', () => resolve(failed(now[0], 'the worker ended without an answer')));
  });
}

function failed(seed: number | undefined, message: string): TeethAnswer {
  return { kind: 'failed', seed: seed ?? 0, message };
}
