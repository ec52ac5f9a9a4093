import { describe, expect, it } from 'vitest';
import { type DrillFindings, judgeDrill, secondsText } from '#ops/drill/analysis/judge-drill.ts';
import { DEFAULT_OBJECTIVES, readObjectives } from '#ops/drill/objectives.ts';
import { scenarioNamed } from '#ops/drill/scenarios/scenarios.ts';

const findings: DrillFindings = {
  clocks: {
    clients: { dns: 30_000, pinned: null, retrying: 2_000 },
    injectionToStable: 31_000,
    orchestration: 4_000,
  },
  rpo: { lost: [], late: [{ transactionId: 't', what: 'late' }], duplicated: [], conflicting: [] },
  transitions: { failover: 1, failback: 0 },
  failures: { dns: 9, pinned: 9, retrying: 0 },
  unmet: [],
  checks: [{ name: 'reconcile', holds: true, detail: 'fine' }],
};

function missedBy(name: string, changes: Partial<DrillFindings>): readonly string[] {
  const given = { ...findings, ...changes };
  return judgeDrill(scenarioNamed(name), DEFAULT_OBJECTIVES.fast, given)
    .filter(({ met }) => !met)
    .map(({ name: missed }) => missed);
}

describe('judgeDrill', () => {
  it('is satisfied with figures at their bounds, a late payment and a pinned client that never recovers', () => {
    expect(missedBy('region-loss', {})).toEqual([]);
  });

  it.each<readonly [string, Partial<DrillFindings>, string]>([
    [
      'an outage above its bound',
      { clocks: { ...findings.clocks, clients: { dns: 30_001, pinned: 0, retrying: 0 } } },
      'RTO, DNS client',
    ],
    [
      'an outage without an end',
      { clocks: { ...findings.clocks, clients: { dns: 0, pinned: 0, retrying: null } } },
      'RTO, retrying client (SDK)',
    ],
    [
      'a lost payment',
      { rpo: { ...findings.rpo, lost: [{ transactionId: 't', what: 'gone' }] } },
      'RPO',
    ],
    [
      'a duplicated payment',
      { rpo: { ...findings.rpo, duplicated: [{ transactionId: 't', what: 'twice' }] } },
      'RPO',
    ],
    [
      'a payment in conflict',
      { rpo: { ...findings.rpo, conflicting: [{ transactionId: 't', what: 'differs' }] } },
      'RPO',
    ],
    ['no failover', { transitions: { failover: 0, failback: 0 } }, 'Transitions, failover'],
    ['a second one', { transitions: { failover: 2, failback: 0 } }, 'Transitions, failover'],
    [
      'traffic that comes back by itself',
      { transitions: { failover: 1, failback: 1 } },
      'Transitions, failback',
    ],
    ['a step out of its time', { unmet: ['not within 60 s'] }, 'Course of the drill'],
    [
      'a check that does not hold',
      { checks: [{ name: 'reconcile', holds: false, detail: '1 finding' }] },
      'Checks afterwards',
    ],
  ])('rejects %s', (_what, changes, missed) => {
    expect(missedBy('region-loss', changes)).toEqual([missed]);
  });

  it('lets a one-way partition move traffic once or not at all', () => {
    const none = { failover: 0, failback: 0 };
    expect(missedBy('one-way-partition', { transitions: none })).toEqual([]);
    expect(missedBy('one-way-partition', { transitions: { ...none, failover: 2 } })).toEqual([
      'Transitions, failover',
    ]);
  });

  it('asks for no failure at all of clients that a scenario must not harm', () => {
    const failures = { ...findings.failures, retrying: 1 };
    expect(missedBy('operator-switchover', { failures })).toEqual([
      'Unharmed, retrying client (SDK)',
    ]);
  });
});

describe('readObjectives', () => {
  it('keeps the defaults of the profile for what it is not told', () => {
    expect(readObjectives('{"rtoRetryingSeconds": 0.5}', 'aws')).toEqual({
      rtoDnsMs: 90_000,
      rtoRetryingMs: 500,
      rpoPayments: 0,
    });
  });

  it.each([
    ['{', 'not JSON'],
    ['[]', 'no JSON object'],
    ['{"rto": 1}', 'no objective is called "rto"; use rtoDnsSeconds'],
    ['{"rtoDnsSeconds": "60"}', 'a number of seconds from 0 to 86400, not "60"'],
    ['{"rtoDnsSeconds": -1}', 'not -1'],
    ['{"rpoPayments": 0.5}', 'a whole number'],
  ])('rejects %s', (text, message) => {
    expect(() => readObjectives(text, 'fast')).toThrow(message);
  });
});

describe('secondsText', () => {
  it.each([
    [90_000, '90 s'],
    [1_254, '1.25 s'],
    [12_540, '12.5 s'],
    [0, '0 s'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(secondsText(ms)).toBe(text);
  });
});
