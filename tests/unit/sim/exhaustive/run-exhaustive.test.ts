import { describe, expect, it } from 'vitest';
import { type RunOutcome, type RunPlan, runExhaustive } from '#sim/exhaustive/run-exhaustive.ts';
import { SCENARIOS, type Scenario } from '#sim/exhaustive/scenarios.ts';
import type { SimPlan } from '#sim/plan.ts';

const [process] = SCENARIOS as readonly [Scenario];
const scenarios: readonly Scenario[] = [{ ...process, name: 'small', what: 'a small one' }];
const clean = (boundaries: number): RunOutcome => ({ boundaries, violations: [] });
const broken = (boundaries: number): RunOutcome => ({
  boundaries,
  violations: [{ invariant: 2, message: 't1 was charged twice', atMs: 7 }],
});

/** Runs by where they crash, and keeps what was asked for. `reaches`: boundaries of a run. */
function fake(
  reaches: (crashAt: readonly number[]) => number,
  isBroken: (crashAt: readonly number[]) => boolean = () => false,
) {
  const asked: string[] = [];
  const run: RunPlan = ({ crashAt }: SimPlan) => {
    asked.push(crashAt.join('+'));
    const boundaries = reaches(crashAt);
    return Promise.resolve(isBroken(crashAt) ? broken(boundaries) : clean(boundaries));
  };
  return { asked, run };
}

/** Four boundaries; a crash at the first breaks something; told to stop at these crashes. */
function stoppedAt(crashes: string): { readonly run: RunPlan } {
  const run: RunPlan = ({ crashAt }) => {
    if (crashAt.join('+') === crashes) return Promise.resolve(null);
    return Promise.resolve(crashAt[0] === 1 ? broken(4) : clean(4));
  };
  return { run };
}

describe('runExhaustive', () => {
  it('counts once, then crashes at every boundary', async () => {
    const { asked, run } = fake(() => 4);
    const report = await runExhaustive(run, { pairs: false, pairsMax: 100, scenarios });
    expect(asked).toEqual(['', '1', '2', '3', '4']);
    expect(report).toEqual({
      isInterrupted: false,
      scenarios: [
        {
          ...{ name: 'small', what: 'a small one', boundaries: 4, runs: 5 },
          ...{ pairs: 0, leftOut: 0, violations: [], isPartial: false },
        },
      ],
    });
  });

  it('counts the second of a pair in the run with the first', async () => {
    // A crash at 1 is followed by a retry: more to come. After one at 3 there is nothing left.
    const { asked, run } = fake(([first]) => (first === 1 ? 5 : 3));
    const report = await runExhaustive(run, { pairs: true, pairsMax: 100, scenarios });
    expect(asked.slice(4)).toEqual(['1+2', '1+3', '1+4', '1+5', '2+3']);
    expect(report.scenarios).toMatchObject([{ runs: 9, pairs: 5, leftOut: 0 }]);
  });

  it.each([
    [1, 1],
    [7, 7],
    [44, 44],
    [45, 45],
    [1_000, 45],
  ])('runs at most %i pairs, from everywhere, and says how many it left out', async (max, ran) => {
    const { asked, run } = fake(() => 10);
    const report = await runExhaustive(run, { pairs: true, pairsMax: max, scenarios });
    const pairs = asked.filter((crashes) => crashes.includes('+'));
    expect(new Set(pairs).size).toBe(ran);
    expect(pairs).toHaveLength(ran);
    expect(report.scenarios).toMatchObject([{ pairs: ran, leftOut: 45 - ran }]);
    if (max === 7) expect(new Set(pairs.map((pair) => pair.split('+')[0])).size).toBeGreaterThan(4);
  });

  it('keeps each plan that breaks something, and goes on', async () => {
    const { asked, run } = fake(
      () => 3,
      ([first, second]) => first === 2 && second !== 3,
    );
    const report = await runExhaustive(run, { pairs: true, pairsMax: 9, scenarios });
    expect(asked).toHaveLength(7);
    expect(report.scenarios).toMatchObject([
      {
        violations: [{ plan: { crashAt: [2] }, invariant: 2, message: 't1 was charged twice' }],
      },
    ]);
  });

  it('takes a run that throws for a broken one', async () => {
    const run: RunPlan = ({ crashAt }) =>
      crashAt[0] === 2 ? Promise.reject(new RangeError('a loop')) : Promise.resolve(clean(2));
    const report = await runExhaustive(run, { pairs: true, pairsMax: 9, scenarios });
    expect(report.scenarios).toMatchObject([
      { runs: 4, pairs: 1, violations: [{ invariant: null, message: 'RangeError: a loop' }] },
    ]);
  });

  it('runs several at once if it may', async () => {
    let now = 0;
    let most = 0;
    const run: RunPlan = async () => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      return clean(6);
    };
    const options = { pairs: true, pairsMax: 100, atOnce: 3, scenarios };
    const report = await runExhaustive(run, options);
    expect(most).toBe(3);
    expect(report.scenarios).toMatchObject([{ runs: 22, pairs: 15 }]);
  });

  it('ends where it is told to stop, with a report of what was run until then', async () => {
    const { run } = stoppedAt('3');
    const report = await runExhaustive(run, { pairs: true, pairsMax: 9, scenarios });
    expect(report).toMatchObject({
      isInterrupted: true,
      scenarios: [
        {
          ...{ name: 'small', boundaries: 4, runs: 3, pairs: 0, leftOut: 0, isPartial: true },
          violations: [{ plan: { crashAt: [1] }, invariant: 2 }],
        },
      ],
    });
  });

  it('counts the pairs that were run when it is stopped among them', async () => {
    const { run } = stoppedAt('1+4');
    const report = await runExhaustive(run, { pairs: true, pairsMax: 9, scenarios });
    expect(report.scenarios).toMatchObject([{ runs: 7, pairs: 2, isPartial: true }]);
  });

  it('has no report of a scenario that was stopped in its first run', async () => {
    const { run } = stoppedAt('');
    const report = await runExhaustive(run, { pairs: false, pairsMax: 9, scenarios });
    expect(report).toEqual({ scenarios: [], isInterrupted: true });
  });

  it('says how far it is', async () => {
    const said: string[] = [];
    const { run } = fake(
      () => 2,
      ([first]) => first === 1,
    );
    await runExhaustive(run, {
      ...{ pairs: true, pairsMax: 9, scenarios },
      onProgress: ({ name, runs, runsOfAll, violations }) =>
        said.push(`${name} ${runs}/${runsOfAll} ${violations}`),
    });
    expect(said).toEqual(['small 1/1 0', 'small 2/3 1', 'small 3/3 1', 'small 4/4 2']);
  });
});
