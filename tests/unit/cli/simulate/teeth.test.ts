import { describe, expect, it } from 'vitest';
import { edit, type PlantedBug } from '#cli/simulate/planted-bug.ts';
import { runTeeth, type ToothResult } from '#cli/simulate/teeth.ts';

const SUBJECT = new URL('money-subject.ts', import.meta.url).href;
const EXACT = "BigInt(decimal.digits + '0'.repeat(shift))";

function bugOf(
  name: string,
  find: string,
  replace: string,
  file = 'src/core/money.ts',
): PlantedBug {
  const edits = [edit(file, find, replace)];
  return { name, area: 'acceptance', what: 'for a test', edits, invariants: [16] };
}

const TEN_TIMES = bugOf('ten-times', EXACT, "BigInt(decimal.digits + '0'.repeat(shift + 1))");

async function bite(bugs: readonly PlantedBug[], secondsMax = 60, subjectUrl = SUBJECT) {
  const told: ToothResult[] = [];
  const onResult = (result: ToothResult) => void told.push(result);
  const report = await runTeeth({ bugs, secondsMax, subjectUrl, onResult, onProgress: () => {} });
  expect(told).toEqual(report.results);
  return report;
}

describe('runTeeth', () => {
  it('catches a bug in the real core, and runs as many seeds without it', async () => {
    const report = await bite([TEN_TIMES]);
    const message = 'an amount is read as another one';
    expect(report.results).toMatchObject([
      {
        name: 'ten-times',
        outcome: { kind: 'caught', invariant: 16, isExpected: true, seed: 3, message },
      },
    ]);
    expect(report.controls).toMatchObject([{ mode: 'any', seeds: 3, outcome: { kind: 'clean' } }]);
    expect(report.passed).toBe(true);
  });

  it('tells a catch by another invariant than was expected', async () => {
    const { results } = await bite([{ ...TEN_TIMES, invariants: [2] }]);
    expect(results[0]?.outcome).toMatchObject({ kind: 'caught', invariant: 16, isExpected: false });
  });

  it('plants each bug alone, and has a control for each kind of world', async () => {
    const hundred = bugOf('hundred', EXACT, '100n');
    const { results, controls } = await bite([TEN_TIMES, { ...hundred, needs: 'eventual' }]);
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(['caught', 'caught']);
    expect(controls.map(({ mode, seeds }) => [mode, seeds])).toEqual([
      ['any', 3],
      ['eventual', 3],
    ]);
  });

  it('does not pass where time ran out on a bug', async () => {
    const harmless = bugOf('harmless', 'takes a positive amount', 'wants a positive amount');
    const report = await bite([harmless], 0);
    expect(report.results[0]?.outcome).toEqual({ kind: 'missed', seeds: 0 });
    expect(report).toMatchObject({ passed: false, controls: [] });
  });

  it('does not pass where a bug no longer applies', async () => {
    const report = await bite([bugOf('stale', 'roundToTheNearestPenny(', 'truncate(')]);
    expect(report.results[0]?.outcome).toMatchObject({
      kind: 'does-not-apply',
      message: expect.stringContaining('stale does not apply: src/core/money.ts') as string,
    });
    expect(report.passed).toBe(false);
  });

  it('does not pass where nothing loads what was patched', async () => {
    const find = 'export const REFUNDS_MAX = 100;';
    const report = await bite([bugOf('idle', find, `${find} `, 'src/core/refund.ts')]);
    expect(report.results[0]?.outcome).toMatchObject({
      kind: 'does-not-apply',
      message: expect.stringContaining('nothing loaded src/core/refund.ts after it') as string,
    });
    expect(report.passed).toBe(false);
  });

  it('takes a run that throws for no catch', async () => {
    const report = await bite([bugOf('throws', EXACT, "BigInt('none')")]);
    expect(report.results[0]?.outcome).toMatchObject({ kind: 'failed', seed: 1 });
    expect(report.passed).toBe(false);
  });

  it('does not pass where the control finds something too', async () => {
    const report = await bite([TEN_TIMES], 60, `${SUBJECT}?broken`);
    expect(report.results[0]?.outcome.kind).toBe('caught');
    expect(report.controls).toMatchObject([{ outcome: { kind: 'violation', seed: 3 } }]);
    expect(report.passed).toBe(false);
  });
});
