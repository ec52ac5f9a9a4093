/** One simulating thread, as the command sees it: asked one thing at a time, watched, and ended. */

import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import {
  type Failure,
  NO_SEED,
  type WorkerAnswer,
  type WorkerSetup,
  type WorkerTask,
} from './worker-messages.ts';

export interface SimWorker {
  /** Resolves with the answer; a thread that breaks or hangs is ended, and answers with that failure. */
  ask(task: WorkerTask): Promise<WorkerAnswer | { readonly kind: 'stopped' }>;
  /** Whether the thread is no more: from then on every task gets the answer that it ended with. */
  readonly isEnded: boolean;
  /** Ends the thread where it stands; what is being asked is answered with `stopped`. */
  stop(): Promise<void>;
}

export interface SimWorkerOptions {
  /** Module that exports `simulateSeed` and `simulatePlan`. @default the simulator */
  readonly simulatorUrl?: string;
  /** How long one run may take, milliseconds. @default 60 s: thirty thousand times the usual */
  readonly hangMs?: number;
}

type Said = WorkerAnswer | { readonly kind: 'stopped' };

const SIMULATOR = new URL('../../sim/simulate-seed.ts', import.meta.url).href;
const HANG_MS = 60_000;
/**
 * V8 watches where objects are made that outlive a quick collection, and soon makes those of such a place among the old
 * ones. All of a world outlives the one that falls into its run, and none of it the next; but a single old object keeps
 * its whole world from each of them, until a full one comes. Of two threads one or both ran into it.
 */
const KEEP_WORLDS_YOUNG = '--no-allocation-site-pretenuring';

/** Effects: a thread, and a flag of V8 that holds for all threads of the process from then on. */
export function startSimWorker(options: SimWorkerOptions = {}): SimWorker {
  const { simulatorUrl = SIMULATOR, hangMs = HANG_MS } = options;
  setFlagsFromString(KEEP_WORLDS_YOUNG);
  const shared = new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT);
  const now = new Float64Array(shared).fill(NO_SEED, 0, 1);
  const workerData: WorkerSetup = { simulatorUrl, now: shared };
  const worker = new Worker(new URL('simulate-worker.ts', import.meta.url), { workerData });
  let resolve: ((said: Said) => void) | null = null;
  let ended: Said | null = null;

  const say = (said: Said): void => {
    resolve?.(said);
    resolve = null;
  };
  const end = (said: Said): void => {
    ended ??= said;
    say(ended);
    void worker.terminate();
  };
  worker.on('message', say);
  worker.on('error', (error) => end(failed(errorOf(now[0] ?? NO_SEED, error))));
  worker.on('exit', () =>
    end(failed(errorOf(now[0] ?? NO_SEED, new Error('the thread has ended')))),
  );

  /** A run that hangs never hears a message: it is seen from here, once a first one has begun. */
  const watch = (): NodeJS.Timeout => {
    let begun = now[1];
    return setInterval(() => {
      if (now[1] === begun && begun !== 0) {
        end(failed({ kind: 'hung', seed: now[0] ?? NO_SEED, seconds: hangMs / 1_000 }));
      }
      begun = now[1];
    }, hangMs);
  };

  return {
    async ask(task) {
      if (ended !== null) return ended;
      const said = new Promise<Said>((take) => {
        resolve = take;
      });
      worker.postMessage(task);
      const watching = watch();
      try {
        return await said;
      } finally {
        clearInterval(watching);
      }
    },
    get isEnded() {
      return ended !== null;
    },
    async stop() {
      end({ kind: 'stopped' });
      await worker.terminate();
    },
  };
}

function failed(failure: Failure): Said {
  return { kind: 'failed', failure };
}

function errorOf(seed: number, error: unknown): Failure {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { kind: 'error', seed, name, message, stack: stack ?? '' };
}
