/** Many runs as one JSON document. Pure. */

import { type CoverageCounts, phaseCount, stageCount } from '#sim/faults/coverage.ts';
import { FAULT_IDS, PHASES, STAGES } from '#sim/faults/fault-ids.ts';
import type { SimMode } from '#sim/sim-result.ts';
import { failureTitle, replayCommand } from './render-failure.ts';
import { rate, type SwarmFacts } from './render-swarm.ts';
import type { ShrunkPlan } from './shrink-failure.ts';
import { seedsHashText } from './tally.ts';
import type { Failure } from './worker-messages.ts';

/** A failure made small, and where it was written. */
export interface ShrunkFailure extends ShrunkPlan {
  readonly file: string;
}

export function swarmJson(
  facts: SwarmFacts,
  mode: SimMode,
  missing: readonly string[],
  shrunk: ShrunkFailure | null,
): object {
  const { report, firstSeed, workers, cells, isTwice, code } = facts;
  const { tally, seconds, failure, isInterrupted } = report;
  const { coverage, seedsHash: _sum, ...counts } = tally;
  return {
    passed: failure === null && !isInterrupted,
    ...{ isInterrupted, mode, firstSeed, isTwice, ...counts },
    ...{ seconds, workers, code, node: process.versions.node },
    failoversPerSecond: rate(tally.complete, seconds),
    paymentsPerSecond: rate(tally.payments, seconds),
    seedsHash: seedsHashText(tally),
    coverage: { ...cells, ...countsJson(coverage), missing },
    failure: failure === null ? null : { ...failureJson(failure, mode), shrunk },
  };
}

/** By names, rows of faults; what was never met is left out. */
function countsJson(counts: CoverageCounts): object {
  const table = (
    columns: readonly string[],
    count: (fault: (typeof FAULT_IDS)[number], column: number) => number,
  ): object =>
    Object.fromEntries(
      FAULT_IDS.map((fault) => [
        fault,
        Object.fromEntries(
          columns.map((name, at) => [name, count(fault, at)]).filter(([, many]) => many !== 0),
        ),
      ]),
    );
  return {
    byPhase: table(PHASES, (fault, at) => phaseCount(counts, fault, PHASES[at] ?? 'request')),
    byStage: table(STAGES, (fault, at) => stageCount(counts, fault, STAGES[at] ?? 'steady')),
  };
}

/** With its violations and its plan, where it has any. */
export function failureJson(failure: Failure, mode: SimMode): object {
  const { kind, seed } = failure;
  const said = { kind, seed, title: failureTitle(failure), replay: replayCommand(seed, mode) };
  if (failure.kind !== 'violation') return { ...failure, ...said };
  const { violations, plan, hash } = failure.result;
  return { ...said, violations, plan, hash };
}
