import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import type { RoutingVerb } from '#core/routing/operator-change.ts';
import { changeRouting } from '#ops/routing/change-routing.ts';
import type { RoutingWorld } from '#ops/routing/routing-world.ts';
import { createMemoryWorld, EAST_1, EAST_2, NOW, presenceOf } from './memory-routing-world.ts';

const said = { actor: 'ann', reason: 'a drill' };
const FAILOVER = { ...said, verb: 'failover', to: EAST_2 } as const;
const DRAIN = { ...said, verb: 'drain', region: EAST_1 } as const;
const MANUAL = { ...said, verb: 'mode', mode: 'manual' } as const;

function run(verb: RoutingVerb, world: RoutingWorld, force = false, said: string[] = []) {
  return changeRouting(verb, force, world, (text) => said.push(text));
}

describe('failover', () => {
  it('is done once both Regions answer as the log says', async () => {
    const { world, memory, nowEpochMs } = createMemoryWorld({ lagMs: 1_000 });
    const waits: string[] = [];
    const report = await run(FAILOVER, world, false, waits);
    expect(report).toMatchObject({
      ...{ outcome: 'changed', from: [EAST_1], isAssumed: false, lease: null },
      state: { epoch: 1, active: [EAST_2] },
      traffic: {
        isSettled: true,
        regions: [
          { region: EAST_1, answer: 'elsewhere' },
          { region: EAST_2, answer: 'here' },
        ],
      },
    });
    expect(memory.entries).toHaveLength(1);
    expect(nowEpochMs() - NOW).toBe(1_000);
    expect(waits).toContain('waiting for us-east-1 (here), us-east-2 (elsewhere)');
  });

  it('waits for no Region that does not answer', async () => {
    const { world } = createMemoryWorld({ down: [EAST_1] });
    const report = await run(FAILOVER, world);
    expect(report.traffic).toMatchObject({
      isSettled: true,
      regions: [{ answer: 'unreachable' }, { answer: 'here' }],
    });
    expect(JSON.parse(report.entry?.evidence ?? '')).toMatchObject({
      unfit: { [EAST_1]: 'us-east-1 does not answer' },
    });
  });

  it('says so when the Regions do not follow within 20 s', async () => {
    const { world, nowEpochMs } = createMemoryWorld({ lagMs: 60_000 });
    const report = await run(FAILOVER, world);
    expect(report).toMatchObject({ outcome: 'changed', traffic: { isSettled: false } });
    expect(nowEpochMs() - NOW).toBe(20_000);
  });

  it('asks nobody how they are when traffic goes there already, and writes nothing', async () => {
    const { world, memory, asked } = createMemoryWorld({ down: [EAST_1] });
    const report = await run({ ...FAILOVER, to: EAST_1 }, world);
    expect(report).toMatchObject({ outcome: 'already', entry: null, state: { epoch: 0 } });
    expect(asked.filter((one) => one !== 'id')).toEqual([]);
    expect(memory.entries).toEqual([]);
  });

  const REFUSALS: readonly (readonly [string, Partial<RoutingWorld>, string])[] = [
    ['that does not answer', { askHealth: async () => ({ kind: 'unreachable' }) }, 'not answer'],
    [
      "that says that it can't serve",
      { askHealth: async () => ({ kind: 'refused', latencyMs: 9 }) },
      "can't serve",
    ],
    ['without a quorum', { replicaFault: async () => 'no quorum' }, 'no quorum'],
    ['whose alarm rings', { alarmOf: async () => 'impaired' }, 'alarm of us-east-2 rings'],
  ];
  it.each(REFUSALS)('is refused onto a Region %s, and forced', async (_name, more, text) => {
    const { world, memory } = createMemoryWorld({ more });
    await expect(run(FAILOVER, world)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(new RegExp(`${text}.*--force`)) as string,
    });
    expect(memory.entries).toEqual([]);
    expect(await run(FAILOVER, world, true)).toMatchObject({ outcome: 'changed' });
    expect(memory.entries[0]?.evidence).toContain('"force":true');
  });

  it('is refused onto a Region that is slow, unless that is the way from here alone', async () => {
    const slow: Partial<RoutingWorld> = {
      askHealth: async () => ({ kind: 'served', latencyMs: 1_001 }),
    };
    const { world, memory } = createMemoryWorld({ more: slow });
    memory.presences.set(EAST_2, presenceOf(EAST_2, { healthySinceEpochMs: null }));
    await expect(run(FAILOVER, world)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('too slowly') as string,
    });
    expect(memory.entries).toEqual([]);
    memory.presences.set(EAST_2, presenceOf(EAST_2));
    expect(await run(FAILOVER, world)).toMatchObject({ outcome: 'changed' });
  });

  it('is refused onto a Region that has never been heard of', async () => {
    const { world, memory } = createMemoryWorld();
    memory.presences.delete(EAST_2);
    await expect(run(FAILOVER, world)).rejects.toMatchObject({ kind: 'refused' });
    // Where the address is known otherwise, the Region is asked.
    const known = { ...world, apiUrls: { [EAST_2]: `http://127.0.0.1/${EAST_2}` } };
    expect(await run(FAILOVER, known)).toMatchObject({ outcome: 'changed' });
  });

  it('goes on when CloudWatch can not be asked', async () => {
    const { world } = createMemoryWorld({ more: { alarmOf: async () => 'unknown' } });
    expect(await run(FAILOVER, world)).toMatchObject({ outcome: 'changed' });
  });

  it('rejects a Region that is not of this environment, before it asks anybody', async () => {
    const { world, asked } = createMemoryWorld();
    await expect(run({ ...FAILOVER, to: 'eu-west-1' }, world, true)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('us-east-1 or us-east-2') as string,
    });
    expect(asked).toEqual([]);
  });

  it('leaves everything to whoever was first since it looked', async () => {
    const { world, memory } = createMemoryWorld();
    const other = { ...said, actor: 'bob', verb: 'mode', mode: 'manual' } as const;
    const late: RoutingWorld = {
      ...world,
      async replicaFault() {
        if (memory.entries.length === 0) await run(other, world);
        return null;
      },
    };
    await expect(run(FAILOVER, late)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/"bob" was first \(mode, epoch 1\)/) as string,
    });
    expect(memory.entries).toMatchObject([{ actor: 'bob', active: [EAST_1] }]);
  });

  it('makes one epoch of two operators at once', async () => {
    const { world, memory } = createMemoryWorld();
    const reports = await Promise.all([
      run(FAILOVER, world),
      run({ ...FAILOVER, actor: 'bob' }, world),
    ]);
    expect(reports.map(({ outcome }) => outcome).toSorted()).toEqual(['already', 'changed']);
    expect(memory.entries).toHaveLength(1);
  });
});

describe('drain', () => {
  it('takes the active Region out, and the end of it moves nothing', async () => {
    const { world } = createMemoryWorld();
    expect(await run(DRAIN, world)).toMatchObject({
      state: { active: [EAST_2], drained: [EAST_1] },
      traffic: { isSettled: true },
    });
    expect(await run({ ...DRAIN, verb: 'undrain' }, world)).toMatchObject({
      state: { active: [EAST_2], drained: [] },
      traffic: null,
    });
  });

  it('asks the Region that stays for its payments, and not the one that goes', async () => {
    const { world, asked } = createMemoryWorld();
    await run(DRAIN, world);
    expect(asked).toContain(`replica ${EAST_2}`);
    expect(asked).not.toContain(`replica ${EAST_1}`);
  });

  it('is refused while the other Region is sick, and impossible for the last one', async () => {
    const { world } = createMemoryWorld({ down: [EAST_2] });
    await expect(run(DRAIN, world)).rejects.toMatchObject({ kind: 'refused' });
    await run({ ...DRAIN, region: EAST_2 }, world);
    await expect(run(DRAIN, world, true)).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('mode', () => {
  it('moves no traffic and asks no Region how it is', async () => {
    const { world, asked } = createMemoryWorld();
    expect(await run(MANUAL, world)).toMatchObject({
      state: { mode: 'manual', active: [EAST_1] },
      ...{ lease: null, traffic: null },
    });
    expect(asked.filter((one) => one !== 'id')).toEqual([]);
  });

  it('leaves both Regions active where they are configured so and nobody has changed it', async () => {
    const { world } = createMemoryWorld({ policy: 'active-active' });
    expect(await run(MANUAL, world)).toMatchObject({
      ...{ isAssumed: false, state: { active: [EAST_1, EAST_2] } },
    });
  });

  it('takes what the newest heartbeat says, a lost Region being no matter', async () => {
    const lost = createMemoryWorld({ policy: 'active-active', down: [EAST_2] });
    expect(await run(MANUAL, lost.world)).toMatchObject({ state: { active: [EAST_1, EAST_2] } });
    const { world, memory } = createMemoryWorld();
    const changes = { policy: 'active-active', atEpochMs: NOW - 4_000 } as const;
    memory.presences.set(EAST_2, presenceOf(EAST_2, changes));
    expect(await run(MANUAL, world)).toMatchObject({ state: { active: [EAST_1, EAST_2] } });
  });

  it('refuses Regions in another order than the environment has, whose first would get the traffic', async () => {
    const { world, memory } = createMemoryWorld();
    const first = memory.presences.get(EAST_1);
    if (first === undefined) throw new Error('no heartbeat');
    memory.presences.delete(EAST_1);
    memory.presences.set(EAST_1, first);
    await expect(run(MANUAL, world)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(
        /primary first, us-east-2, us-east-1: .*--regions us-east-2,us-east-1$/,
      ) as string,
    });
    memory.presences.delete(EAST_1);
    memory.presences.set('eu-west-1', { ...first, region: 'eu-west-1' });
    await expect(run(MANUAL, world)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('says when it had to assume how the Regions are configured', async () => {
    const { world, memory } = createMemoryWorld({ policy: 'active-active' });
    memory.presences.clear();
    expect(await run(MANUAL, world)).toMatchObject({ isAssumed: true });
    expect(await run({ ...MANUAL, mode: 'auto' }, world)).toMatchObject({ isAssumed: false });
  });
});

describe('the lease', () => {
  const record = {
    ...{ holder: EAST_2, epoch: 7, renewals: 0 },
    ...{ handingTo: null, routingEpoch: 1 },
  };
  const taken = { kind: 'taken', lease: record } as const;

  it('follows the traffic, and is asked for again when a verb is repeated', async () => {
    const asked: [string, number][] = [];
    const more: Partial<RoutingWorld> = {
      takeLease: async (region, routingEpoch) => {
        asked.push([region, routingEpoch]);
        return taken;
      },
    };
    const { world } = createMemoryWorld({ more });
    const held = { kind: 'held', region: EAST_2, epoch: 7 };
    expect(await run(FAILOVER, world)).toMatchObject({ outcome: 'changed', lease: held });
    expect(await run(FAILOVER, world)).toMatchObject({ outcome: 'already', lease: held });
    expect(asked).toEqual([
      [EAST_2, 1],
      [EAST_2, 1],
    ]);
  });

  it('counts down while it waits', async () => {
    const more: Partial<RoutingWorld> = {
      takeLease: async (_region, _routingEpoch, onWait) => {
        onWait(12);
        return taken;
      },
    };
    const { world } = createMemoryWorld({ more });
    const waits: string[] = [];
    await run(FAILOVER, world, false, waits);
    expect(waits.join()).toContain('waiting 12 s');
  });

  it('is tried again when the orchestrator of the target is at it too', async () => {
    let tries = 0;
    const more: Partial<RoutingWorld> = {
      takeLease: async () =>
        (tries += 1) === 1 ? { kind: 'raced' } : { kind: 'held-already', lease: record },
    };
    const { world } = createMemoryWorld({ more });
    expect(await run(FAILOVER, world)).toMatchObject({ lease: { kind: 'held' } });
  });

  it('that a newer move has is left to it', async () => {
    const newer = { ...record, holder: EAST_1, routingEpoch: 2 };
    const more: Partial<RoutingWorld> = {
      takeLease: async () => ({ kind: 'superseded', lease: newer }),
    };
    const { world } = createMemoryWorld({ more });
    expect(await run(FAILOVER, world)).toMatchObject({
      outcome: 'changed',
      lease: { kind: 'superseded', region: EAST_2, epoch: 2 },
    });
  });

  it('that does not follow is said, for traffic was moved', async () => {
    const more: Partial<RoutingWorld> = {
      takeLease: async () => {
        throw new AppError('unavailable', 'no answer');
      },
    };
    const { world, memory } = createMemoryWorld({ more });
    expect(await run(FAILOVER, world)).toMatchObject({
      outcome: 'changed',
      lease: { kind: 'not-held', region: EAST_2, because: 'no answer' },
    });
    expect(memory.entries).toHaveLength(1);
  });
});
