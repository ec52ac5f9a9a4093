import { describe, expect, it } from 'vitest';
import { type OutcomeClass, outcomeDifferences } from '#contract/outcome-class.ts';

const CLEAN: OutcomeClass = {
  ...{ moved: true, lost: 0, duplicated: 0, conflicting: 0, back: true, open: 0 },
};

describe('outcomeDifferences', () => {
  it.each<[keyof OutcomeClass, boolean | number, string]>([
    ['moved', false, 'moved: false instead of true'],
    ['lost', 2, 'lost: 2 instead of 0'],
    ['duplicated', 1, 'duplicated: 1 instead of 0'],
    ['conflicting', 1, 'conflicting: 1 instead of 0'],
    ['back', false, 'back: false instead of true'],
    ['open', 3, 'open: 3 instead of 0'],
  ])('names %s', (part, value, line) => {
    expect(outcomeDifferences(CLEAN, { ...CLEAN, [part]: value })).toEqual([line]);
  });

  it('takes counts for nothing or something', () => {
    expect(outcomeDifferences({ ...CLEAN, lost: 1 }, { ...CLEAN, lost: 7 })).toEqual([]);
  });

  it('asks for nothing that is not expected', () => {
    expect(outcomeDifferences({ moved: true }, { ...CLEAN, open: 4 })).toEqual([]);
  });
});
