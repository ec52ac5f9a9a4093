import { describe, expect, it } from 'vitest';
import { addResult, addTally, emptyTally, seedsHashText, type Tally } from '#cli/simulate/tally.ts';
import { resultOf } from './fake-simulator.ts';

function tallyOf(seeds: readonly number[]): Tally {
  const tally = emptyTally();
  for (const seed of seeds) addResult(tally, resultOf({ seed }));
  return tally;
}

describe('a tally', () => {
  it('counts runs, payments and moves', () => {
    expect(tallyOf([1, 2, 3])).toMatchObject({
      ...{ runs: 3, complete: 3, runsWithMove: 2, moves: 2, payments: 150 },
      ...{ events: 30, virtualMs: 180_000, faultHits: 12 },
    });
    expect(tallyOf([1, 2, 3]).coverage.byPhase[0]).toBe(3);
  });

  it('is the same whatever the pieces and their order', () => {
    const pieces = [[5, 6], [1], [2, 3, 4]].map(tallyOf);
    const sum = emptyTally();
    for (const piece of pieces) addTally(sum, piece);
    expect(sum).toEqual(tallyOf([1, 2, 3, 4, 5, 6]));
    expect(seedsHashText(sum)).toMatch(/^[0-9a-f]{16}$/);
  });

  it('has another hash when a seed or its hash is another', () => {
    const other = emptyTally();
    addResult(other, { ...resultOf({ seed: 1 }), hash: 'other' });
    const hashes = [tallyOf([1]), tallyOf([2]), tallyOf([1, 2]), other].map(seedsHashText);
    expect(new Set(hashes).size).toBe(4);
  });
});
