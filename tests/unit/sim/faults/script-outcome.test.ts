import { describe, expect, it } from 'vitest';
import { scriptOutcome } from '#sim/faults/script-outcome.ts';

const broken = (...invariants: readonly number[]) =>
  invariants.map((invariant) => ({ invariant, message: 'because', atMs: 1 }));
const CLEAN = {
  ...{ moved: false, lost: 0, duplicated: 0, conflicting: 0, back: true, open: 0 },
};

describe('scriptOutcome', () => {
  it('is clean for a run without a violation', () => {
    expect(scriptOutcome({ moves: 0, violations: [] })).toEqual(CLEAN);
    expect(scriptOutcome({ moves: 2, violations: [] })).toEqual({ ...CLEAN, moved: true });
  });

  it.each([
    [broken(1, 1), { lost: 2 }],
    [broken(2), { duplicated: 1 }],
    [broken(16), { duplicated: 1 }],
    [broken(3, 4, 5, 11, 12), { conflicting: 5 }],
    [broken(13), { back: false, open: 1 }],
    // What no part speaks of is told by the violations themselves.
    [broken(14), {}],
  ])('files %j', (violations, changes) => {
    expect(scriptOutcome({ moves: 0, violations })).toEqual({ ...CLEAN, ...changes });
  });
});
