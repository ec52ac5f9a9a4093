import { describe, expect, it } from 'vitest';
import { Coverage, emptyCounts } from '#sim/faults/coverage.ts';
import { FAULT_IDS, type FaultId, PHASES, type Phase, STAGES } from '#sim/faults/fault-ids.ts';
import { REACHABLE, reachOfPhase, reachOfStage } from '#sim/faults/reach.ts';
import { coverageShare, missing, renderMatrix } from '#sim/faults/reachable.ts';

describe('the table of what can be met', () => {
  it('has a word on every fault and phase, and every fault and stage', () => {
    for (const fault of FAULT_IDS) {
      for (const phase of PHASES) expect(reachOfPhase(fault, phase)).toMatch(/^[a-z]/);
      for (const stage of STAGES) expect(reachOfStage(fault, stage)).toMatch(/^[a-z]/);
    }
  });

  it('lets every fault meet something, and every phase be met', () => {
    const meets = (fault: FaultId, phase: Phase) => reachOfPhase(fault, phase) === REACHABLE;
    const idle = FAULT_IDS.filter((fault) => !PHASES.some((phase) => meets(fault, phase)));
    const nowhere = FAULT_IDS.filter(
      (fault) => !STAGES.some((stage) => reachOfStage(fault, stage) === REACHABLE),
    );
    const unmet = PHASES.filter((phase) => !FAULT_IDS.some((fault) => meets(fault, phase)));
    expect([idle, nowhere, unmet]).toEqual([[], [], []]);
  });
});

describe('what is missing', () => {
  it('is everything that can be met, before the first run', () => {
    const { met, reachable } = coverageShare(emptyCounts());
    expect(met).toBe(0);
    expect(missing(emptyCounts())).toHaveLength(reachable);
    expect(reachable).toBeGreaterThan(250);
  });

  it('leaves out what was met and what can’t be', () => {
    const coverage = new Coverage();
    coverage.stage = 'moving';
    coverage.hit('F13', 'charge');
    const left = missing(coverage.counts);
    expect(left).not.toContain('F13 × charge');
    expect(left).not.toContain('F13 in moving');
    expect(left).toContain('F13 × record');
    expect(left).toContain('F13 in steady');
    expect(left).not.toContain('F4 × charge');
    expect(coverageShare(coverage.counts).met).toBe(2);
  });
});

describe('the matrix', () => {
  const coverage = new Coverage();
  for (let at = 0; at < 12_345; at += 1) coverage.hit('F5', 'request');
  coverage.hit('F1', 'answer');
  const text = renderMatrix(coverage.counts);
  const lines = text.split('\n');
  const rowsOf = (fault: string) => lines.filter((line) => line.startsWith(`${fault.padEnd(4)} `));

  it('has a row for each fault in both tables, with counts, dots and what was never met', () => {
    const [phases, stages] = rowsOf('F5');
    expect(phases).toMatch(/^F5 +12k +0! +0!.* · +0!$/);
    expect(stages).toMatch(/^F5 +12k( +0!){5}$/);
    expect(rowsOf('F4')[0]).toMatch(/^F4 +0!( +·){4} +0! +0!( +·){7} +0!( +·){3}$/);
    expect(FAULT_IDS.filter((fault) => rowsOf(fault).length < 2)).toEqual([]);
  });

  it('explains its dots', () => {
    expect(text).toContain(
      'F4 clients cut off from a Region\n    everything else: only clients are cut',
    );
    expect(text).toContain('queue: the queue is in the Region itself');
    expect(text).toContain('steady, healed: while it is in force a Region is hurt');
  });

  it('fits on a screen of a hundred columns', () => {
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  });

  it('shows what was met though it was thought impossible', () => {
    const wrong = new Coverage();
    wrong.hit('F4', 'charge');
    expect(renderMatrix(wrong.counts)).toMatch(/^F4 +0! +· +1 /m);
  });
});
