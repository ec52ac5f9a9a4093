import { describe, expect, it } from 'vitest';
import { exitCodeFor } from '#cli/commands/change-routing.ts';
import {
  type ChangeReport,
  renderChange,
  renderHistory,
  renderRouting,
} from '#cli/render-routing.ts';
import { plain } from '#cli/terminal.ts';
import type { HistoryReport } from '#ops/routing/show-routing.ts';

const NOW = 1_700_000_000_000;
const TIME = '2023-11-14T22:13:20.000Z';
const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';
type Entry = HistoryReport['entries'][number];

const entry: Entry = {
  ...{ epoch: 3, entryId: 'e3', atEpochMs: NOW, actor: 'ann', change: 'failover' },
  ...{ reason: 'a drill', mode: 'auto', active: [EAST_2], drained: [] },
  ...{ evidence: '{"verb":"failover","force":false,"unfit":{}}', previousHash: '0'.repeat(64) },
  moved: { epoch: 3, atEpochMs: NOW },
};
const changed: ChangeReport = {
  ...{ outcome: 'changed', because: null, entry, from: [EAST_1], isAssumed: false, lease: null },
  state: { epoch: 3, mode: 'auto', active: [EAST_2], drained: [] },
  traffic: {
    isSettled: true,
    regions: [
      { region: EAST_1, isActive: false, answer: 'elsewhere' },
      { region: EAST_2, isActive: true, answer: 'here' },
    ],
  },
};

describe('renderChange', () => {
  it('says what was moved, the state, and what the Regions answer', () => {
    expect(renderChange(changed, plain)).toBe(
      [
        'failover: from us-east-1 to us-east-2',
        'traffic goes to us-east-2, epoch 3, mode auto',
        '  us-east-1  elsewhere',
        '  us-east-2  here',
        '',
      ].join('\n'),
    );
  });

  it('says when there was nothing to do', () => {
    const because = 'traffic goes to us-east-2';
    const already: ChangeReport = { ...changed, outcome: 'already', because, entry: null };
    expect(renderChange(already, plain)).toContain('already: traffic goes to us-east-2\n');
  });

  it('says what is not as it should be, and what to do', () => {
    const traffic = { isSettled: false, regions: [] };
    const lease = { kind: 'not-held', region: EAST_2, because: 'no answer' } as const;
    const text = renderChange({ ...changed, traffic, lease, isAssumed: true }, plain);
    expect(text).toContain('do not answer as they should yet; see: holdfast routing');
    expect(text).toContain('holdfast lease take us-east-2 --planned');
    expect(text).toContain('active-passive is assumed');
  });

  it('gives no lease back to a move that a newer one has overtaken', () => {
    const lease = { kind: 'superseded', region: EAST_2, epoch: 9 } as const;
    const text = renderChange({ ...changed, lease }, plain);
    expect(text).toContain('traffic was moved again meanwhile, by entry 9; see: holdfast history');
    expect(text).not.toContain('lease take');
  });

  it('warns of manual mode and names drained Regions', () => {
    const state = { epoch: 4, mode: 'manual', active: [EAST_2], drained: [EAST_1] } as const;
    expect(renderChange({ ...changed, state }, plain)).toContain(
      'mode manual: nothing moves by itself, drained: us-east-1',
    );
  });
});

describe('the exit code of a change', () => {
  const notSettled = { isSettled: false, regions: [] };
  const lease = { kind: 'not-held', region: EAST_2, because: 'no answer' } as const;
  it.each([
    ['it is done', changed, 0],
    ['it moves no traffic', { ...changed, traffic: null }, 0],
    ['the Regions do not follow', { ...changed, traffic: notSettled }, 4],
    ['the lease does not follow', { ...changed, lease }, 1],
    [
      'traffic was moved again meanwhile',
      { ...changed, lease: { kind: 'superseded', region: EAST_2, epoch: 9 } as const },
      3,
    ],
  ])('when %s', (_name, report, code) => {
    expect(exitCodeFor(report)).toBe(code);
  });
});

describe('renderRouting', () => {
  const region = { region: EAST_1, active: true, drained: false, traffic: 'here' } as const;
  const presence = {
    ...{ region: EAST_1, apiUrl: 'https://api.example/', beat: 60, serving: true },
    ...{ policy: 'active-passive' as const, healthySinceEpochMs: NOW, atEpochMs: NOW + 5_000 },
    followedEpoch: 3,
    peerHealthy: null,
    peerSilence: null,
    peerHealthyNow: null,
    moveAge: null,
  };

  it('shows the state, who made it, and both orchestrators', () => {
    const regions = [
      { ...region, presence, silentForMs: 4_400 },
      {
        ...({ region: EAST_2, active: false, drained: true, traffic: 'unreachable' } as const),
        ...{ presence: null, silentForMs: null },
      },
    ];
    const state = { epoch: 3, mode: 'auto', active: [EAST_1], drained: [EAST_2] } as const;
    const text = renderRouting({ state, newest: entry, isAssumed: false, regions }, plain);
    expect(text).toBe(
      [
        'traffic goes to us-east-1, epoch 3, mode auto, drained: us-east-2',
        `failover by ann, ${TIME}: a drill`,
        '',
        `  us-east-1  active   traffic here         orchestrator heard of 4 s ago, beat 60  healthy since ${TIME}`,
        '  us-east-2  drained  traffic unreachable  orchestrator never heard of',
        '',
      ].join('\n'),
    );
  });

  it('says that nobody has changed it, and that a Region is not healthy', () => {
    const sick = { ...presence, healthySinceEpochMs: null };
    const regions = [{ ...region, presence: sick, silentForMs: 0 }];
    const state = { epoch: 0, mode: 'auto', active: [EAST_1], drained: [] } as const;
    const text = renderRouting({ state, newest: null, isAssumed: true, regions }, plain);
    expect(text).toContain('as configured: nobody has changed it');
    expect(text).toContain('not healthy');
    expect(text).toContain('active-passive is assumed');
  });
});

describe('renderHistory', () => {
  it('shows who, when, why and on what evidence, oldest first', () => {
    const probes = ['served in 9 ms', 'unreachable', 'unreachable', 'unreachable'];
    const evidence = JSON.stringify({
      trigger: 'tick',
      [EAST_1]: { verdict: 'lost', alarm: 'unknown', silentForMs: 40_000, probes },
    });
    const first: Entry = { ...entry, epoch: 1, actor: 'orchestrator:us-east-2', evidence };
    const second: Entry = {
      ...{ ...entry, epoch: 2, change: 'failback', active: [EAST_1], drained: [EAST_2] },
      evidence: '{"force":true,"unfit":{"us-east-1":"us-east-1 answers too slowly"}}',
    };
    const report = { entries: [first, second], total: 2, fault: null };
    expect(renderHistory(report, plain)).toBe(
      [
        `1  ${TIME}  failover by orchestrator:us-east-2: a drill`,
        '   traffic goes to us-east-2, mode auto',
        '   woken by tick',
        '   us-east-1 lost, alarm unknown, probes: unreachable; unreachable; unreachable',
        `2  ${TIME}  failback by ann: a drill`,
        '   from us-east-2 to us-east-1, mode auto, drained: us-east-2',
        '   by force',
        '   us-east-1 answers too slowly',
        'The chain of all 2 entries is whole.',
        '',
      ].join('\n'),
    );
  });

  it('says how many there are that it does not show, and when there are none', () => {
    const report = { entries: [entry], total: 3, fault: null };
    expect(renderHistory(report, plain)).toContain('2 older: raise --limit.');
    expect(renderHistory({ entries: [], total: 0, fault: null }, plain)).toBe(
      'Nobody has changed where traffic goes.\n',
    );
  });

  it('names the epoch where the chain is broken', () => {
    const base = { entries: [entry], total: 1 };
    const gap = renderHistory({ ...base, fault: { kind: 'gap', epoch: 2 } }, plain);
    expect(gap).toContain('The chain is broken: epoch 2 is missing.');
    const broken = renderHistory({ ...base, fault: { kind: 'broken', epoch: 3 } }, plain);
    expect(broken).toContain('The chain is broken at epoch 3');
  });

  it.each(['', 'not JSON', '[]', 'null', '{"unfit":7,"us-east-1":"x"}'])(
    'shows an entry whose evidence is %j',
    (evidence) => {
      const report = { entries: [{ ...entry, evidence }], total: 1, fault: null };
      expect(renderHistory(report, plain)).toContain('failover by ann');
    },
  );

  it('lets no text from the log write to the terminal what is not text', () => {
    const report = {
      entries: [{ ...entry, reason: 'x\u001b[2Jy', evidence: '{"trigger":"a\\u0007b"}' }],
      ...{ total: 1, fault: null },
    };
    // oxlint-disable-next-line no-control-regex
    expect(renderHistory(report, plain)).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
