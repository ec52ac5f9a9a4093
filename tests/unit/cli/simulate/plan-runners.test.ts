import { describe, expect, it, vi } from 'vitest';
import { startPlanRunners } from '#cli/simulate/plan-runners.ts';
import { PLAN } from './fake-simulator.ts';

// Each test starts threads, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 60_000 });

const simulatorUrl = (does: string): string =>
  new URL(`fake-simulator.ts?${does}`, import.meta.url).href;
const plan = (seed: number) => ({ ...PLAN, seed });

describe('plan runners', () => {
  it('run as many plans at once as there are threads', async () => {
    const runners = startPlanRunners(2, { simulatorUrl: simulatorUrl('') });
    const outcomes = await Promise.all([runners.run(plan(1)), runners.run(plan(2))]);
    expect(outcomes).toMatchObject([{ boundaries: 20 }, { boundaries: 20 }]);
    const three = [runners.run(plan(1)), runners.run(plan(2)), runners.run(plan(3))];
    const settled = await Promise.allSettled(three);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await runners.stop();
  });

  it('replace a thread whose run breaks off', async () => {
    const runners = startPlanRunners(1, { simulatorUrl: simulatorUrl('throws=5') });
    await expect(runners.run(plan(5))).rejects.toThrow('seed 5 has a loop in it');
    expect(await runners.run(plan(6))).toMatchObject({ boundaries: 20 });
    await runners.stop();
  });

  it('replace a thread that hangs', async () => {
    const runners = startPlanRunners(1, { simulatorUrl: simulatorUrl('hangs=5'), hangMs: 300 });
    await expect(runners.run(plan(5))).rejects.toThrow('came to no end in 0.3 s');
    expect(await runners.run(plan(6))).toMatchObject({ boundaries: 20 });
    await runners.stop();
  });

  it('say that they were stopped', async () => {
    const runners = startPlanRunners(1, { simulatorUrl: simulatorUrl('hangs=5') });
    const outcome = runners.run(plan(5));
    await runners.stop();
    expect(await outcome).toBeNull();
    expect(await runners.run(plan(6))).toBeNull();
  });
});
