/** When the orchestrator looks, how often, and what it answers; what a round does is the core's. */

import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#core/app-error.ts';
import type { Verdict } from '#core/routing/judge-region.ts';
import type { RoundReport, RoundRequest } from '#core/routing/orchestrate.ts';

const fake = vi.hoisted(() => {
  vi.stubEnv('AWS_REGION', 'us-east-2');
  vi.stubEnv('ENVIRONMENT_SUFFIX', 'dev');
  vi.stubEnv('PROBE_INTERVAL_SECONDS', '10');
  return {
    /** In order: `round tick`, `look`, `sleep 10000`, `lease`. */
    did: [] as string[],
    hints: [] as unknown[],
    metrics: [] as string[],
    logs: [] as string[],
    /** With what follows the message. */
    reasons: [] as string[],
    round: null as ((request: RoundRequest) => RoundReport) | null,
    operators: { append: async (): Promise<unknown> => ({ kind: 'appended' }) },
    newest: null as unknown,
  };
});

vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => {
    fake.did.push(`sleep ${ms}`);
    vi.setSystemTime(Date.now() + ms);
  },
}));
vi.mock('#adapters/telemetry.ts', () => ({
  createTelemetry: () => ({
    metric: (name: string) => void fake.metrics.push(name),
    metrics: () => undefined,
    log: (level: string, message: string, { reason = '' }: { reason?: string } = {}) => {
      fake.logs.push(message);
      fake.reasons.push(`${level} ${message}: ${reason}`);
    },
  }),
}));
/** A round takes 3 s, and a look 1 s. */
vi.mock('#handlers/orchestrator-parts.ts', () => ({
  createOrchestratorParts: () => ({
    orchestrator: {
      round: async (request: RoundRequest) => {
        fake.did.push(`round ${request.trigger}`);
        fake.hints.push(request.hint);
        vi.setSystemTime(Date.now() + 3_000);
        return fake.round?.(request);
      },
    },
    observer: {
      hear: (hint: unknown) => void fake.hints.push(hint),
      look: async () => {
        fake.did.push('look');
        vi.setSystemTime(Date.now() + 1_000);
      },
    },
    keepLease: async () => void fake.did.push('lease'),
    presence: { read: async () => [] },
    probe: async () => ({ kind: 'unreachable' }),
    alarmOf: async () => 'unknown',
    regions: ['us-east-1', 'us-east-2'],
    routing: {
      log: { newest: async () => fake.newest, append: () => fake.operators.append() },
      clock: { nowEpochMs: () => Date.now() },
      hash: () => 'f'.repeat(64),
      newId: () => 'e1',
      first: { epoch: 0, mode: 'auto', active: ['us-east-1'], drained: [] },
    },
  }),
}));

const { handler } = await import('#handlers/orchestrate.ts');

const NOW = Date.parse('2026-11-23T01:02:03.004Z');
const TICK = { source: 'aws.events' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  fake.did.length = 0;
  fake.hints.length = 0;
  fake.metrics.length = 0;
  fake.logs.length = 0;
  fake.reasons.length = 0;
  fake.round = () => waited();
  fake.operators.append = async () => ({ kind: 'appended' });
  fake.newest = null;
});

/** An invocation with so much time left now. */
function contextOf(seconds: number) {
  const endMs = Date.now() + seconds * 1_000;
  return { getRemainingTimeInMillis: () => endMs - Date.now() };
}

function seenAs(own: Verdict, peer: Verdict, beaten = true): RoundReport['seen'] {
  const evidence = { probes: [], alarm: 'clear' } as const;
  return {
    own: { region: 'us-east-2', verdict: own, ...evidence },
    peer: { region: 'us-east-1', verdict: peer, ...evidence },
    ...{ ownHealthyForMs: null, beaten, followedEpoch: 0 },
  };
}

function waited(seen = seenAs('healthy', 'healthy')): RoundReport {
  const state = { epoch: 4, mode: 'auto', active: ['us-east-1'], drained: [] } as const;
  return { kind: 'waited', because: 'peer-healthy', state, seen };
}

const entry = {
  ...{ epoch: 5, entryId: 'e5', atEpochMs: NOW, actor: 'orchestrator:us-east-2' },
  ...{ change: 'failover', reason: 'us-east-1 serves nobody', mode: 'auto' },
  ...{ active: ['us-east-2'], drained: [], evidence: '{}', previousHash: '', moved: null },
} as const;

function alarm(members: Record<string, unknown> = {}) {
  const message = {
    AlarmName: 'payment-region-impaired-dev',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:payment-region-impaired-dev',
    NewStateValue: 'ALARM',
    StateChangeTime: '2026-11-23T01:02:03.004+0000',
    ...members,
  };
  return { Records: [{ Sns: { Message: JSON.stringify(message) } }] };
}

async function bodyOf(event: unknown, seconds = 60): Promise<Record<string, unknown>> {
  const { statusCode, body } = await handler(event, contextOf(seconds));
  expect(statusCode).toBe(200);
  return JSON.parse(body) as Record<string, unknown>;
}

const times = (what: string) => fake.did.filter((did) => did === what).length;

describe('a tick', () => {
  it('watches until its time is nearly over, and moves only while there is time to', async () => {
    const answer = await bodyOf(TICK);
    expect(fake.did).toEqual([
      // 60 s, 47 s and 34 s are left.
      ...['round tick', 'lease', 'sleep 10000'],
      ...['round tick', 'lease', 'sleep 10000'],
      ...['round tick', 'lease', 'sleep 10000'],
      // 21 s and 10 s: too little to take a lease in, and enough to beat in.
      ...['look', 'sleep 10000', 'look'],
    ]);
    // The next tick comes a minute after this one: a gap no longer than the others.
    expect(Date.now() - NOW).toBe(51_000);
    expect(answer).toMatchObject({
      message: 'Failover orchestration completed',
      ...{ trigger: 'tick', decision: 'wait', because: 'peer-healthy', epoch: 4 },
    });
  });

  it('looks once even where hardly any time is left', async () => {
    await bodyOf(TICK, 5);
    expect(fake.did).toEqual(['round tick', 'lease']);
  });

  it('answers at once where a watch is going on already', async () => {
    const second: Promise<unknown>[] = [];
    fake.round = () => {
      if (second.length === 0) second.push(bodyOf(TICK));
      return waited();
    };
    await bodyOf(TICK);
    const [answer] = await Promise.all(second);
    expect(answer).toMatchObject({ decision: 'wait', because: 'watched-already' });
    expect(times('round tick')).toBe(3);
    await bodyOf(TICK);
    expect(times('round tick')).toBe(6);
  });

  it('can watch again after a round that threw', async () => {
    fake.round = () => {
      throw new TypeError('a defect');
    };
    await expect(handler(TICK, contextOf(60))).rejects.toThrow('a defect');
    fake.round = () => waited();
    expect(await bodyOf(TICK)).toMatchObject({ because: 'peer-healthy' });
  });
});

describe('an alarm', () => {
  it('looks until both Regions can be judged', async () => {
    const verdicts: [Verdict, Verdict][] = [
      ['unsure', 'unsure'],
      ['healthy', 'unsure'],
      ['unsure', 'healthy'],
      ['healthy', 'healthy'],
    ];
    fake.round = () => waited(seenAs(...(verdicts.shift() ?? ['lost', 'lost'])));
    const answer = await bodyOf(alarm());
    expect(times('round payment-region-impaired-dev')).toBe(4);
    expect(times('sleep 1000')).toBe(3);
    expect(answer).toMatchObject({ alarm: 'payment-region-impaired-dev', state: 'ALARM' });
  });

  it('looks eight times at most', async () => {
    fake.round = () => waited(seenAs('healthy', 'unsure'));
    await bodyOf(alarm());
    expect(times('round payment-region-impaired-dev')).toBe(8);
  });

  it('stops when there is no time left to move in', async () => {
    fake.round = () => waited(seenAs('healthy', 'unsure'));
    await bodyOf(alarm(), 33);
    // 33 s, then 29 s are left, then 25 s.
    expect(times('round payment-region-impaired-dev')).toBe(2);
  });

  it.each([
    ['raced', { kind: 'raced', by: entry }, { decision: 'wait', because: 'raced', epoch: 5 }],
    [
      'moved',
      { kind: 'moved', entry, steps: [] },
      { decision: 'failover', epoch: 5, to: ['us-east-2'], resumed: false, steps: [] },
    ],
    [
      'followed-up',
      { kind: 'followed-up', entry, steps: [] },
      { decision: 'failover', resumed: true },
    ],
  ])('ends with a round that %s', async (_name, report, answer) => {
    const seen = seenAs('unsure', 'unsure');
    fake.round = () => ({ ...report, seen }) as RoundReport;
    expect(await bodyOf(alarm())).toMatchObject(answer);
    expect(times('round payment-region-impaired-dev')).toBe(1);
  });

  it('says why it saw nothing, when it was blind to the last', async () => {
    const because = new AppError('unavailable', 'no table');
    fake.round = () => ({ kind: 'blind', because, seen: seenAs('unsure', 'unsure') });
    expect(await bodyOf(alarm())).toMatchObject({
      ...{ decision: 'wait', because: 'log-unreadable', reason: 'no table' },
    });
    expect(times('round payment-region-impaired-dev')).toBe(8);
  });

  it('hands on what the message says of the Region', async () => {
    await bodyOf(alarm());
    expect(fake.hints).toEqual([{ region: 'us-east-1', impaired: true, changedAtEpochMs: NOW }]);
  });

  it.each(['OK', 'INSUFFICIENT_DATA'])('does nothing when it ends as %s', async (state) => {
    const answer = await bodyOf(alarm({ NewStateValue: state }));
    expect(answer).toMatchObject({ decision: 'wait', because: 'alarm-ended', state });
    expect(fake.did).toEqual([]);
    expect(fake.hints).toEqual([{ region: 'us-east-1', impaired: false, changedAtEpochMs: NOW }]);
  });
});

describe('a report of an orchestrator', () => {
  it('passes by', async () => {
    const MessageAttributes = { kind: { Type: 'String', Value: 'failover-report' } };
    const event = { Records: [{ Sns: { Message: 'anything', MessageAttributes } }] };
    expect(await bodyOf(event)).toMatchObject({ decision: 'wait', because: 'own-report' });
    expect(fake.did).toEqual([]);
  });
});

describe('several records in one event', () => {
  it('are dealt with one after the other', async () => {
    const Records = [...alarm({ NewStateValue: 'OK' }).Records, ...alarm().Records];
    const answer = await bodyOf({ Records });
    expect(answer['events']).toMatchObject([
      { because: 'alarm-ended' },
      { because: 'peer-healthy' },
    ]);
  });
});

describe('an operator', () => {
  const operator = { actor: 'ann', reason: 'a drill', verb: 'mode', mode: 'manual' };

  it('is told what was written', async () => {
    expect(await bodyOf({ operator })).toMatchObject({
      ...{ trigger: 'operator', decision: 'mode', epoch: 1, to: ['us-east-1'] },
    });
  });

  it('can put a drained Region back, without a command line', async () => {
    fake.newest = { ...entry, drained: ['us-east-1'] };
    const undrain = { ...operator, verb: 'undrain', region: 'us-east-1' };
    expect(await bodyOf({ operator: undrain })).toMatchObject({
      ...{ trigger: 'operator', decision: 'undrain', epoch: 6, to: ['us-east-2'] },
    });
  });

  it('is told that it is so already', async () => {
    fake.newest = { ...entry, mode: 'manual' };
    expect(await bodyOf({ operator })).toMatchObject({
      ...{ decision: 'wait', because: 'the mode is manual', epoch: 5 },
    });
  });

  it.each([
    ['is refused', { verb: 'failover', to: 'us-east-2' }, 'never been heard of'],
    ['is mistaken', { verb: 'drain', region: 'eu-west-1' }, 'there is no Region eu-west-1'],
  ])('rejects one who %s, so that the step fails', async (_name, verb, text) => {
    const event = { operator: { actor: 'ann', reason: 'a drill', ...verb } };
    await expect(handler(event, contextOf(60))).rejects.toThrow(text);
  });

  it('rejects one who was not first', async () => {
    fake.operators.append = async () => ({ kind: 'raced', by: entry });
    await expect(handler({ operator }, contextOf(60))).rejects.toThrow(
      'orchestrator:us-east-2 was first, with epoch 5',
    );
  });
});

describe('what can not be read', () => {
  it.each([[null], [{}], [{ Records: [] }], [{ Records: [{ Sns: { Message: '{' } }] }]])(
    'rejects %j, so that it is kept',
    async (event) => {
      await expect(handler(event, contextOf(60))).rejects.toMatchObject({
        name: 'UnreadableEventError',
      });
      expect(fake.did).toEqual([]);
    },
  );
});

describe('why it waits', () => {
  const waitsFor = (because: string, peer: Verdict = 'impaired') =>
    ({ ...waited(seenAs('healthy', peer)), because }) as RoundReport;
  const saidIn = async (...rounds: readonly RoundReport[]): Promise<readonly string[]> => {
    for (const report of [waited(), ...rounds]) {
      fake.round = () => report;
      await bodyOf(TICK, 5);
    }
    return fake.reasons.filter((reason) => reason.startsWith('WARN traffic stays'));
  };

  it('is said once for each reason, and again after all was well', async () => {
    const cooling = waitsFor('cooldown');
    const lost = waitsFor('manual-mode', 'lost');
    expect(await saidIn(cooling, cooling, lost, waited(), lost)).toEqual([
      'WARN traffic stays where it is: cooldown: us-east-1 is impaired',
      'WARN traffic stays where it is: manual-mode: us-east-1 is lost',
      'WARN traffic stays where it is: manual-mode: us-east-1 is lost',
    ]);
  });

  it('is not said of a Region without traffic, or of one that may be well', async () => {
    const state = { epoch: 4, mode: 'auto', active: ['us-east-2'], drained: [] } as const;
    const left = { ...waitsFor('own-active', 'lost'), state } as RoundReport;
    expect(await saidIn(left, waitsFor('peer-unsure', 'unsure'))).toEqual([]);
  });
});

describe('FailoverRounds', () => {
  it.each([
    ['saw', waited(), 1, []],
    [
      'could not beat',
      waited(seenAs('unsure', 'unsure', false)),
      0,
      ['the heartbeat was not written'],
    ],
    [
      'could not read the log',
      {
        ...{ kind: 'blind' as const, seen: seenAs('healthy', 'healthy') },
        because: new AppError('unavailable', 'no table'),
      },
      0,
      ['the routing log is out of reach'],
    ],
  ])('counts a round that %s: %#', async (_name, report, count, logs) => {
    fake.round = () => report;
    // One round: no time is left for another.
    await bodyOf(TICK, 5);
    expect(fake.metrics).toEqual(Array.from({ length: count }, () => 'FailoverRounds'));
    expect(fake.logs).toEqual(logs);
  });
});
