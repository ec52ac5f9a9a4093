import { describe, expect, it } from 'vitest';
import { catchTimes, renderTeeth } from '#cli/simulate/render-teeth.ts';
import type { ToothOutcome, ToothResult } from '#cli/simulate/teeth.ts';
import { plain } from '#cli/terminal.ts';

function resultOf(name: string, seconds: number, outcome: ToothOutcome): ToothResult {
  return { name, area: 'refund', outcome, seconds };
}

function caught(name: string, seconds: number, isExpected = true): ToothResult {
  const found = { invariant: 16, isExpected, seed: 7, message: 'too much' } as const;
  return resultOf(name, seconds, { kind: 'caught', ...found });
}

const MISSED = resultOf('slips-through', 60, { kind: 'missed', seeds: 900 });

describe('catchTimes', () => {
  it.each([
    [[3, 1, 2], { median: 2, worst: 3, worstName: 'took-3' }],
    [[4, 1, 2, 3], { median: 2.5, worst: 4, worstName: 'took-4' }],
    [[5], { median: 5, worst: 5, worstName: 'took-5' }],
    [[], null],
  ])('of catches that took %j seconds', (seconds, times) => {
    const results = seconds.map((one) => caught(`took-${one}`, one));
    expect(catchTimes([...results, MISSED])).toEqual(times);
  });
});

describe('renderTeeth', () => {
  const clean = { mode: 'any', seeds: 7, outcome: { kind: 'clean' }, seconds: 0.5 } as const;

  it('has a row for each bug, and says what came of all', () => {
    const stale = resultOf('stale', 0.1, { kind: 'does-not-apply', message: 'it is gone' });
    const broke = resultOf('broke', 1, { kind: 'failed', seed: 4, message: 'no end' });
    const results = [caught('twice', 0.25), caught('odd', 0.75, false), MISSED, stale, broke];
    const text = renderTeeth({ results, controls: [clean], passed: false }, plain);
    expect(text.split('\n')).toEqual([
      '          planted bug    area    invariant  seed       seconds',
      '  caught  twice          refund  16         7          0.25',
      '  caught  odd            refund  16 *       7          0.75',
      '  MISSED  slips-through  refund             900 clean  60.00',
      '  STALE   stale          refund                        0.10     it is gone',
      '  FAILED  broke          refund             4          1.00     no end',
      '',
      '2 of 5 planted bugs were caught: median 0.50 s, worst 0.75 s (odd)',
      'control without a bug (any), seeds 1 to 7: clean in 0.50 s',
      '* caught by another invariant than its author thought of',
      'FAILED',
      '',
    ]);
  });

  it('says so where all is well', () => {
    const text = renderTeeth(
      { results: [caught('twice', 1)], controls: [clean], passed: true },
      plain,
    );
    expect(text).toMatch(/\n1 of 1 planted bugs were caught: .*\n.*clean in .*\npassed\n$/);
  });

  it('says what a control found', () => {
    const found = { kind: 'violation', seed: 3, invariant: 2, message: 'charged twice' } as const;
    const control = { mode: 'eventual', seeds: 9, outcome: found, seconds: 1 } as const;
    const text = renderTeeth({ results: [], controls: [control], passed: false }, plain);
    expect(text).toContain('(eventual), seeds 1 to 9: invariant 2 at seed 3: charged twice\n');
  });
});
