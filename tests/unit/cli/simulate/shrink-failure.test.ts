import { describe, expect, it, vi } from 'vitest';
import { type ShrinkOptions, shrinkFailure } from '#cli/simulate/shrink-failure.ts';
import type { Failure } from '#cli/simulate/worker-messages.ts';
import { resultOf } from './fake-simulator.ts';

// Each test starts threads, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 60_000 });

const violation: Failure = {
  ...{ kind: 'violation', seed: 37 },
  result: resultOf({ seed: 37, isBad: true }),
};

function options(more: Partial<ShrinkOptions> = {}): ShrinkOptions {
  return {
    simulatorUrl: new URL('fake-simulator.ts', import.meta.url).href,
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
    expect(shrunk).toEqual({ plan: resultOf({ seed: 37 }).plan, runs: 0 });
  });

  it('leaves the plan as it is when it is interrupted', async () => {
    const shrunk = await shrinkFailure(violation, options({ signal: AbortSignal.abort() }));
    expect(shrunk?.runs).toBe(0);
  });

  it.each<Failure>([
    { kind: 'hung', seed: 1, seconds: 60 },
    { kind: 'difference', seed: 1, hashes: ['a', 'b'] },
    { kind: 'error', seed: -1, name: 'Error', message: 'no such module', stack: '' },
  ])('shrinks nothing where no smaller plan can be told apart: $kind', async (failure) => {
    expect(await shrinkFailure(failure, options())).toBeNull();
  });
});
