import { describe, expect, it } from 'vitest';
import { compareRuns } from '#cli/simulate/compare-runs.ts';
import { emptyCounts } from '#sim/faults/coverage.ts';
import type { SimResult } from '#sim/sim-result.ts';
import { resultOf } from './fake-simulator.ts';

const run = resultOf({ seed: 1, isBad: true });

describe('compareRuns', () => {
  it('finds nothing in two runs that agree', () => {
    expect(compareRuns(run, resultOf({ seed: 1, isBad: true }))).toEqual([]);
  });

  it.each<[string, Partial<SimResult>, string]>([
    ['hash', { hash: 'hash-2' }, 'hash hash-1 and hash-2'],
    ['number of events', { events: 11 }, 'events 10 and 11'],
    ['length', { virtualMs: 60_001 }, 'virtual milliseconds 60000 and 60001'],
    [
      'messages of violations',
      { violations: [{ invariant: 2, message: 't8 was charged twice', atMs: 9_500 }] },
      'what was broken 2: t7 was charged twice: 10.00 USD each and 2: t8 was charged twice',
    ],
    [
      'coverage',
      { coverage: { ...run.coverage, byPhase: emptyCounts().byPhase } },
      'coverage of phases 1 and 0',
    ],
    [
      'stages',
      { coverage: { ...run.coverage, byStage: emptyCounts().byStage.fill(1, 0, 3) } },
      'coverage of stages 0 and 3',
    ],
  ])('finds another %s', (_what, more, difference) => {
    expect(compareRuns(run, { ...run, ...more })).toEqual([difference]);
  });

  it('finds a violation more', () => {
    expect(compareRuns({ ...run, violations: [] }, run)).toEqual([
      'violations 0 and 1',
      'what was broken nothing and 2: t7 was charged twice: 10.00 USD each',
    ]);
  });
});
