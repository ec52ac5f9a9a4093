/** Sums over many runs: what a worker counts, and what all of them come to together. */

import { hash } from 'node:crypto';
import { addCounts, type CoverageCounts, emptyCounts } from '#sim/faults/coverage.ts';
import type { SimResult } from '#sim/sim-result.ts';

export interface Tally {
  runs: number;
  /** Runs that count as a whole failover: enough payments, a fault met, healed, at rest, checked. */
  complete: number;
  /** Runs in which traffic moved, and how often it did in all of them. */
  runsWithMove: number;
  moves: number;
  /** Payments that a client was told of as taken. */
  payments: number;
  events: number;
  virtualMs: number;
  /** Operations that a fault changed. */
  faultHits: number;
  readonly coverage: CoverageCounts;
  /** Over every seed and its hash, 64 bits: a sum, so that neither order nor grouping matters. */
  seedsHash: bigint;
}

export function emptyTally(): Tally {
  return {
    ...{ runs: 0, complete: 0, runsWithMove: 0, moves: 0, payments: 0 },
    ...{ events: 0, virtualMs: 0, faultHits: 0, coverage: emptyCounts(), seedsHash: 0n },
  };
}

/** Counts one run in. */
export function addResult(tally: Tally, result: SimResult): void {
  tally.runs += 1;
  tally.complete += result.isComplete ? 1 : 0;
  tally.runsWithMove += result.moves > 0 ? 1 : 0;
  tally.moves += result.moves;
  tally.payments += result.acknowledged;
  tally.events += result.events;
  tally.virtualMs += result.virtualMs;
  tally.faultHits += result.faultHits;
  addCounts(tally.coverage, result.coverage);
  const mixed = hash('sha256', `${result.seed}:${result.hash}`).slice(0, 16);
  tally.seedsHash = BigInt.asUintN(64, tally.seedsHash + BigInt(`0x${mixed}`));
}

/** Adds `more` to `tally`. */
export function addTally(tally: Tally, more: Tally): void {
  tally.runs += more.runs;
  tally.complete += more.complete;
  tally.runsWithMove += more.runsWithMove;
  tally.moves += more.moves;
  tally.payments += more.payments;
  tally.events += more.events;
  tally.virtualMs += more.virtualMs;
  tally.faultHits += more.faultHits;
  addCounts(tally.coverage, more.coverage);
  tally.seedsHash = BigInt.asUintN(64, tally.seedsHash + more.seedsHash);
}

/** 16 hex characters. */
export function seedsHashText({ seedsHash }: Tally): string {
  return seedsHash.toString(16).padStart(16, '0');
}
