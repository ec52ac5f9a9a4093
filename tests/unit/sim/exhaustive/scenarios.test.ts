import { describe, expect, it, vi } from 'vitest';
import { createSimHost } from '#cli/simulate/sim-host.ts';
import { runExhaustive } from '#sim/exhaustive/run-exhaustive.ts';
import { SCENARIOS } from '#sim/exhaustive/scenarios.ts';
import { simulatePlan } from '#sim/simulate-seed.ts';

// A thousand runs in all, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const host = createSimHost();
const traceOf = async (name: string) => {
  const plan = SCENARIOS.find((scenario) => scenario.name === name)?.plan;
  if (plan === undefined) throw new Error(`no scenario is called ${name}`);
  return simulatePlan(plan, host, { keepTrace: true });
};

describe('a crash at every step boundary', () => {
  it.each(SCENARIOS)('breaks nothing: $name, $what', async (scenario) => {
    const { scenarios } = await runExhaustive((plan) => simulatePlan(plan, host), {
      ...{ pairs: false, pairsMax: 0, scenarios: [scenario] },
    });
    const [report] = scenarios;
    expect(report?.violations.map(({ plan, message }) => [plan.crashAt, message])).toEqual([]);
    expect(report?.boundaries).toBeGreaterThan(25);
    expect(report?.runs).toBe((report?.boundaries ?? 0) + 1);
  });
});

describe('the scenarios', () => {
  it.each([
    ['process', 'settleJournal', 'ok'],
    ['accept', 'consume', '1'],
    ['decline', 'charge', 'ok'],
    ['refund', 'refund', 'ok'],
    ['failover', 'sweep', ''],
  ])('%s goes the way that it is about', async (name, what, outcome) => {
    const { trace } = await traceOf(name);
    const found = trace.filter((event) => event.what === what);
    expect(found.map((event) => event.outcome || event.about)).toContain(outcome);
  });

  it.each(['repeat', 'repeat-eventual'])('%s has both Regions at it at once', async (name) => {
    const { trace } = await traceOf(name);
    const about = trace.filter((event) => event.about === 't1');
    const arrivals = about.filter(({ from, what, outcome }) => {
      return from === 'client' && what === 'process' && outcome === '';
    });
    const firstAnswerAtMs = about.find(({ to, outcome }) => to === 'client' && outcome === '200');
    // With the lease the second is turned away, and comes to the first Region as well.
    expect(arrivals.slice(0, 2).map(({ to }) => to)).toEqual(['us-east-1', 'us-east-2']);
    expect(arrivals[1]?.atMs).toBeLessThan(firstAnswerAtMs?.atMs ?? 0);
  });

  it.each(['failover', 'failover-eventual'])('%s moves traffic, once', async (name) => {
    expect((await traceOf(name)).moves).toBe(1);
  });
});
