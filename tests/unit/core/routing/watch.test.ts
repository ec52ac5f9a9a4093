import { beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '#core/routing/judge-region.ts';
import type { Observation } from '#core/routing/observer.ts';
import type { RoundReport, RoundRequest } from '#core/routing/orchestrate.ts';
import { createWatch, type Invocation, type Watch } from '#core/routing/watch.ts';

const HINT = { region: 'us-east-1', impaired: true, changedAtEpochMs: 0 };

let now: number;
/** In order: `round tick`, `told waited`, `lease 42000`, `look`, `sleep 10000`. */
let did: string[];
let requests: RoundRequest[];
let round: () => RoundReport;
let watch: Watch['watch'];
let lookQuickly: Watch['lookQuickly'];

function seenAs(own: Verdict, peer: Verdict): Observation {
  const evidence = { probes: [], alarm: 'clear' } as const;
  return {
    own: { region: 'us-east-2', verdict: own, ...evidence },
    peer: { region: 'us-east-1', verdict: peer, ...evidence },
    ...{ ownHealthyForMs: null, beaten: true, followedEpoch: 0 },
  };
}

function waited(own: Verdict = 'healthy', peer: Verdict = 'healthy'): RoundReport {
  const state = { epoch: 4, mode: 'auto', active: ['us-east-1'], drained: [] } as const;
  return { kind: 'waited', because: 'peer-healthy', state, seen: seenAs(own, peer) };
}

const moved = {
  kind: 'moved',
  steps: [],
  seen: seenAs('healthy', 'lost'),
} as unknown as RoundReport;

/** Woken now, with so much time. */
function invocationOf(seconds: number): Invocation {
  const endMs = now + seconds * 1_000;
  return {
    leftMs: () => endMs - now,
    deadlineIn: (budgetMs) => ({ atEpochMs: Math.min(now + budgetMs, endMs) }),
  };
}

/** A round takes 3 s, and a look 1 s. */
beforeEach(() => {
  now = 0;
  did = [];
  requests = [];
  round = waited;
  ({ watch, lookQuickly } = createWatch(
    { probeIntervalMs: 10_000, roundMs: 6_000 },
    {
      orchestrator: {
        async round(request) {
          did.push(`round ${request.trigger}`);
          requests.push(request);
          now += 3_000;
          return round();
        },
      },
      observer: {
        async look({ atEpochMs }) {
          did.push(`look ${atEpochMs - now}`);
          now += 1_000;
          return seenAs('healthy', 'healthy');
        },
      },
      keepLease: async (_round, { atEpochMs }) => void did.push(`lease ${atEpochMs}`),
      async sleep(ms) {
        did.push(`sleep ${ms}`);
        now += ms;
      },
      onRound: ({ kind }) => void did.push(`told ${kind}`),
    },
  ));
});

const rounds = () => did.filter((one) => one.startsWith('round'));

describe('watch', () => {
  it('looks at its interval, and moves only while there is time to', async () => {
    expect(await watch(invocationOf(60))).toEqual(waited());
    const whole = ['round tick', 'told waited', 'lease 60000', 'sleep 10000'];
    // 60 s, 47 s and 34 s are left, and then 21 s and 10 s: enough to beat in.
    expect(did).toEqual([...whole, ...whole, ...whole, 'look 6000', 'sleep 10000', 'look 6000']);
  });

  it('gives a round its budget, and what follows a move all the time there is', async () => {
    await watch(invocationOf(20));
    expect(requests).toEqual([
      {
        ...{ deadline: { atEpochMs: 6_000 }, followUpDeadline: { atEpochMs: 20_000 } },
        ...{ trigger: 'tick', hint: null },
      },
    ]);
  });

  it('makes one round even where hardly any time is left', async () => {
    expect(await watch(invocationOf(5))).toEqual(waited());
    expect(did).toEqual(['round tick', 'told waited', 'lease 5000']);
  });

  it('says at once that a move and what follows it are done', async () => {
    const reports = [moved, { ...moved, kind: 'followed-up' }];
    round = () => (reports.shift() as RoundReport | undefined) ?? waited();
    await watch(invocationOf(60));
    expect(did.slice(0, 10)).toEqual([
      ...['round tick', 'told moved', 'lease 60000', 'look 6000', 'sleep 10000'],
      ...['round tick', 'told followed-up', 'lease 60000', 'look 6000', 'sleep 10000'],
    ]);
  });

  it('is done once at a time', async () => {
    const second: Promise<RoundReport | null>[] = [];
    round = () => {
      if (second.length === 0) second.push(watch(invocationOf(60)));
      return waited();
    };
    await watch(invocationOf(60));
    expect(await Promise.all(second)).toEqual([null]);
    expect(rounds()).toHaveLength(3);
    expect(await watch(invocationOf(60))).not.toBeNull();
  });

  it('can be done again after a round that threw', async () => {
    round = () => {
      throw new TypeError('a defect');
    };
    await expect(watch(invocationOf(60))).rejects.toThrow('a defect');
    round = waited;
    expect(await watch(invocationOf(60))).toEqual(waited());
  });
});

describe('lookQuickly', () => {
  const alarm = { alarmName: 'impaired-dev', hint: HINT };

  it('looks until both Regions can be judged', async () => {
    const reports = [
      ...[waited('unsure', 'unsure'), waited('healthy', 'unsure'), waited('unsure', 'healthy')],
      waited('healthy', 'lost'),
    ];
    round = () => reports.shift() ?? waited('lost', 'lost');
    expect(await lookQuickly(invocationOf(60), alarm)).toEqual(waited('healthy', 'lost'));
    const whole = ['round impaired-dev', 'told waited', 'lease 60000'];
    const again = ['sleep 1000', ...whole];
    expect(did).toEqual([...whole, ...again, ...again, ...again]);
    expect(requests.map(({ hint }) => hint)).toEqual([HINT, HINT, HINT, HINT]);
  });

  it('takes its time over an alarm that is no evidence: three refusals in two seconds are a blink', async () => {
    for (const hint of [null, { ...HINT, impaired: false }]) {
      did = [];
      const reports = [waited('healthy', 'unsure')];
      round = () => reports.shift() ?? waited();
      await lookQuickly(invocationOf(60), { alarmName: 'dlq', hint });
      expect(did.filter((line) => line.startsWith('sleep'))).toEqual(['sleep 10000']);
    }
  });

  it('looks eight times at most', async () => {
    round = () => waited('healthy', 'unsure');
    await lookQuickly(invocationOf(600), alarm);
    expect(rounds()).toHaveLength(8);
    expect(did.at(-1)).toBe('lease 600000');
  });

  it('stops when there is no time left to move in', async () => {
    round = () => waited('healthy', 'unsure');
    // 33 s, then 29 s are left, then 25 s.
    await lookQuickly(invocationOf(33), alarm);
    expect(rounds()).toHaveLength(2);
  });

  it('goes on while the log can not be read', async () => {
    const blind = { kind: 'blind', because: new Error('no log'), seen: seenAs('healthy', 'lost') };
    const reports = [blind, blind];
    round = () => (reports.shift() as unknown as RoundReport | undefined) ?? waited();
    expect(await lookQuickly(invocationOf(60), alarm)).toEqual(waited());
    expect(rounds()).toHaveLength(3);
    round = () => blind as unknown as RoundReport;
    await lookQuickly(invocationOf(600), alarm);
    expect(rounds()).toHaveLength(3 + 8);
  });

  it('says that a move and what follows it are done before it ends', async () => {
    round = () => moved;
    expect(await lookQuickly(invocationOf(60), alarm)).toBe(moved);
    expect(did).toEqual(['round impaired-dev', 'told moved', 'lease 60000', 'look 6000']);
  });

  it('ends with a round that did not wait, whatever it saw', async () => {
    const raced = { kind: 'raced', by: { epoch: 5 }, seen: seenAs('unsure', 'unsure') };
    round = () => raced as RoundReport;
    expect(await lookQuickly(invocationOf(60), alarm)).toBe(raced);
    expect(rounds()).toHaveLength(1);
  });
});
