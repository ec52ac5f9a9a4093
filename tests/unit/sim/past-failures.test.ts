import { describe, expect, it, vi } from 'vitest';
import { PLANTED_BUGS } from '#cli/simulate/planted-bugs.ts';
import { createSimHost } from '#cli/simulate/sim-host.ts';
import { runTeeth } from '#cli/simulate/teeth.ts';
import { PAST_FAILURES } from '#sim/past-failures/past-failures.ts';
import { SIM_MODES } from '#sim/sim-result.ts';
import { simulatePlan, simulateSeed } from '#sim/simulate-seed.ts';

// Threads, and hundreds of failovers, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

const SUBJECT = new URL('../../support/past-failure-subject.ts', import.meta.url).href;
const SEEDS = 150;
const host = createSimHost();

describe('past failures', () => {
  it.each(PAST_FAILURES)('$name stays mended', async ({ plan }) => {
    const { violations } = await simulatePlan(plan, host);
    expect(violations).toEqual([]);
  });

  it.each(PAST_FAILURES)('$name fails again when its mend is undone', async (failure) => {
    const bugs = PLANTED_BUGS.filter(({ name }) => name === failure.undoneBy);
    expect(bugs).toHaveLength(1);
    const quiet = { onResult: () => undefined, onProgress: () => undefined };
    const { results } = await runTeeth({ bugs, secondsMax: 60, subjectUrl: SUBJECT, ...quiet });
    expect(results).toMatchObject([{ outcome: { kind: 'caught', invariant: failure.invariant } }]);
    // Of all the plans its own is the first that shows it.
    expect(results[0]?.outcome).toHaveProperty('seed', PAST_FAILURES.indexOf(failure) + 1);
  });

  it('have names of their own, and say what was learnt', () => {
    expect(new Set(PAST_FAILURES.map(({ name }) => name)).size).toBe(PAST_FAILURES.length);
    for (const { name, found, lesson } of PAST_FAILURES) {
      expect(name).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(found.date).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(lesson.length).toBeGreaterThan(80);
    }
  });
});

describe('fixed seeds', () => {
  it(`1 to ${SEEDS} break nothing, in every mode in turn`, async () => {
    const broken: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const mode = SIM_MODES[seed % SIM_MODES.length] ?? 'any';
      const { violations } = await simulateSeed(seed, host, { mode });
      for (const { invariant, message } of violations) {
        broken.push(`--seed ${seed} --mode ${mode}: invariant ${invariant}: ${message}`);
      }
    }
    expect(broken).toEqual([]);
  });
});
