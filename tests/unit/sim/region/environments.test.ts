import { describe, expect, it } from 'vitest';
import { createRandom } from '#sim/kernel/random.ts';
import { PLACEMENTS, type Placement } from '#sim/plan.ts';
import { Environments } from '#sim/region/environments.ts';

/** Each new one remembers its number, from 1. */
function openEnvironments(placement: Placement, seed = 1): Environments<number> {
  let created = 0;
  return new Environments(createRandom(seed, 'test'), placement, () => (created += 1));
}

/** Two at once, so that there are two of them; then `count` invocations one after the other. */
function met(placement: Placement, count: number, seed = 1): readonly number[] {
  const environments = openEnvironments(placement, seed);
  const both = [environments.take(), environments.take()];
  for (const one of both) one.isBusy = false;
  return Array.from({ length: count }, () => {
    const one = environments.take();
    one.isBusy = false;
    return one.memory;
  });
}

describe('execution environments', () => {
  it.each<[Placement, readonly number[]]>([
    ['latest', [2, 2, 2, 2]],
    ['oldest', [1, 2, 1, 2]],
    ['new', [3, 4, 5, 6]],
  ])('gives an invocation %s', (placement, expected) => {
    expect(met(placement, 4)).toEqual(expected);
  });

  it('gives any of the idle ones or a new one, as the seed has it', () => {
    const runs = [1, 2, 3, 4, 5].flatMap((seed) => met('any', 20, seed));
    expect(runs).toContain(1);
    expect(runs).toContain(2);
    expect(runs).toContain(3);
    expect(met('any', 20, 3)).toEqual(met('any', 20, 3));
  });

  it.each(PLACEMENTS)('never has two invocations in one at once, placed by %s', (placement) => {
    const environments = openEnvironments(placement);
    const taken = Array.from({ length: 6 }, () => environments.take().memory);
    expect(new Set(taken).size).toBe(6);
  });

  it('remembers nothing of those that are gone', () => {
    const environments = openEnvironments('latest');
    environments.take().isBusy = false;
    environments.forget();
    expect(environments.take().memory).toBe(2);
  });
});
