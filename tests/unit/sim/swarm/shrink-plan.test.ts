import { describe, expect, it } from 'vitest';
import type { SimPlan } from '#sim/plan.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';
import { shrinkPlan } from '#sim/swarm/shrink-plan.ts';

const drawn = drawPlan(3, 'eventual');
const plan: SimPlan = {
  ...drawn,
  faults: [
    { id: 'F5', probability: 0.1, atMs: 6_000, forMs: 9_000 },
    { id: 'F1', region: 'us-east-1', atMs: 20_000, forMs: 45_000 },
    { id: 'F19', atMs: 21_000, forMs: 30_000 },
    { id: 'F13', region: 'us-east-2', probability: 0.4, atMs: 30_000, forMs: 40_000 },
    { id: 'F26', copies: 4, atMs: 33_000, forMs: 20_000 },
  ],
  workload: { ...drawn.workload, repeatShare: 0.2, conflictShare: 0.1, burst: 6 },
  safetyMs: 70_000,
  failbackAtMs: 110_000,
  ...{ placement: 'any', heartbeatAgeMs: 90_000 },
  orders: [
    { atMs: 4_000, forMs: 20_000, verb: 'manual' },
    { atMs: 9_000, forMs: 30_000, verb: 'drain', region: 'us-east-2' },
  ],
  crashAt: [4, 9, 23],
};

const has = ({ faults }: SimPlan, ...ids: string[]) =>
  ids.every((id) => faults.some((fault) => fault.id === id));

/** Fails for what `holds` says, and keeps what it was asked about. */
function oracle(holds: (plan: SimPlan) => boolean) {
  const asked: SimPlan[] = [];
  const fails = async (candidate: SimPlan): Promise<boolean> => {
    asked.push(candidate);
    return Promise.resolve(holds(candidate));
  };
  return { asked, fails };
}

describe('shrinking', () => {
  it('keeps the faults that it takes, and nothing else', async () => {
    const { fails, asked } = oracle((it) => has(it, 'F1', 'F13'));
    const { plan: small, runs } = await shrinkPlan(plan, fails, 1_000);
    expect(small.faults.map(({ id }) => id)).toEqual(['F1', 'F13']);
    expect(small.faults.map(({ atMs, forMs }) => [atMs, forMs])).toEqual([
      [1_000, 1_000],
      [1_000, 1_000],
    ]);
    expect(small.crashAt).toEqual([]);
    expect(small.orders).toBeUndefined();
    expect(small.placement).toBeUndefined();
    expect(small.heartbeatAgeMs).toBeUndefined();
    expect(small.workload).toMatchObject({ payments: 1, repeatShare: 0, burst: 1 });
    expect(small.topology).toEqual({
      consistency: 'strong',
      policy: 'active-passive',
      failback: 'manual',
      gateway: 'bank',
    });
    expect(small.failbackAtMs).toBeNull();
    expect(runs).toBe(asked.length);
  });

  it('stops where less would no longer fail', async () => {
    const { fails } = oracle(
      (it) =>
        it.workload.payments >= 7 &&
        it.crashAt.includes(9) &&
        it.orders?.some(({ verb }) => verb === 'drain') === true &&
        it.topology.consistency === 'eventual' &&
        it.faults.some(({ id, forMs }) => id === 'F1' && (forMs ?? 0) >= 12_000),
    );
    const { plan: small } = await shrinkPlan(plan, fails, 1_000);
    expect(small.workload.payments).toBe(7);
    expect(small.crashAt).toEqual([9]);
    expect(small.orders).toEqual(plan.orders?.slice(1));
    expect(small.topology.consistency).toBe('eventual');
    const [fault] = small.faults;
    expect(small.faults).toHaveLength(1);
    expect(fault?.forMs).toBeGreaterThanOrEqual(12_000);
    expect(fault?.forMs).toBeLessThan(12_300);
    // The safety phase ends with what is left of the faults.
    expect(small.safetyMs).toBe(Math.max(5_000, (fault?.atMs ?? 0) + (fault?.forMs ?? 0)));
  });

  it('asks no more often than it may, and returns what has failed', async () => {
    const { fails, asked } = oracle((it) => has(it, 'F1'));
    const { plan: small, runs } = await shrinkPlan(plan, fails, 4);
    expect(runs).toBe(4);
    expect(asked).toHaveLength(4);
    expect(has(small, 'F1')).toBe(true);
  });

  it('returns the plan that it was given where nothing smaller fails', async () => {
    const { fails } = oracle(() => false);
    const { plan: same } = await shrinkPlan(plan, fails, 1_000);
    expect(same).toBe(plan);
  });

  it('leaves what is there for good there for good', async () => {
    const lasting: SimPlan = {
      ...plan,
      faults: [{ id: 'F1', region: 'us-east-1', atMs: 9_000, forMs: null }],
    };
    const { fails } = oracle((it) => it.faults[0]?.forMs === null);
    const { plan: small } = await shrinkPlan(lasting, fails, 1_000);
    expect(small.faults[0]).toEqual({ id: 'F1', region: 'us-east-1', atMs: 1_000, forMs: null });
  });

  describe('makes nothing that no seed draws', () => {
    const lost = { id: 'F1', region: 'us-east-1', forMs: null } as const;

    it.each([
      ['a Region lost for good, before anybody heard of it', [{ ...lost, atMs: 19_000 }], 15_000],
      [
        'what else hurts that Region',
        [
          { id: 'F4', region: 'us-east-1', atMs: 22_000, forMs: 4_000 },
          { ...lost, atMs: 30_000 },
        ],
        15_000,
      ],
      [
        'and moves what hurts no Region as far as it goes',
        [
          { id: 'F19', atMs: 22_000, forMs: 4_000 },
          { ...lost, atMs: 30_000 },
        ],
        1_000,
      ],
    ] as const)('%s', async (_what, faults, firstAtMs) => {
      const { fails, asked } = oracle((it) => it.faults.length === faults.length);
      const { plan: small } = await shrinkPlan({ ...plan, faults }, fails, 1_000);
      expect(small.faults[0]?.atMs).toBe(firstAtMs);
      expect(small.faults.at(-1)?.atMs).toBe(15_000);
      const early = asked.flatMap((it) => it.faults.filter(({ forMs }) => forMs === null));
      expect(Math.min(...early.map(({ atMs }) => atMs))).toBe(15_000);
    });

    it('both Regions hurt at once', async () => {
      const apart: SimPlan = {
        ...plan,
        faults: [
          { id: 'F1', region: 'us-east-1', atMs: 10_000, forMs: 20_000 },
          { id: 'F4', region: 'us-east-2', atMs: 30_000, forMs: 20_000 },
        ],
      };
      const { fails, asked } = oracle(
        (it) => has(it, 'F1', 'F4') && it.faults.every(({ forMs }) => forMs === 20_000),
      );
      const { plan: small } = await shrinkPlan(apart, fails, 1_000);
      expect(small.faults[0]?.atMs).toBe(1_000);
      // The first ends at 21 s, and both may be hurt for 5 s.
      expect(small.faults[1]?.atMs).toBeGreaterThanOrEqual(16_000);
      expect(small.faults[1]?.atMs).toBeLessThan(16_200);
      for (const {
        faults: [one, two],
      } of asked) {
        if (two?.forMs === 20_000)
          expect(two.atMs - (one?.atMs ?? 0)).toBeGreaterThanOrEqual(15_000);
      }
    });
  });
});
