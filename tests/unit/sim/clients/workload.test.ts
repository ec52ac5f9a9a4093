import { describe, expect, it } from 'vitest';
import { type ProbeOutcome, Workload } from '#sim/clients/workload.ts';
import { phaseCount } from '#sim/faults/coverage.ts';
import { createFakeSystem, respond, soon, workingApi } from './fake-system.ts';

const EVERYTHING = {
  ...{ acceptShare: 0.3, repeatShare: 0.3, conflictShare: 0.2, refundShare: 0.3, readShare: 1 },
  ...{ slowShare: 0.2, dnsShare: 0.3, burst: 5 },
};

describe('a workload where everything works', () => {
  const start = (seed = 1) => {
    const fake = createFakeSystem({ script: workingApi(), seed, shape: EVERYTHING });
    const workload = new Workload(fake.system);
    workload.start();
    return { ...fake, workload };
  };

  it('ends with every payment acknowledged, and every call answered', async () => {
    const { workload, system, run } = start();
    expect(workload.isDone).toBe(false);
    await run();
    expect(workload.isDone).toBe(true);
    expect(workload.acknowledged).toBe(50);
    const { operations } = system.ledger;
    expect(
      operations.filter(({ final, endedAtMs }) => final === null || endedAtMs === null),
    ).toEqual([]);
    expect(new Set(operations.map(({ kind }) => kind)).size).toBe(4);
    expect(new Set(operations.map(({ client }) => client.split('-')[0]))).toEqual(
      new Set(['sdk', 'dns', 'slow']),
    );
  });

  it('is refused a contradiction, and nothing else: whatever the spelling, it is legal', async () => {
    const { system, run } = start();
    await run();
    const codes = system.ledger.operations.map(({ final }) => final?.response.code ?? null);
    expect(new Set(codes)).toEqual(new Set([null, 'transaction_conflict', 'payment_not_found']));
  });

  it('is the same for the same seed', async () => {
    const [one, same, other] = [start(1), start(1), start(2)];
    for (const { run } of [one, same, other]) await run();
    expect(same.world.trace.hash).toBe(one.world.trace.hash);
    expect(other.world.trace.hash).not.toBe(one.world.trace.hash);
  });
});

describe('clients', () => {
  it('prefer the primary in active-passive, and either Region in active-active', async () => {
    const regionsOf = async (policy: 'active-passive' | 'active-active') => {
      const seen = new Set<string>();
      for (const seed of [1, 2, 3]) {
        const fake = createFakeSystem({ script: workingApi(), seed, policy });
        new Workload(fake.system).start();
        await fake.run();
        for (const { region } of fake.arrivals) seen.add(region);
      }
      return seen;
    };
    expect(await regionsOf('active-passive')).toEqual(new Set(['us-east-1']));
    expect(await regionsOf('active-active')).toEqual(new Set(['us-east-1', 'us-east-2']));
  });

  it('that are slow come back a minute later, in the other Region first, with the same body', async () => {
    const api = workingApi();
    const { system, arrivals, world, run } = createFakeSystem({
      // Whatever comes in the first half minute is done, and nobody hears of it.
      script: (region, request) => {
        const said = api(region, request);
        return world.nowMs < 30_000 ? null : said;
      },
      shape: { payments: 10, spreadMs: 1_000, slowShare: 1 },
    });
    const workload = new Workload(system);
    workload.start();
    await run();
    const firsts = system.ledger.operations.filter(({ calledAtMs }) => calledAtMs <= 1_000);
    const later = system.ledger.operations.filter(({ calledAtMs }) => calledAtMs > 1_000);
    expect(firsts).toHaveLength(10);
    expect(later.length).toBeGreaterThan(5);
    for (const { transactionId, calledAtMs, answers } of later) {
      const first = firsts.find((it) => it.transactionId === transactionId);
      const waitedMs = calledAtMs - (first?.endedAtMs ?? 0);
      expect(waitedMs).toBeGreaterThanOrEqual(40_000);
      expect(waitedMs).toBeLessThanOrEqual(90_000);
      expect(answers[0]?.region).toBe('us-east-2');
    }
    const bodies = new Map<string, Set<string>>();
    for (const { request } of arrivals) {
      const seen = bodies.get(request.transactionId) ?? new Set();
      bodies.set(request.transactionId, seen.add(request.body));
    }
    expect([...bodies.values()].map(({ size }) => size)).toEqual(Array(10).fill(1));
  });

  it('look three times at most what became of an accepted payment, and then ask for refunds', async () => {
    const looks = new Map<string, number>();
    const { system, run, arrivals } = createFakeSystem({
      script: (_, { route, transactionId }) => {
        if (route === 'accept') return soon(respond(202));
        if (route === 'refund') return soon(respond(200));
        const look = (looks.get(transactionId) ?? 0) + 1;
        looks.set(transactionId, look);
        // Half of them are never settled.
        const isSettled = look === 2 && transactionId.length % 2 === 0;
        return soon(respond(200, null, `{"status":"${isSettled ? 'PROCESSED' : 'ACCEPTED'}"}`));
      },
      shape: { payments: 20, acceptShare: 1, refundShare: 1 },
    });
    new Workload(system).start();
    await run();
    expect(new Set(looks.values())).toEqual(new Set([2, 3]));
    const refunded = new Set(
      arrivals
        .filter(({ request }) => request.route === 'refund')
        .map((it) => it.request.transactionId),
    );
    const settled = [...looks].filter(([, count]) => count === 2).map(([id]) => id);
    expect(refunded).toEqual(new Set(settled));
    const [first] = system.ledger.operations;
    const reads = system.ledger.operations.filter(
      ({ kind, transactionId }) => kind === 'read' && transactionId === first?.transactionId,
    );
    expect((reads[0]?.calledAtMs ?? 0) - (first?.endedAtMs ?? 0)).toBe(5_000);
  });
});

describe('a storm', () => {
  it('multiplies the payments sent while it lasts', async () => {
    const fake = createFakeSystem({ script: workingApi() });
    const workload = new Workload(fake.system);
    workload.start();
    fake.world.after(20_000, () => workload.storm(3));
    fake.world.after(40_000, () => workload.storm(0));
    await fake.run();
    const copies = fake.system.ledger.operations.filter(({ client }) => client.startsWith('storm'));
    expect(copies.length).toBeGreaterThan(10);
    expect(copies.length).toBeLessThan(60);
    for (const { calledAtMs } of copies) expect(Math.abs(calledAtMs - 30_000)).toBeLessThan(10_001);
    expect(phaseCount(fake.system.coverage.counts, 'F26', 'request')).toBe(copies.length);
    expect(workload.acknowledged).toBe(50);
  });

  it('repeats what fails in the other Region at once', async () => {
    const fake = createFakeSystem({
      script: (region) => soon(respond(region === 'us-east-1' ? 502 : 200)),
      shape: { payments: 1, spreadMs: 0 },
    });
    const workload = new Workload(fake.system);
    workload.start();
    workload.storm(2);
    await fake.run();
    const { operations } = fake.system.ledger;
    const genuine = operations.find(({ client }) => client.startsWith('sdk'));
    const elsewhere = operations.filter(({ client }) => client === 'storm-us-east-2');
    expect(elsewhere.map(({ calledAtMs }) => calledAtMs)).toEqual([0, genuine?.answers[0]?.atMs]);
  });
});

describe('a probe', () => {
  const probe = async (options: Parameters<typeof createFakeSystem>[0]) => {
    const fake = createFakeSystem(options);
    const workload = new Workload(fake.system);
    const told: (readonly ProbeOutcome[])[] = [];
    workload.probe((outcomes) => told.push(outcomes));
    await fake.run();
    expect(told).toHaveLength(1);
    const byClient = (told[0] ?? []).toSorted((one, other) => (one.client < other.client ? -1 : 1));
    return { outcomes: byClient, workload };
  };

  it('finds service back with both kinds of client, and counts for nothing else', async () => {
    const { outcomes, workload } = await probe({ script: workingApi() });
    expect(outcomes).toMatchObject([
      { client: 'dns', ok: true },
      { client: 'sdk', ok: true },
    ]);
    expect(workload.acknowledged).toBe(0);
  });

  it('finds that DNS leads to a Region that does not answer', async () => {
    const { outcomes } = await probe({
      script: (region) => (region === 'us-east-1' ? null : soon(respond(200))),
    });
    expect(outcomes).toMatchObject([
      { client: 'dns', ok: false },
      { client: 'sdk', ok: true },
    ]);
  });

  it('takes a decline for service, and an answer that is too late for none', async () => {
    const { outcomes } = await probe({
      script: () => soon(respond(402, 'payment_declined')),
    });
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true]);
    const late = await probe({
      script: (region) => soon(respond(region === 'us-east-1' ? 502 : 200)),
      dns: (nowMs) => (nowMs < 65_000 ? 'us-east-1' : 'us-east-2'),
    });
    expect(late.outcomes.map(({ ok }) => ok)).toEqual([false, true]);
  });
});
