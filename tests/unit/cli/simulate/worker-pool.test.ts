import { describe, expect, it, vi } from 'vitest';
import { seedsHashText } from '#cli/simulate/tally.ts';
import { type PoolOptions, type PoolReport, runPool } from '#cli/simulate/worker-pool.ts';

// Each test starts threads, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 60_000 });

function fake(does = ''): string {
  return new URL(`fake-simulator.ts?${does}`, import.meta.url).href;
}

function run(does: string, options: Partial<PoolOptions> = {}): Promise<PoolReport> {
  return runPool({
    ...{ simulatorUrl: fake(does), firstSeed: 1, seeds: 200, lastsMs: null, mode: 'any' },
    ...{ isTwice: false, workers: 2, onProgress: () => undefined },
    ...{ signal: new AbortController().signal },
    ...options,
  });
}

describe('runPool', () => {
  it('runs every seed once', async () => {
    const seen: number[] = [];
    const report = await run('', { onProgress: ({ runs }) => seen.push(runs) });
    expect(report).toMatchObject({ failure: null, isInterrupted: false });
    expect(report.tally).toMatchObject({ runs: 200, payments: 10_000, runsWithMove: 100 });
    expect(seen.at(-1)).toBe(200);
  });

  it('comes to the same on one thread and on three', async () => {
    const [one, three] = await Promise.all([run('', { workers: 1 }), run('', { workers: 3 })]);
    expect(seedsHashText(one.tally)).toBe(seedsHashText(three.tally));
    const others = await run('', { firstSeed: 2 });
    expect(seedsHashText(others.tally)).not.toBe(seedsHashText(one.tally));
  });

  it('stops at the lowest seed that fails', async () => {
    const { failure, tally } = await run('bad=1950,37,90', { seeds: 100_000 });
    expect(failure).toMatchObject({ kind: 'violation', seed: 37 });
    expect(tally.runs).toBeLessThan(5_000);
  });

  it('tells of a run that throws', async () => {
    const { failure } = await run('throws=12');
    expect(failure).toMatchObject({ kind: 'error', seed: 12, name: 'RangeError' });
  });

  it('tells of a run that touches what it may not', async () => {
    const { failure } = await run('touches=5');
    expect(failure).toMatchObject({ kind: 'error', seed: 5, name: 'TripwireError' });
    expect(failure).toHaveProperty('message', expect.stringContaining('Math.random'));
  });

  it('tells of a run that hangs', async () => {
    const { failure } = await run('hangs=3', { hangMs: 300 });
    expect(failure).toEqual({ kind: 'hung', seed: 3, seconds: 0.3 });
  });

  it('tells of a simulator that does not load', async () => {
    const { failure } = await run('', { simulatorUrl: 'file:///nowhere/simulator.ts' });
    expect(failure).toMatchObject({ kind: 'error', seed: -1 });
  });

  it('finds a seed whose two runs differ', async () => {
    const { failure } = await run('differs=44', { isTwice: true });
    expect(failure).toMatchObject({ kind: 'difference', seed: 44 });
    expect((await run('differs=44')).failure).toBeNull();
  });

  it('ends when it is interrupted, with what was done', async () => {
    const controller = new AbortController();
    const { isInterrupted, failure, tally } = await run('', {
      ...{ seeds: Infinity, signal: controller.signal },
      onProgress: () => controller.abort(),
    });
    expect({ isInterrupted, failure }).toEqual({ isInterrupted: true, failure: null });
    expect(tally.runs).toBeGreaterThan(0);
  });

  it('begins nothing after its time', async () => {
    const { tally } = await run('', { seeds: Infinity, lastsMs: 0 });
    expect(tally.runs).toBe(0);
  });
});
