/** Many seeds on many threads: small pieces, handed out in the order of the seeds, up to the first failure. */

import type { SimMode } from '#sim/sim-result.ts';
import { type SimWorker, type SimWorkerOptions, startSimWorker } from './sim-worker.ts';
import { addTally, emptyTally, type Tally } from './tally.ts';
import type { Failure } from './worker-messages.ts';

export interface PoolOptions extends SimWorkerOptions {
  readonly firstSeed: number;
  /** How many; Infinity: as many as there is time for. */
  readonly seeds: number;
  /** No piece is begun after it, milliseconds; null: as long as it takes. */
  readonly lastsMs: number | null;
  readonly mode: SimMode;
  /** Runs each seed twice, and compares. */
  readonly isTwice: boolean;
  readonly workers: number;
  /** Told of the sums so far, whenever a piece is done. */
  readonly onProgress: (tally: Tally, seconds: number) => void;
  /** Aborted: the threads end where they stand. */
  readonly signal: AbortSignal;
}

export interface PoolReport {
  /** Of the runs that were done, the failed one too. */
  readonly tally: Tally;
  /** Of the lowest seed that fails; null: none does. */
  readonly failure: Failure | null;
  readonly seconds: number;
  readonly isInterrupted: boolean;
}

/** A piece's work: a failure is known soon, little is lost at an end, and messages cost nothing beside it. */
const PIECE_MS = 150;
const PIECE_SEEDS = { first: 4, max: 50 };

/** Never rejects because of what a run does. Effects: threads, all of them ended when it returns. */
export async function runPool(options: PoolOptions): Promise<PoolReport> {
  const { firstSeed, seeds, lastsMs, mode, isTwice, onProgress, signal } = options;
  const workers = Math.max(1, Math.min(options.workers, seeds));
  const startedAtMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedAtMs;
  const tally = emptyTally();
  const atWork = new Map<SimWorker, number>();
  let next = firstSeed;
  let pieceSeeds: number = PIECE_SEEDS.first;
  let failure: Failure | null = null;

  const takePiece = (): { readonly from: number; readonly count: number } | null => {
    const left = firstSeed + seeds - next;
    const isOver = left <= 0 || (lastsMs !== null && elapsedMs() >= lastsMs);
    if (isOver || failure !== null || signal.aborted) return null;
    const piece = { from: next, count: Math.min(left, pieceSeeds) };
    next += piece.count;
    return piece;
  };
  /** Pieces of lower seeds go on: one of them may fail as well, and the lowest is what is told. */
  const fail = (found: Failure): void => {
    if (failure === null || found.seed < failure.seed) failure = found;
    for (const [worker, from] of atWork) if (from > found.seed) void worker.stop();
  };
  const work = async (worker: SimWorker): Promise<void> => {
    for (let piece = takePiece(); piece !== null; piece = takePiece()) {
      atWork.set(worker, piece.from);
      const askedAtMs = elapsedMs();
      const answer = await worker.ask({ kind: 'seeds', ...piece, mode, isTwice });
      atWork.delete(worker);
      if (answer.kind === 'stopped') return;
      if (answer.kind === 'batch') addTally(tally, answer.tally);
      const fitting = Math.round((piece.count * PIECE_MS) / Math.max(1, elapsedMs() - askedAtMs));
      pieceSeeds = Math.max(1, Math.min(PIECE_SEEDS.max, fitting));
      if (answer.kind !== 'result' && answer.failure !== null) fail(answer.failure);
      onProgress(tally, elapsedMs() / 1_000);
    }
  };

  const all = Array.from({ length: workers }, () => startSimWorker(options));
  const stopAll = (): void => {
    for (const worker of all) void worker.stop();
  };
  signal.addEventListener('abort', stopAll);
  try {
    await Promise.all(all.map(work));
  } finally {
    signal.removeEventListener('abort', stopAll);
    await Promise.all(all.map((worker) => worker.stop()));
  }
  return { tally, failure, seconds: elapsedMs() / 1_000, isInterrupted: signal.aborted };
}
