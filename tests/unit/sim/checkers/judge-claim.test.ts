import { expect, it } from 'vitest';
import { judgeClaim } from '#sim/checkers/judge-claim.ts';
import type { RegionName } from '#sim/faults/fault-spec.ts';
import type { System } from '#sim/system.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';

/** What is broken when `region` says at 100 s that traffic belongs there. */
function brokenBy(
  region: RegionName,
  moves: readonly (readonly [atMs: number, active: RegionName])[],
  {
    consistency = 'eventual',
    askedAtMs = 99_500,
  }: { readonly consistency?: string; readonly askedAtMs?: number } = {},
): readonly string[] {
  const told: string[] = [];
  const system = {
    plan: { topology: { consistency } },
    world: { nowMs: 100_000 },
    control: {
      entries: moves.map(([, active]) => ({ active: [active] })),
      appendedAtMs: moves.map(([atMs]) => atMs),
    },
    violate: (invariant: number, message: string) => void told.push(`${invariant}: ${message}`),
  } as unknown as System;
  judgeClaim(system, region, askedAtMs);
  return told;
}

it('takes the word of the Region that has traffic, or that was left just now', () => {
  expect(brokenBy(EAST_1, [])).toEqual([]);
  expect(brokenBy(EAST_2, [[10_000, EAST_2]])).toEqual([]);
  expect(brokenBy(EAST_1, [[80_000, EAST_2]])).toEqual([]);
  expect(
    brokenBy(EAST_1, [
      [10_000, EAST_2],
      [90_000, EAST_1],
    ]),
  ).toEqual([]);
});

it('finds a Region that was left long ago, whatever came after', () => {
  const found = '6: us-east-1 says that traffic belongs there, 90000 ms after epoch 1';
  expect(brokenBy(EAST_1, [[10_000, EAST_2]])).toEqual([found]);
  expect(
    brokenBy(EAST_1, [
      [10_000, EAST_2],
      [99_000, EAST_2],
    ]),
  ).toEqual([found]);
});

it('asks it of nobody whose tables refuse a minority, and of no answer that was held up', () => {
  const moves = [[10_000, EAST_2]] as const;
  expect(brokenBy(EAST_1, moves, { consistency: 'strong' })).toEqual([]);
  expect(brokenBy(EAST_1, moves, { askedAtMs: 90_000 })).toEqual([]);
});
