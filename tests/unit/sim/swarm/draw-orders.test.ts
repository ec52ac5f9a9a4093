import { expect, it } from 'vitest';
import { hurtRegionOf } from '#sim/faults/hurt-region.ts';
import type { PlannedOrder, SimPlan } from '#sim/plan.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';

const SEEDS = 3_000;
const plans = Array.from({ length: SEEDS }, (_, seed) => drawPlan(seed, 'any'));
const ordered = plans.filter(({ orders }) => orders !== undefined);
const ordersOf = ({ orders = [] }: SimPlan): readonly PlannedOrder[] => orders;

it('has people order something in about every tenth run', () => {
  expect(ordered.length / SEEDS).toBeGreaterThan(0.07);
  expect(ordered.length / SEEDS).toBeLessThan(0.15);
});

it('has all kinds of orders, and both Regions drained at once', () => {
  const kinds = ordered.map((plan) =>
    ordersOf(plan)
      .map(({ verb }) => verb)
      .join(),
  );
  expect(new Set(kinds)).toEqual(new Set(['manual', 'drain', 'drain,drain']));
  for (const [one, two] of ordered.map(ordersOf)) {
    if (one?.verb !== 'drain' || two?.verb !== 'drain') continue;
    expect(two.region).not.toBe(one.region);
    expect(two.atMs).toBeLessThan(one.atMs + one.forMs);
  }
});

it('has them meet what would move traffic, and outlast it sometimes', () => {
  const meets = ordered.filter(({ faults, orders = [] }) => {
    const mover = faults.find((fault) => hurtRegionOf(fault) !== null);
    return orders.some(
      ({ atMs, forMs }) =>
        mover !== undefined && atMs <= mover.atMs && atMs + forMs >= mover.atMs + 40_000,
    );
  });
  expect(meets.length / ordered.length).toBeGreaterThan(0.25);
});

it('ends them soon after the faults, and leaves what is hurt for good to automation', () => {
  for (const { faults, orders = [], safetyMs } of ordered) {
    expect(faults.some((fault) => fault.forMs === null && hurtRegionOf(fault) !== null)).toBe(
      false,
    );
    for (const { atMs, forMs } of orders) {
      expect(atMs).toBeGreaterThan(0);
      expect(atMs + forMs).toBeLessThanOrEqual(safetyMs + 40_000);
    }
  }
});
