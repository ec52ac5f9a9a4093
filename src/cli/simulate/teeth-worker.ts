/** The worker of one bite: plants the bug, then runs seed after seed until one of them shows it. */

import { parentPort, workerData } from 'node:worker_threads';
import type { SimMode } from '#sim/sim-result.ts';
import { DoesNotApplyError, plantBug } from './plant-bug.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { loadSubject } from './teeth-subject.ts';

export interface TeethTask {
  /** Null: none, the control. */
  readonly bug: PlantedBug | null;
  /** The worlds that seeds may draw. */
  readonly mode: SimMode;
  /** No seed is begun after it; from when the simulator is loaded. */
  readonly secondsMax: number;
  /** The last seed; they begin at 1. */
  readonly seedsMax: number;
  /** One Int32: the seed that is run now, for whoever waits. */
  readonly seed: SharedArrayBuffer;
  /** Module that exports `loadSubject`. */
  readonly subjectUrl: string;
}

export type TeethAnswer =
  | {
      readonly kind: 'violation';
      readonly seed: number;
      readonly invariant: number;
      readonly message: string;
    }
  /** `seeds` of them broke nothing. */
  | { readonly kind: 'clean'; readonly seeds: number }
  | { readonly kind: 'does-not-apply'; readonly message: string }
  /** The simulator itself failed, with `seed` or, at 0, before the first. */
  | { readonly kind: 'failed'; readonly seed: number; readonly message: string };

parentPort?.postMessage(await bite(workerData as TeethTask));

async function bite(task: TeethTask): Promise<TeethAnswer> {
  const now = new Int32Array(task.seed);
  try {
    const planting = task.bug === null ? null : plantBug(task.bug);
    const module = (await import(task.subjectUrl)) as { loadSubject: typeof loadSubject };
    const run = await module.loadSubject(task.mode);
    planting?.check();
    const endsAtMs = performance.now() + task.secondsMax * 1_000;
    let seed = 0;
    while (seed < task.seedsMax && performance.now() < endsAtMs) {
      seed += 1;
      now[0] = seed;
      const [violation] = await run(seed);
      if (violation !== undefined) {
        const { invariant, message } = violation;
        return { kind: 'violation', seed, invariant, message };
      }
    }
    return { kind: 'clean', seeds: seed };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof DoesNotApplyError) return { kind: 'does-not-apply', message };
    return { kind: 'failed', seed: now[0] ?? 0, message };
  }
}
