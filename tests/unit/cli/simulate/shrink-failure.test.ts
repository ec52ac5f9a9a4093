import { describe, expect, it, vi } from 'vitest';
import { type ShrinkOptions, shrinkFailure } from '#cli/simulate/shrink-failure.ts';
import type { Failure } from '#cli/simulate/worker-messages.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';
import { resultOf } from './fake-simulator.ts';

// Each test starts threads, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 60_000 });

const violation: Failure = {
  ...{ kind: 'violation', seed: 37 },
  result: resultOf({ seed: 37, isBad: true }),
};

/** Its plan has more than one fault. */
const SEVERAL_FAULTS = 3;

const fake = (does: string): string => new URL(`fake-simulator.ts?${does}`, import.meta.url).href;

function options(more: Partial<ShrinkOptions> = {}): ShrinkOptions {
  return {
    simulatorUrl: fake(''),
    ...{ lastsMs: 20_000, mode: 'any', onProgress: () => undefined },
    signal: new AbortController().signal,
    ...more,
  };
}

describe('shrinkFailure', () => {
  it('leaves the faults and the payments that it takes', async () => {
    const seen: number[] = [];
    const shrunk = await shrinkFailure(
      violation,
      options({ onProgress: (runs) => seen.push(runs) }),
    );
    expect(shrunk?.plan).toMatchObject({ seed: 37, faults: [{ id: 'F13' }] });
    expect(shrunk?.plan.workload).toMatchObject({ payments: 1, acceptShare: 0, refundShare: 0 });
    expect(seen).toHaveLength(shrunk?.runs ?? 0);
  });

  it('leaves the plan as it is when there is no time', async () => {
    const shrunk = await shrinkFailure(violation, options({ lastsMs: 0 }));
    const title = 'invariant 2: t7 was charged twice: 10.00 USD each';
    expect(shrunk).toEqual({ plan: resultOf({ seed: 37 }).plan, runs: 0, title });
  });

  it('leaves the plan as it is when it is interrupted', async () => {
    const shrunk = await shrinkFailure(violation, options({ signal: AbortSignal.abort() }));
    expect(shrunk?.runs).toBe(0);
  });

  it('goes on with a new thread where a plan has ended one', async () => {
    const { faults } = drawPlan(SEVERAL_FAULTS, 'any');
    const killer = faults.at(-1)?.id ?? '';
    const controller = new AbortController();
    // Each plan that fails costs a thread; by then the faults have been gone through.
    const onProgress = (runs: number): void => void (runs === 12 && controller.abort());
    const message = `seed ${SEVERAL_FAULTS} has a loop in it`;
    const shrunk = await shrinkFailure(
      { kind: 'error', seed: SEVERAL_FAULTS, name: 'RangeError', message, stack: '' },
      options({ simulatorUrl: fake(`kills=${killer}`), onProgress, signal: controller.signal }),
    );
    expect(faults.length).toBeGreaterThan(1);
    expect(shrunk?.plan.faults).toMatchObject([{ id: killer }]);
  });

  it('rejects a plan that breaks something else first, and one that breaks the same otherwise', async () => {
    const other = await shrinkFailure(violation, options({ simulatorUrl: fake('other=F1') }));
    expect(other?.plan.faults.map(({ id }) => id)).toEqual(['F1', 'F13']);
    const result = resultOf({ seed: 37, isBad: true });
    const violations = [{ invariant: 2, message: 't7: has two payment items', atMs: 3 }];
    const said: Failure = { ...violation, result: { ...result, violations } };
    expect((await shrinkFailure(said, options()))?.plan).toEqual(result.plan);
  });

  it('says how the shrunk plan fails, and not the one that it was made of', async () => {
    const result = resultOf({ seed: 37, isBad: true });
    const violations = [
      { invariant: 2, message: 't31 was charged twice: 9.99 USD each', atMs: 31 },
    ];
    const said: Failure = { ...violation, result: { ...result, violations } };
    const shrunk = await shrinkFailure(said, options());
    expect(shrunk?.title).toBe('invariant 2: t7 was charged twice: 10.00 USD each');
    expect(shrunk?.plan.faults).toHaveLength(1);
  });

  it.each<Failure>([
    { kind: 'hung', seed: 1, seconds: 60 },
    { kind: 'difference', seed: 1, differences: ['hash a and b'] },
    { kind: 'error', seed: -1, name: 'Error', message: 'no such module', stack: '' },
  ])('shrinks nothing where no smaller plan can be told apart: $kind', async (failure) => {
    expect(await shrinkFailure(failure, options())).toBeNull();
  });
});
