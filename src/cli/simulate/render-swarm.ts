/** Many runs as people read them: a line while they go on, a table at the end. Pure. */

import { columns, type Paint } from '../terminal.ts';
import { seedsHashText, type Tally } from './tally.ts';
import { grouped, percent } from './words.ts';
import type { PoolReport } from './worker-pool.ts';

/** Pairs of a fault and what it can meet. */
export interface Cells {
  readonly met: number;
  readonly reachable: number;
}

export interface SwarmFacts {
  readonly report: PoolReport;
  readonly firstSeed: number;
  readonly workers: number;
  readonly cells: Cells;
  /** Each seed was run twice. */
  readonly isTwice: boolean;
  readonly code: string;
}

/** `seeds`: how many there will be; Infinity: nobody knows. */
export function renderProgress(
  tally: Tally,
  seconds: number,
  seeds: number,
  { met, reachable }: Cells,
): string {
  const { runs, complete, payments, runsWithMove } = tally;
  const of = Number.isFinite(seeds) ? ` of ${grouped(seeds)}` : '';
  return [
    `${grouped(runs)}${of} seeds`,
    `${grouped(rate(complete, seconds))} failovers/s`,
    `${grouped(rate(payments, seconds))} payments/s`,
    `traffic moved in ${percent(runsWithMove, runs)}`,
    // The first one ends it all.
    '0 violations',
    `coverage ${met} of ${reachable}`,
  ].join('  ');
}

/** A dozen lines; the last one is the verdict. */
export function renderSummary(facts: SwarmFacts, paint: Paint): string {
  const { report, firstSeed, workers, cells, isTwice, code } = facts;
  const { tally, seconds, failure, isInterrupted } = report;
  const { runs, complete, runsWithMove, moves, payments, faultHits, virtualMs } = tally;
  const threads = `${workers} ${workers === 1 ? 'thread' : 'threads'}`;
  const speed = `${grouped(rate(complete, seconds))} failovers/s, ${grouped(rate(payments, seconds))} payments/s`;
  const verdict =
    failure !== null
      ? paint('bad', `FAILED at seed ${failure.seed}`)
      : isInterrupted
        ? paint('warn', 'interrupted: no violation up to here')
        : paint('good', `passed: ${passText(runs, isTwice)}`);
  return `${[
    ...columns([
      ['runs', `${grouped(runs)}, seeds from ${firstSeed} on`],
      ['complete failovers', `${grouped(complete)} (${percent(complete, runs)})`],
      ['traffic moved', `in ${percent(runsWithMove, runs)} of the runs, ${grouped(moves)} times`],
      ['payments taken', grouped(payments)],
      ['changed by a fault', `${grouped(faultHits)} operations`],
      ['coverage', `${cells.met} of ${cells.reachable} cells`],
      ['virtual time', `${grouped(virtualMs / 3_600_000)} hours`],
      ['took', `${seconds.toFixed(1)} s on ${threads}: ${speed}`],
      ['hash of all seeds', seedsHashText(tally)],
      ['code', `${code}, Node ${process.versions.node}`],
    ]),
    verdict,
  ].join('\n')}\n`;
}

function passText(runs: number, isTwice: boolean): string {
  const twice = isTwice ? `; ${grouped(runs)} seeds run twice give identical runs` : '';
  return `no violation in ${grouped(runs)} runs${twice}`;
}

/** For each second. */
export function rate(count: number, seconds: number): number {
  return seconds === 0 ? 0 : count / seconds;
}
