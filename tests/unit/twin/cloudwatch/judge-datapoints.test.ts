import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALARM_STATES, type AlarmState } from '#twin/cloudwatch/alarm-state.ts';
import { type Datapoint, judgeDatapoints } from '#twin/cloudwatch/judge-datapoints.ts';
import type { AlarmModel } from '#twin/region-model.ts';

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
type Treatment = (typeof TREATMENTS)[number];

const DATAPOINTS: Readonly<Record<string, Datapoint>> = {
  '0': 'fine',
  X: 'breaching',
  '-': 'missing',
};

function range(text: string): Datapoint[] {
  return text.split(' ').map((each) => DATAPOINTS[each] ?? 'missing');
}

function rule(
  [datapointsToAlarm, evaluationPeriods]: readonly [number, number],
  treatMissingData: AlarmModel['treatMissingData'],
) {
  return { datapointsToAlarm, evaluationPeriods, treatMissingData };
}

type Expected = AlarmState | 'kept';

/**
 * M of N, the range with the newest datapoint last, and what each treatment makes of it, in the order
 * of `TREATMENTS`. Source: the two tables of "Configuring how CloudWatch alarms treat missing data".
 */
const DOCUMENTED: readonly [readonly [number, number], string, readonly Expected[]][] = [
  [[3, 3], '0 - X - X', ['OK', 'OK', 'OK', 'OK']],
  [[3, 3], '0 - - - -', ['OK', 'OK', 'OK', 'OK']],
  [[3, 3], '- - - - -', ['INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK']],
  [[3, 3], '0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [[3, 3], '- - X - -', ['ALARM', 'kept', 'ALARM', 'OK']],
  [[2, 3], '0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [[2, 3], '0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [[2, 3], '0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
  [[2, 3], '- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
  [[2, 3], '- - - X -', ['ALARM', 'kept', 'ALARM', 'OK']],
];

/** What the text beside the tables says, and what follows for sparse metrics. */
const FURTHER: typeof DOCUMENTED = [
  // Not yet: the next datapoint may be fine.
  [[3, 3], '- - - - X', ['OK', 'kept', 'ALARM', 'OK']],
  [[3, 3], '- - - X -', ['OK', 'kept', 'ALARM', 'OK']],
  [[3, 3], '- - - X 0', ['OK', 'OK', 'OK', 'OK']],
  // One is enough, whatever is missing.
  [[1, 3], '- - - - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [[1, 3], '- - X - 0', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  // The range is longer than N: an old datapoint counts while newer ones are missing.
  [[1, 1], 'X - -', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
  [[1, 1], 'X - 0', ['OK', 'OK', 'OK', 'OK']],
  [[1, 1], '- - -', ['INSUFFICIENT_DATA', 'kept', 'ALARM', 'OK']],
];

const cases = [...DOCUMENTED, ...FURTHER].flatMap(([counts, text, expected]) =>
  TREATMENTS.map((treatment, index) => ({
    name: `${counts.join(' of ')} of ${text} as ${treatment}`,
    counts,
    text,
    treatment,
    expected: expected[index] ?? 'kept',
  })),
);

describe('the documented rows', () => {
  it.each(cases)('$name is $expected', ({ counts, text, treatment, expected }) => {
    for (const previous of ALARM_STATES) {
      const { state } = judgeDatapoints(rule(counts, treatment), range(text), previous);
      expect(state).toBe(expected === 'kept' ? previous : expected);
    }
  });

  it('says how many were real, breaching and filled in', () => {
    expect(judgeDatapoints(rule([2, 3], 'breaching'), range('0 - X - -'), 'OK')).toEqual({
      state: 'ALARM',
      real: 2,
      breaching: 1,
      filled: 1,
    });
  });
});

const counts = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)]);
const datapoint = fc.constantFrom<Datapoint>('fine', 'breaching', 'missing');
const scenario = counts.chain(([m, n]) =>
  fc.record({
    counts: fc.constant<[number, number]>([m, n]),
    points: fc.array(datapoint, { minLength: n + 2, maxLength: n + 2 }),
    previous: fc.constantFrom(...ALARM_STATES),
  }),
);
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

function stateOf({ counts: each, points, previous }: Scenario, treatment: Treatment): AlarmState {
  return judgeDatapoints(rule(each, treatment), points, previous).state;
}

describe('every range', () => {
  it('leads to one state whatever the treatment, with N real datapoints', () => {
    fc.assert(
      fc.property(scenario, (each) => {
        fc.pre(each.points.filter((point) => point !== 'missing').length >= each.counts[1]);
        const newest = each.points.filter((point) => point !== 'missing').slice(-each.counts[1]);
        const isAlarm = newest.filter((point) => point === 'breaching').length >= each.counts[0];
        for (const treatment of TREATMENTS) {
          expect(stateOf(each, treatment)).toBe(isAlarm ? 'ALARM' : 'OK');
        }
      }),
    );
  });

  it('is an alarm as `breaching` when it is one as anything else but `ignore`', () => {
    fc.assert(
      fc.property(scenario, (each) => {
        fc.pre(stateOf(each, 'notBreaching') === 'ALARM' || stateOf(each, 'missing') === 'ALARM');
        expect(stateOf(each, 'breaching')).toBe('ALARM');
      }),
    );
  });

  it('is never without data but for `missing` with none, and `ignore` that was before', () => {
    fc.assert(
      fc.property(scenario, (each) => {
        const hasNone = each.points.every((point) => point === 'missing');
        expect(stateOf(each, 'missing') === 'INSUFFICIENT_DATA').toBe(hasNone);
        expect(stateOf(each, 'breaching')).not.toBe('INSUFFICIENT_DATA');
        expect(stateOf(each, 'notBreaching')).not.toBe('INSUFFICIENT_DATA');
        if (each.previous !== 'INSUFFICIENT_DATA') {
          expect(stateOf(each, 'ignore')).not.toBe('INSUFFICIENT_DATA');
        }
      }),
    );
  });

  it('heeds the state before for `ignore` alone', () => {
    fc.assert(
      fc.property(scenario, fc.constantFrom(...ALARM_STATES), (each, other) => {
        for (const treatment of ['missing', 'breaching', 'notBreaching'] as const) {
          expect(stateOf({ ...each, previous: other }, treatment)).toBe(stateOf(each, treatment));
        }
      }),
    );
  });
});
