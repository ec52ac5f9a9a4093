import { describe, expect, it } from 'vitest';
import { DEFAULT_OBJECTIVES } from '#ops/drill/objectives.ts';
import { buildReport } from '#ops/drill/report/drill-report.ts';
import { runDrill } from '#ops/drill/run-drill.ts';
import { scenarioNamed } from '#ops/drill/scenarios/scenarios.ts';
import { createFakeWorld, EAST_1, EAST_2, type FakeWorld, PACE } from './drill-world-fixture.ts';

async function drillIn(
  world: FakeWorld,
  name: string,
  signal: AbortSignal = new AbortController().signal,
) {
  const phases: string[] = [];
  const objectives = DEFAULT_OBJECTIVES.fast;
  const running = runDrill(
    { scenario: scenarioNamed(name), objectives, pace: PACE },
    world,
    ({ phase }) => phases.push(phase),
    signal,
  );
  const settledAs = running.then(
    (record) => ({ record, error: null }),
    (error: unknown) => ({ record: null, error: error as Error }),
  );
  await world.time.run();
  return { ...(await settledAs), phases };
}

describe('runDrill', () => {
  it('measures a Region loss from its strike', async () => {
    const world = createFakeWorld();
    const { record } = await drillIn(world, 'region-loss');
    if (record === null) throw new Error('it failed');
    const report = buildReport(record);
    expect(report.objectives.filter(({ met }) => !met)).toEqual([]);
    expect(world.injected).toEqual([{ region: EAST_1, kind: 'kill' }]);
    expect(world.isBroken()).toBe(false);
    expect(report.marks.decided).toBe(report.marks.injected + 2_000);
    const shiftedAfterMs = (report.marks.shifted ?? 0) - report.marks.injected;
    expect(shiftedAfterMs).toBeGreaterThanOrEqual(3_000);
    expect(shiftedAfterMs).toBeLessThanOrEqual(3_500);
    // Those who keep the first answer are out until the Region is healed.
    expect(report.clients.pinned.failures).toBeGreaterThan(report.clients.dns.failures);
    expect(report.clients.retrying.failures).toBe(0);
    expect(report.transitions).toMatchObject([{ change: 'failover', active: [EAST_2] }]);
    expect(report.rpo).toEqual({ lost: [], late: [], duplicated: [], conflicting: [] });
  });

  it('settles what no client had an answer for by repeating it', async () => {
    const { record } = await drillIn(createFakeWorld(), 'region-loss');
    const { payments = 0, settled } = record?.verification.inDoubt ?? {};
    expect(payments).toBeGreaterThan(0);
    expect(settled).toBe(payments);
  });

  it('misses its objective when an acknowledged payment is gone', async () => {
    const world = createFakeWorld({ loses: (id) => id === 'drill-test-4' });
    const { record } = await drillIn(world, 'region-loss');
    if (record === null) throw new Error('it failed');
    const report = buildReport(record);
    expect(report.passed).toBe(false);
    expect(report.rpo.lost.map(({ transactionId }) => transactionId)).toContain('drill-test-4');
  });

  it('goes on when traffic does not move, and says so', async () => {
    const world = createFakeWorld({ decideAfterMs: null });
    const { record } = await drillIn(world, 'region-loss');
    expect(record?.unmet).toContain(
      'not within 20 s: the routing log sends traffic to the secondary Region',
    );
    expect(world.isBroken()).toBe(false);
  });

  it('asks an operator’s verb again while a guard refuses it', async () => {
    const world = createFakeWorld({ refusals: 2 });
    const { record } = await drillIn(world, 'operator-switchover');
    expect(world.operated).toHaveLength(3);
    expect(record?.unmet).toEqual([]);
  });

  it('says why a verb was refused to the end', async () => {
    const { record } = await drillIn(createFakeWorld({ refusals: 99 }), 'operator-switchover');
    expect(record?.unmet[0]).toBe('failover was refused: it soaks');
  });

  it('puts traffic back on a target that is not its own', async () => {
    const world = createFakeWorld({ isOwn: false });
    const { record } = await drillIn(world, 'region-loss');
    expect(world.operated).toEqual([{ verb: 'failback' }]);
    // What the drill does to tidy up is no part of what it measured.
    expect(record?.entries.map(({ change }) => change)).toEqual(['failover']);
  });

  it('leaves traffic where it went on a twin of its own', async () => {
    const world = createFakeWorld();
    await drillIn(world, 'region-loss');
    expect(world.operated).toEqual([]);
  });

  it('heals before it leaves when it is interrupted', async () => {
    const world = createFakeWorld({ decideAfterMs: null });
    const controller = new AbortController();
    void world.time.sleep(6_000).then(() => {
      expect(world.isBroken()).toBe(true);
      controller.abort();
    });
    const { error } = await drillIn(world, 'region-loss', controller.signal);
    expect(error).toMatchObject({ kind: 'fault', message: 'the drill was interrupted' });
    expect(world.isBroken()).toBe(false);
  });

  it('says so when it can’t heal', async () => {
    const world = createFakeWorld();
    const target = {
      ...world.target,
      inject: () => Promise.reject(new Error('no such fault')),
      heal: () => Promise.reject(new Error('nobody answers')),
    };
    const { error } = await drillIn({ ...world, target }, 'region-loss');
    expect(error?.message).toMatch(/^faults may still be in force \(.*nobody answers\); run: /);
  });

  it('waits for a target of its own to get ready, and for no other', async () => {
    const starting = (isOwn: boolean) => {
      const world = createFakeWorld({ isOwn });
      const ringingAlarms = async () => (world.time.nowMs() < 3_000 ? ['payment-latency-dev'] : []);
      return { ...world, ringingAlarms };
    };
    expect((await drillIn(starting(true), 'region-loss')).record).not.toBeNull();
    const other = starting(false);
    expect((await drillIn(other, 'region-loss')).error).toMatchObject({ kind: 'refused' });
    expect(other.injected).toEqual([]);
  });

  it('pays in both Regions before it measures, and counts none of that', async () => {
    const world = createFakeWorld();
    const asked: string[] = [];
    const post: FakeWorld['post'] = (address, payment) => {
      if (payment.transactionId.startsWith('warm-')) asked.push(address.region);
      return world.post(address, payment);
    };
    const { record } = await drillIn({ ...world, post }, 'region-loss');
    expect(new Set(asked)).toEqual(new Set([EAST_1, EAST_2]));
    expect(record?.events.filter(({ transactionId }) => transactionId.startsWith('warm'))).toEqual(
      [],
    );
    expect(record?.verification.rpo.conflicting).toEqual([]);
  });

  it('refuses to begin where payments fail already', async () => {
    const world = createFakeWorld();
    const broken = async () => ({
      ...({ outcome: 'failed', status: 500, fault: 'internal_error', region: EAST_1 } as const),
      ...{ timestampEpochSeconds: null, text: null },
    });
    const clients = { ...world.clients, dns: [broken] };
    const { error } = await drillIn({ ...world, clients }, 'region-loss');
    expect(error).toMatchObject({ kind: 'refused' });
    expect(error?.message).toContain('(internal_error in us-east-1 ×');
    expect(world.injected).toEqual([]);
  });

  it('waits for a busy machine to calm down before it breaks anything', async () => {
    const world = createFakeWorld();
    const [steady] = world.clients.dns;
    if (steady === undefined) throw new Error('no client');
    const busy: typeof steady = async (payment) => {
      const answer = await steady(payment);
      return world.time.nowMs() < 4_000 ? { ...answer, outcome: 'failed' } : answer;
    };
    const clients = { ...world.clients, dns: [busy] };
    const { record } = await drillIn({ ...world, clients }, 'region-loss');
    if (record === null) throw new Error('it failed');
    expect(record.strikeAtEpochMs).toBeGreaterThanOrEqual(4_000 + PACE.warmUpMs);
    // What went wrong before the strike is no figure of the drill.
    expect(buildReport(record).objectives.filter(({ met }) => !met)).toEqual([]);
  });
});
