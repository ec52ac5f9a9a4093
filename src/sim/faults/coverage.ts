/** Counts which fault met which phase of the protocol, in which stage of a failover. */

import { FAULT_IDS, type FaultId, PHASES, type Phase, STAGES, type Stage } from './fault-ids.ts';

const FAULT_INDEX: ReadonlyMap<FaultId, number> = new Map(FAULT_IDS.map((id, at) => [id, at]));
const PHASE_INDEX: ReadonlyMap<Phase, number> = new Map(PHASES.map((phase, at) => [phase, at]));
const STAGE_INDEX: ReadonlyMap<Stage, number> = new Map(STAGES.map((stage, at) => [stage, at]));

/** Plain counts, so that a worker can post them: `faults × phases` and `faults × stages`, row by row. */
export interface CoverageCounts {
  readonly byPhase: Uint32Array;
  readonly byStage: Uint32Array;
}

export function emptyCounts(): CoverageCounts {
  return {
    byPhase: new Uint32Array(FAULT_IDS.length * PHASES.length),
    byStage: new Uint32Array(FAULT_IDS.length * STAGES.length),
  };
}

/** Adds `more` to `counts`. */
export function addCounts(counts: CoverageCounts, more: CoverageCounts): void {
  for (let at = 0; at < counts.byPhase.length; at += 1) {
    counts.byPhase[at] = (counts.byPhase[at] ?? 0) + (more.byPhase[at] ?? 0);
  }
  for (let at = 0; at < counts.byStage.length; at += 1) {
    counts.byStage[at] = (counts.byStage[at] ?? 0) + (more.byStage[at] ?? 0);
  }
}

export function phaseCount(counts: CoverageCounts, fault: FaultId, phase: Phase): number {
  return counts.byPhase[phaseCell(fault, phase)] ?? 0;
}

export function stageCount(counts: CoverageCounts, fault: FaultId, stage: Stage): number {
  return counts.byStage[stageCell(fault, stage)] ?? 0;
}

export class Coverage {
  readonly counts: CoverageCounts = emptyCounts();
  stage: Stage = 'steady';

  /** `fault` met an operation of `phase`, and changed what came of it. */
  hit(fault: FaultId, phase: Phase): void {
    const { byPhase, byStage } = this.counts;
    const phaseAt = phaseCell(fault, phase);
    const stageAt = stageCell(fault, this.stage);
    byPhase[phaseAt] = (byPhase[phaseAt] ?? 0) + 1;
    byStage[stageAt] = (byStage[stageAt] ?? 0) + 1;
  }
}

function phaseCell(fault: FaultId, phase: Phase): number {
  return (FAULT_INDEX.get(fault) ?? 0) * PHASES.length + (PHASE_INDEX.get(phase) ?? 0);
}

function stageCell(fault: FaultId, stage: Stage): number {
  return (FAULT_INDEX.get(fault) ?? 0) * STAGES.length + (STAGE_INDEX.get(stage) ?? 0);
}
