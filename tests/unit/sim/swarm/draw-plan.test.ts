import { describe, expect, it } from 'vitest';
import { FAULT_IDS } from '#sim/faults/fault-ids.ts';
import { type PlannedFault, REGIONS } from '#sim/faults/fault-spec.ts';
import { hurtRegionOf } from '#sim/faults/hurt-region.ts';
import type { SimPlan } from '#sim/plan.ts';
import { SIM_MODES, type SimMode } from '#sim/sim-result.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';

const SEEDS = 2_000;
const plansOf = (mode: SimMode): readonly SimPlan[] =>
  Array.from({ length: SEEDS }, (_, seed) => drawPlan(seed, mode));
const plans = plansOf('any');

const share = (holds: (plan: SimPlan) => boolean): number => plans.filter(holds).length / SEEDS;

/** Every moment at which a fault begins, and whether each Region is hurt just after it. */
function bothHurtMs(faults: readonly PlannedFault[]): number {
  const edges = faults
    .flatMap(({ atMs, forMs }) => [atMs, forMs === null ? Infinity : atMs + forMs])
    .toSorted((one, two) => one - two);
  let worst = 0;
  for (const [at, from] of edges.entries()) {
    const to = edges[at + 1] ?? from;
    const isHurt = (region: string) =>
      faults.some(
        (fault) =>
          hurtRegionOf(fault) === region &&
          fault.atMs <= from &&
          (fault.forMs === null || from < fault.atMs + fault.forMs),
      );
    if (REGIONS.every(isHurt)) worst = Math.max(worst, to - from);
  }
  return worst;
}

describe('a plan', () => {
  it('is a function of its seed', () => {
    expect(drawPlan(7, 'any')).toEqual(drawPlan(7, 'any'));
    expect(drawPlan(7, 'any')).not.toEqual(drawPlan(8, 'any'));
    // The half of a seed above 32 bits counts too.
    expect(drawPlan(2 ** 40 + 7, 'any').timings).not.toEqual(drawPlan(7, 'any').timings);
  });

  it('has at least one fault, mostly two to five, and all kinds in some run', () => {
    expect(plans.every(({ faults }) => faults.length > 0)).toBe(true);
    expect(share(({ faults }) => faults.length === 1)).toBeGreaterThan(0.04);
    expect(share(({ faults }) => faults.length >= 2 && faults.length <= 5)).toBeGreaterThan(0.6);
    expect(share(({ faults }) => faults.length > 5)).toBeGreaterThan(0.15);
    const runsWith = (id: string) => share(({ faults }) => faults.some((it) => it.id === id));
    expect(FAULT_IDS.filter((id) => runsWith(id) < 0.015)).toEqual([]);
    expect(share(({ faults }) => faults.some(({ id }) => id === 'F22'))).toBeLessThan(0.08);
  });

  it('mostly hurts a Region that has traffic, for longer than it takes to be noticed', () => {
    const moves = ({ faults, topology, timings }: SimPlan): boolean =>
      faults.some((fault) => {
        const region = hurtRegionOf(fault);
        const isServing = topology.policy === 'active-active' || region === 'us-east-1';
        const lasts = timings.silenceMs + 3 * timings.probeIntervalMs;
        return region !== null && isServing && (fault.forMs ?? Infinity) >= lasts;
      });
    expect(share(moves)).toBeGreaterThanOrEqual(0.85);
  });

  it('hurts both Regions at once for moments only, and one for good at most', () => {
    for (const { faults } of plans) {
      expect(bothHurtMs(faults)).toBeLessThanOrEqual(5_000);
      const lost = faults
        .filter(({ forMs }) => forMs === null)
        .flatMap((it) => hurtRegionOf(it) ?? []);
      expect(new Set(lost).size).toBeLessThanOrEqual(1);
    }
    const isLost = (fault: PlannedFault) => fault.forMs === null && hurtRegionOf(fault) !== null;
    expect(share(({ faults }) => faults.some(isLost))).toBeGreaterThan(0.02);
  });

  it('cuts off a standby in some runs, and loses a Region for good among wrong clocks', () => {
    const standby = share(
      ({ faults, topology, timings }) =>
        topology.policy === 'active-passive' &&
        faults.some(
          (fault) =>
            (fault.id === 'F1' || fault.id === 'F2') &&
            fault.region === 'us-east-2' &&
            (fault.forMs ?? 0) >= timings.silenceMs + 3 * timings.probeIntervalMs,
        ),
    );
    expect(standby).toBeGreaterThan(0.015);
    const skewed = share(
      ({ faults }) =>
        faults.some((fault) => fault.id === 'F22' && Math.abs(fault.skewMs) > 1_200_000) &&
        faults.some((fault) => fault.forMs === null && hurtRegionOf(fault) === 'us-east-1'),
    );
    expect(skewed).toBeGreaterThan(0.01);
  });

  it('loses no Region for good before it was heard of', () => {
    for (const { faults } of plans) {
      const lost = faults.find((fault) => fault.forMs === null && hurtRegionOf(fault) !== null);
      if (lost === undefined) continue;
      const early = faults.filter(
        (fault) => fault.atMs < 15_000 && hurtRegionOf(fault) === hurtRegionOf(lost),
      );
      expect(early).toEqual([]);
    }
  });

  it('loses the Region that took over in some runs, once the first one is back', () => {
    const again = plans.filter(({ faults }) =>
      faults.some(({ atMs, forMs }) => forMs === null && atMs > 60_000),
    );
    expect(again.length / SEEDS).toBeGreaterThan(0.025);
    for (const { faults, safetyMs, workload, failbackAtMs } of again) {
      const [first, last] = [faults.at(0), faults.at(-1)];
      if (first === undefined || last === undefined) throw new Error('no faults');
      expect([first, last].map(hurtRegionOf)).toEqual(REGIONS);
      expect(first.atMs + (first.forMs ?? Infinity)).toBeLessThan(last.atMs);
      expect(workload.spreadMs).toBeGreaterThan(last.atMs);
      expect([safetyMs, failbackAtMs]).toEqual([last.atMs + 30_000, null]);
    }
    const greyFirst = again.filter(({ faults }) => faults.length === 3).length / again.length;
    expect(greyFirst).toBeGreaterThan(0.3);
    expect(greyFirst).toBeLessThan(0.7);
  });

  it('leaves a grey Region with traffic in some runs, for longer than it may be', () => {
    const isLongGrey = ({ faults, workload, timings }: SimPlan): boolean => {
      const [only] = faults;
      const boundMs = 60_000 + 3 * timings.probeIntervalMs;
      const isGrey = only?.id === 'F8' || only?.id === 'F13' || only?.id === 'F15';
      return isGrey && (only.forMs ?? 0) > boundMs && workload.spreadMs >= 100_000;
    };
    expect(share(isLongGrey)).toBeGreaterThan(0.01);
  });

  it('heals everything in two minutes, two losses in four, and brings nothing back to a Region that is lost', () => {
    for (const { faults, safetyMs, failbackAtMs } of plans) {
      const isLate = faults.some(({ atMs, forMs }) => forMs === null && atMs > 60_000);
      expect(safetyMs).toBeLessThanOrEqual(isLate ? 240_000 : 120_000);
      for (const { atMs, forMs } of faults) {
        expect(atMs + (forMs ?? 0)).toBeLessThanOrEqual(safetyMs);
        expect(forMs ?? 1).toBeGreaterThan(0);
      }
      if (failbackAtMs !== null) expect(failbackAtMs - safetyMs).toBeGreaterThanOrEqual(10_000);
      const isLost = faults.some((fault) => fault.forMs === null && hurtRegionOf(fault) !== null);
      if (isLost) expect(failbackAtMs).toBeNull();
    }
    expect(share(({ failbackAtMs }) => failbackAtMs !== null)).toBeGreaterThan(0.15);
  });

  it('draws worlds in their shares', () => {
    expect(share(({ topology }) => topology.consistency === 'strong')).toBeCloseTo(0.8, 1);
    expect(share(({ topology }) => topology.failback === 'manual')).toBeCloseTo(0.8, 1);
    expect(share(({ topology }) => topology.gateway === 'bank')).toBeCloseTo(0.85, 1);
    expect(share(({ topology }) => topology.policy === 'active-active')).toBeGreaterThan(0.1);
    expect(share(({ timings }) => timings.indexLagMs === 0)).toBeCloseTo(0.6, 1);
  });

  it('has what its faults are about in its workload', () => {
    for (const { faults, workload } of plans) {
      const has = (id: string) => faults.some((fault) => fault.id === id);
      if (has('F17') || has('F18')) expect(workload.acceptShare).toBeGreaterThan(0);
      if (has('F14')) expect(workload.repeatShare).toBeGreaterThan(0);
      if (has('F19')) expect(workload.dnsShare).toBeGreaterThan(0);
      expect(workload.payments).toBeGreaterThanOrEqual(46);
    }
    expect(share(({ workload }) => workload.refundShare === 0)).toBeGreaterThan(0.1);
  });

  it('keeps a heartbeat that is late from counting as silence', () => {
    for (const { timings } of plans) {
      expect(timings.silenceMs).toBeGreaterThanOrEqual(3 * timings.probeIntervalMs);
    }
  });
});

describe('a mode', () => {
  it.each(SIM_MODES.filter((mode) => mode !== 'any'))('%s holds in every plan', (mode) => {
    for (const { topology } of plansOf(mode)) {
      expect(Object.values(topology)).toContain(mode);
    }
  });

  it.each(SIM_MODES)('%s has no eventual tables that are written in two Regions', (mode) => {
    const wrong = plansOf(mode).filter(
      ({ topology }) => topology.consistency === 'eventual' && topology.policy === 'active-active',
    );
    expect(wrong).toEqual([]);
  });

  it('keeps eventual tables to what the lease promises', () => {
    const faults = plansOf('eventual').flatMap((plan) => plan.faults);
    const delays = faults.flatMap((fault) => (fault.id === 'F6' ? [fault.extraMs] : []));
    expect(Math.max(...delays)).toBeLessThan(2_000);
    // A clock that is wrong is so from the start: it never jumps under a write.
    const clocks = faults.filter(({ id }) => id === 'F22');
    expect(clocks.length).toBeGreaterThan(10);
    expect(clocks.filter(({ atMs, forMs }) => atMs !== 0 || forMs !== null)).toEqual([]);
  });

  it('gives way to what is fixed', () => {
    const fixed = { gateway: 'recording', failback: 'automatic' } as const;
    for (let seed = 0; seed < 50; seed += 1) {
      expect(drawPlan(seed, 'any', fixed).topology).toMatchObject(fixed);
    }
  });
});
