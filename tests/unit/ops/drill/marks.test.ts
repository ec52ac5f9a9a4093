import { describe, expect, it } from 'vitest';
import { sha256Hex } from '#adapters/system.ts';
import { firstState, nextEntry } from '#core/routing/routing-log.ts';
import { findMarks, type MarkEvidence } from '#ops/drill/analysis/marks.ts';
import { orchestrationMs, stagesOf } from '#ops/drill/analysis/stages.ts';
import type { Observation } from '#ops/drill/observation.ts';
import { EAST_1, EAST_2, eventAt, failureAt, IMPAIRED } from './drill-world-fixture.ts';

const STRIKE = 10_000;

function look(atEpochMs: number, changes: Partial<Observation> = {}): Observation {
  return {
    atEpochMs,
    regions: [{ name: EAST_1, condition: 'up', checkHealthy: true, serves: true }],
    dnsRegion: EAST_1,
    routing: { epoch: 0, active: [EAST_1] },
    alarms: { [EAST_1]: [], [EAST_2]: [] },
    ...changes,
  };
}

const entry = nextEntry(
  null,
  firstState('active-passive', [EAST_1, EAST_2]),
  {
    ...{ entryId: 'e-1', atEpochMs: 13_000, actor: `orchestrator:${EAST_2}`, change: 'failover' },
    ...{ reason: 'lost', evidence: '{}', mode: 'auto', active: [EAST_2], drained: [] },
  } as const,
  sha256Hex,
);

/** Both judged kinds, each half second from `from` to `to`. */
function steady(from: number, to: number) {
  const times = Array.from({ length: (to - from) / 500 }, (_unused, index) => from + index * 500);
  return times.flatMap((at) => [eventAt(at), eventAt(at + 250, { client: 'retrying' })]);
}

function evidence(changes: Partial<MarkEvidence> = {}): MarkEvidence {
  return {
    injectedAtEpochMs: STRIKE,
    healedAtEpochMs: 25_000,
    endedAtEpochMs: 30_000,
    events: [
      ...steady(5_000, 10_000),
      ...[failureAt(10_100), failureAt(12_000), failureAt(14_500)],
      ...steady(15_000, 30_000),
    ],
    observations: [
      look(9_000),
      look(10_500),
      look(12_500, {
        regions: [{ name: EAST_1, condition: 'killed', checkHealthy: false, serves: false }],
      }),
      look(14_000, { dnsRegion: EAST_2 }),
    ],
    entries: [entry],
    judged: ['dns', 'retrying'],
    quietMs: 5_000,
    impairedAlarm: IMPAIRED,
    ...changes,
  };
}

describe('findMarks', () => {
  it('finds each moment of a failover', () => {
    expect(findMarks(evidence())).toEqual({
      injected: STRIKE,
      firstFailure: 10_120,
      detected: 12_500,
      decided: 13_000,
      shifted: 14_000,
      firstSuccess: 15_020,
      stable: 15_000,
      healed: 25_000,
    });
  });

  it('takes the alarm that says traffic should leave for detection, and no other', () => {
    const other = look(11_000, { alarms: { [EAST_1]: ['payment-latency-dev'], [EAST_2]: [] } });
    const impaired = look(11_500, { alarms: { [EAST_1]: [IMPAIRED], [EAST_2]: null } });
    const observations = [look(9_000), other, impaired];
    expect(findMarks(evidence({ observations }))).toMatchObject({ detected: 11_500 });
  });

  it('takes a decision for the proof that somebody had detected it', () => {
    const observations = [look(9_000), look(20_000, { dnsRegion: EAST_2 })];
    expect(findMarks(evidence({ observations }))).toMatchObject({ detected: 13_000 });
  });

  it('calls nothing stable in which a judged client has no request', () => {
    const events = [failureAt(10_100), eventAt(15_000), eventAt(29_000, { client: 'retrying' })];
    expect(findMarks(evidence({ events })).stable).toBeNull();
  });

  it('calls nothing stable that the drill did not see to its end', () => {
    expect(findMarks(evidence({ endedAtEpochMs: 19_999 })).stable).toBeNull();
  });

  it('starts over when a failure comes within the quiet time', () => {
    const events = [...evidence().events, failureAt(19_600, { client: 'retrying' })];
    expect(findMarks(evidence({ events }))).toMatchObject({ stable: 19_750 });
  });

  it('is stable from the strike on where nobody failed', () => {
    const events = steady(5_000, 30_000);
    expect(findMarks(evidence({ events }))).toMatchObject({
      firstFailure: null,
      firstSuccess: null,
      stable: STRIKE,
    });
  });

  it('leaves out failures from before the strike', () => {
    const events = [failureAt(6_000), ...steady(10_000, 30_000)];
    expect(findMarks(evidence({ events }))).toMatchObject({ firstFailure: null, stable: STRIKE });
  });
});

describe('stagesOf', () => {
  const marks = findMarks(evidence());

  it('splits the time to the end of the last stage without gaps', () => {
    expect(stagesOf(marks).map(({ name, lengthMs }) => [name, lengthMs])).toEqual([
      ['detect', 2_500],
      ['decide', 500],
      ['shift', 1_000],
      ['first success', 1_020],
      ['stable', 0],
    ]);
  });

  it('gives a stage that was over earlier no time of its own', () => {
    const stages = stagesOf({ ...marks, shifted: 12_700 });
    expect(stages.map(({ lengthMs }) => lengthMs)).toEqual([2_500, 500, 0, 2_020, 0]);
  });

  it('says which stage was never reached', () => {
    expect(stagesOf({ ...marks, shifted: null })[2]).toEqual({
      name: 'shift',
      untilEpochMs: null,
      lengthMs: null,
    });
  });
});

describe('orchestrationMs', () => {
  it('runs from the first sign until the later of decision and shift', () => {
    const marks = findMarks(evidence());
    expect(orchestrationMs(marks)).toBe(1_500);
    expect(orchestrationMs({ ...marks, shifted: 12_600 })).toBe(500);
    expect(orchestrationMs({ ...marks, decided: null })).toBeNull();
  });
});
