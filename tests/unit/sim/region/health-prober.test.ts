import { expect, it } from 'vitest';
import type { ProbeSample } from '#core/routing/judge-region.ts';
import { phaseCount } from '#sim/faults/coverage.ts';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { apiUrlOf, createHealthProber } from '#sim/region/health-prober.ts';
import { createSmallSystem } from './small-system.ts';

const [EAST_1, EAST_2] = REGIONS;

/** Asks from us-east-2, with so much time. */
function open(apiUrl = apiUrlOf(EAST_1), leftMs = 5_000) {
  const small = createSmallSystem();
  const { system } = small;
  const runner = new SimProcess(system.world, EAST_2, 'orchestrate');
  const samples: ProbeSample[] = [];
  const probe = createHealthProber(system, runner, 'observe');
  small.at(0, () => {
    system.world.wake();
    const deadline = { atEpochMs: runner.clock.nowEpochMs() + leftMs };
    void probe(apiUrl, deadline).then((sample) => samples.push(sample));
  });
  return { ...small, runner, samples };
}

it('hears a Region that serves, and how long that took', async () => {
  const { samples, run } = open();
  await run(5_000);
  expect(samples).toEqual([{ kind: 'served', latencyMs: expect.any(Number) as number }]);
  const [sample] = samples as [Extract<ProbeSample, { kind: 'served' }>];
  expect(sample.latencyMs).toBeGreaterThan(10);
  expect(sample.latencyMs).toBeLessThan(200);
});

it('hears a Region that says that it can not serve', async () => {
  const { system, samples, run } = open();
  system.conditions.regions[EAST_1].throttle = 1;
  await run(5_000);
  expect(samples).toMatchObject([{ kind: 'refused' }]);
});

it('counts a Region that is cut off, and met by that in the phase of who asks', async () => {
  const { system, samples, isolate, run } = open();
  isolate(EAST_1);
  await run(1_900);
  expect(samples).toEqual([]);
  const cut = open();
  cut.isolate(EAST_1);
  await cut.run(2_100);
  expect(cut.samples).toEqual([{ kind: 'unreachable' }]);
  expect(phaseCount(system.coverage.counts, 'F1', 'observe')).toBe(1);
});

it.each([
  ['is no Region’s', 'https://elsewhere.api', 5_000],
  ['has no time left', apiUrlOf(EAST_1), 0],
])('asks nobody where the address or the time is none: %s', async (_why, apiUrl, leftMs) => {
  const { system, samples, run } = open(apiUrl, leftMs);
  await run(5_000);
  expect(samples).toEqual([{ kind: 'unreachable' }]);
  expect(system.world.trace.events).toEqual([]);
});

it('finds a Region slow when it was itself paused', async () => {
  const { runner, samples, at, run } = open();
  at(5, () => runner.pause());
  at(4_000, () => runner.resume());
  await run(5_000);
  const [sample] = samples as [Extract<ProbeSample, { kind: 'served' }>];
  expect(sample.latencyMs).toBeGreaterThan(3_900);
});

it.each(['before', 'after'] as const)('can die %s it', async (where) => {
  const { runner, system, samples, run } = open();
  runner.crashRule = (_runner, boundary, what) => boundary === where && what === 'askHealth';
  await run(5_000);
  expect(runner.crashes).toBe(1);
  expect(samples).toEqual([]);
  expect(system.world.trace.events.some(({ to }) => to === EAST_1)).toBe(where === 'after');
});

it('asks nothing in the moment in which its process has died', async () => {
  const { runner, system, samples, run } = open();
  runner.crash('before');
  await run(5_000);
  expect(samples).toEqual([]);
  expect(system.world.trace.events.map(({ what }) => what)).toEqual(['crash']);
});
