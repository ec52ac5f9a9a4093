/** What follows a move, and the lease that goes with the traffic, as a function's environment configures them. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '#core/app-error.ts';
import type { MoveReport, RoundReport } from '#core/routing/orchestrate.ts';
import type { RoutingEntry } from '#core/routing/routing-log.ts';
import { createOrchestratorParts } from '#handlers/orchestrator-parts.ts';
import type { MemoryLease } from '../../support/memory-lease-store.ts';
import type { MemoryRouting } from '../../support/memory-routing-log.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';
const NOW = 1_700_000_000_000;

const world = vi.hoisted(() => ({
  routing: { entries: [], presences: new Map() } as MemoryRouting,
  lease: { record: null } as MemoryLease,
  /** Calls of the lease's store. */
  leaseCalls: [] as string[],
  leaseFault: null as Error | null,
  alarms: {} as Record<string, 'impaired' | 'clear' | 'unknown'>,
  reports: [] as MoveReport[],
  invoked: [] as { how: string; name: string; event: unknown; leftMs: number }[],
  /** What the processor answers, the last of them again and again. */
  answers: [] as unknown[],
  tellFault: null as Error | null,
  logs: [] as string[],
}));

vi.mock('node:timers/promises', () => ({
  setTimeout: async (ms: number) => void vi.setSystemTime(Date.now() + ms),
}));
vi.mock('#adapters/dynamo-routing-log.ts', async () => {
  const { createMemoryRoutingLog } = await import('../../support/memory-routing-log.ts');
  return { createDynamoRoutingLog: () => createMemoryRoutingLog(world.routing) };
});
vi.mock('#adapters/dynamo-presence-store.ts', async () => {
  const { createMemoryPresenceStore } = await import('../../support/memory-routing-log.ts');
  return { createDynamoPresenceStore: () => createMemoryPresenceStore(world.routing) };
});
vi.mock('#adapters/dynamo-lease-store.ts', async () => {
  const { createMemoryLeaseStore } = await import('../../support/memory-lease-store.ts');
  return {
    createDynamoLeaseStore: () =>
      createMemoryLeaseStore(world.lease, async (call, effect) => {
        world.leaseCalls.push(call);
        if (world.leaseFault !== null) throw world.leaseFault;
        return effect();
      }),
  };
});
vi.mock('#adapters/cloudwatch-alarm-reader.ts', () => ({
  createAlarmReader: () => async (region: string) => world.alarms[region] ?? 'clear',
}));
vi.mock('#adapters/http-health-prober.ts', () => ({
  createHealthProber: () => async () => ({ kind: 'served', latencyMs: 5 }),
}));
vi.mock('#handlers/orchestrator-report.ts', () => ({
  createReporter: () => async (report: MoveReport) => void world.reports.push(report),
}));
vi.mock('#adapters/lambda-invoker.ts', () => {
  const note = (how: string, name: string, event: unknown, until: { atEpochMs: number }) =>
    world.invoked.push({ how, name, event, leftMs: until.atEpochMs - Date.now() });
  return {
    createLambdaInvoker: () => ({
      async ask(name: string, event: unknown, until: { atEpochMs: number }) {
        note('ask', name, event, until);
        const answer = world.answers.length > 1 ? world.answers.shift() : world.answers[0];
        if (answer instanceof Error) throw answer;
        return answer;
      },
      async tell(name: string, event: unknown, until: { atEpochMs: number }) {
        note('tell', name, event, until);
        if (world.tellFault !== null) throw world.tellFault;
      },
    }),
  };
});

const ENVIRONMENT = {
  AWS_REGION: EAST_2,
  REGIONS: `${EAST_1},${EAST_2}`,
  ENVIRONMENT_SUFFIX: 'dev',
  PAYMENTS_CONTROL_TABLE: 'payments-control-dev',
  PAYMENTS_CONSISTENCY: 'strong',
  API_URL: 'https://two.example',
  ROUTING_POLICY: 'active-passive',
  FAILBACK: 'manual',
  PROBE_INTERVAL_SECONDS: '10',
  SILENCE_SECONDS: '60',
  COOLDOWN_SECONDS: '300',
  SOAK_SECONDS: '1800',
} as const;

function partsOf(changes: Partial<Record<keyof typeof ENVIRONMENT, string>> = {}) {
  for (const [name, value] of Object.entries({ ...ENVIRONMENT, ...changes }))
    vi.stubEnv(name, value);
  return createOrchestratorParts({
    metric: () => undefined,
    metrics: () => undefined,
    log: (_level, message, fields) => void world.logs.push(`${message}: ${fields?.reason}`),
  });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  world.routing.entries.length = 0;
  world.routing.presences.clear();
  world.lease.record = {
    ...{ holder: EAST_1, epoch: 4, renewals: 9 },
    ...{ handingTo: null, routingEpoch: null },
  };
  for (const list of [world.leaseCalls, world.reports, world.invoked, world.answers, world.logs]) {
    list.length = 0;
  }
  world.answers.push({ processed: true, reason: null });
  world.leaseFault = null;
  world.tellFault = null;
  world.alarms = {};
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Three calm rounds, and one in which the other Region is impaired. */
async function moved(parts: ReturnType<typeof partsOf>, seconds = 59): Promise<MoveReport> {
  const round = () =>
    parts.orchestrator.round({
      deadline: { atEpochMs: Date.now() + 6_000 },
      followUpDeadline: { atEpochMs: Date.now() + seconds * 1_000 },
      ...{ trigger: 'test', hint: null },
    });
  for (let count = 0; count < 3; count += 1) await round();
  world.alarms[EAST_1] = 'impaired';
  const report = await round();
  if (report.kind !== 'moved') throw new Error(`it ${report.kind}`);
  return report;
}

describe('after a move', () => {
  it('makes a payment of its own, starts the sweeper, and reports', async () => {
    const { steps } = await moved(partsOf());
    expect(world.invoked).toMatchObject([
      {
        ...{ how: 'ask', name: 'payment-processor-dev', leftMs: 8_000 },
        event: { source: 'holdfast.synthetic', epoch: 1 },
      },
      { how: 'tell', name: 'payment-sweeper-dev', event: {}, leftMs: 8_000 },
    ]);
    expect(steps).toMatchObject([
      { name: 'verify', outcome: 'done' },
      { name: 'sweep', outcome: 'done' },
    ]);
    expect(world.reports).toMatchObject([{ kind: 'moved', entry: { active: [EAST_2] } }]);
    expect(world.leaseCalls).toEqual([]);
  });

  it('tries the payment three times: the first may meet what is just starting', async () => {
    const busy = { processed: false, reason: 'unavailable: no table' };
    world.answers.splice(0, 1, busy, new AppError('unavailable', 'no answer'), {
      ...{ processed: true, reason: null },
    });
    const { steps } = await moved(partsOf());
    expect(steps[0]).toMatchObject({ name: 'verify', outcome: 'done', tookMs: 2_000 });
  });

  it.each([
    [{ processed: false, reason: 'conflict' }, 'conflict'],
    [new AppError('unavailable', 'no answer'), 'no answer'],
    [null, 'undefined'],
  ])('says that payments do not go through when the processor answers %j', async (answer, text) => {
    world.answers.splice(0, 1, answer);
    const { steps } = await moved(partsOf());
    expect(world.invoked.filter(({ how }) => how === 'ask')).toHaveLength(3);
    expect(steps).toMatchObject([
      { outcome: 'failed', detail: `a payment of our own did not go through: ${text}` },
      { name: 'sweep', outcome: 'done' },
    ]);
  });

  it('says that the sweeper was not told', async () => {
    world.tellFault = new AppError('unavailable', 'payment-sweeper-dev: TimeoutError');
    const { steps } = await moved(partsOf());
    expect(steps[1]).toMatchObject({
      outcome: 'failed',
      detail: 'payment-sweeper-dev: TimeoutError',
    });
  });

  it('passes on a defect', async () => {
    world.answers.splice(0, 1, new TypeError('a defect'));
    await expect(moved(partsOf())).rejects.toThrow('a defect');
  });
});

describe('the lease, where tables are eventually consistent', () => {
  const eventual = () => partsOf({ PAYMENTS_CONSISTENCY: 'eventual' });

  it('is taken first after a move, for the epoch of the move', async () => {
    const { steps } = await moved(eventual());
    expect(steps).toMatchObject([
      { name: 'lease', outcome: 'done', tookMs: 12_000, detail: 'held since lease epoch 5' },
      { name: 'verify' },
      { name: 'sweep' },
    ]);
    expect(world.lease.record).toMatchObject({ holder: EAST_2, epoch: 5, routingEpoch: 1 });
  });

  it('is left to the next round where there is no time to wait for it', async () => {
    const { steps } = await moved(eventual(), 17);
    expect(steps[0]).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('no time'),
    });
    expect(world.leaseCalls).toEqual([]);
  });

  it('is not taken back from a newer epoch by one that was paused', async () => {
    const newer = {
      ...{ holder: EAST_1, epoch: 6, renewals: 0 },
      handingTo: null,
      routingEpoch: 2,
    };
    world.lease.record = newer;
    const { steps } = await moved(eventual());
    expect(steps[0]).toMatchObject({
      outcome: 'failed',
      detail: 'the lease was not taken: superseded',
    });
    expect(world.lease.record).toEqual(newer);
  });

  const state = { epoch: 3, mode: 'auto', active: [EAST_2], drained: [] } as const;
  const healthy = { probes: [], alarm: 'clear', verdict: 'healthy' } as const;
  const seen = {
    ...{ own: { ...healthy, region: EAST_2 }, peer: { ...healthy, region: EAST_1 } },
    ...{ ownHealthyForMs: 1, beaten: true, followedEpoch: 0 },
  };
  type Waited = Extract<RoundReport, { kind: 'waited' }>;
  const waited = (changes: Partial<Waited> = {}): Waited => ({
    ...{ kind: 'waited', because: 'own-active', state, seen },
    ...changes,
  });
  const lost = new AppError('unavailable', 'no table');
  const entry: RoutingEntry = {
    ...{ entryId: 'e3', atEpochMs: NOW, actor: 'orchestrator:us-east-2', change: 'failover' },
    ...{ ...state, reason: '', evidence: '{}', previousHash: '', moved: null },
  };
  const plenty = () => ({ atEpochMs: Date.now() + 59_000 });

  it('is made sure of in each round while traffic is here', async () => {
    await eventual().keepLease(waited(), plenty());
    expect(world.lease.record).toMatchObject({ holder: EAST_2, routingEpoch: 3 });
  });

  it.each([
    ['traffic is elsewhere', waited({ state: { ...state, active: [EAST_1] } })],
    ['the mode is manual', waited({ because: 'manual-mode', state: { ...state, mode: 'manual' } })],
    ['the log could not be read', { kind: 'blind', because: lost, seen }],
    ['the round moved traffic', { kind: 'moved', entry, seen, steps: [] }],
  ] satisfies [string, RoundReport][])('is left alone while %s', async (_name, round) => {
    await eventual().keepLease(round, plenty());
    expect(world.leaseCalls).toEqual([]);
  });

  it('that is here already is kept for the newer epoch', async () => {
    world.lease.record = {
      ...{ holder: EAST_2, epoch: 5, renewals: 1 },
      ...{ handingTo: null, routingEpoch: 1 },
    };
    await eventual().keepLease(waited(), plenty());
    expect(world.lease.record).toMatchObject({ epoch: 5, routingEpoch: 3 });
  });

  it('that can not be had now is said, and is no fault', async () => {
    world.leaseFault = new AppError('unavailable', 'no control table');
    await eventual().keepLease(waited(), plenty());
    expect(world.logs).toEqual(['the lease is not here yet: no control table']);
  });

  it('lets a defect through', async () => {
    world.leaseFault = new TypeError('a defect');
    await expect(eventual().keepLease(waited(), plenty())).rejects.toThrow('a defect');
  });

  it('does not exist where tables are strongly consistent', async () => {
    await partsOf().keepLease(waited(), plenty());
    expect(world.leaseCalls).toEqual([]);
  });
});

describe('the environment', () => {
  it.each([
    [{ REGIONS: EAST_2 }, 'must name us-east-2 and one other Region'],
    [{ REGIONS: 'us-east-1,us-west-2' }, 'must name us-east-2 and one other Region'],
    [{ SILENCE_SECONDS: 'soon' }, 'SILENCE_SECONDS must be a number of seconds'],
    [{ SILENCE_SECONDS: '' }, 'SILENCE_SECONDS is not set'],
    [{ FAILBACK: 'perhaps' }, 'FAILBACK must be one of manual, automatic'],
  ])('rejects %j at start', (changes, text) => {
    expect(() => partsOf(changes)).toThrow(text);
  });
});
