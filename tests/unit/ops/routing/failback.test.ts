import { describe, expect, it } from 'vitest';
import type { RoutingVerb } from '#core/routing/operator-change.ts';
import { OpsError } from '#ops/ops-error.ts';
import { changeRouting } from '#ops/routing/change-routing.ts';
import type { RoutingWorld } from '#ops/routing/routing-world.ts';
import { createMemoryWorld, EAST_1, EAST_2, NOW, presenceOf } from './memory-routing-world.ts';

const said = { actor: 'ann', reason: 'a drill' };
const FAILOVER = { ...said, verb: 'failover', to: EAST_2 } as const;
const FAILBACK = { ...said, verb: 'failback' } as const;
const DRAIN = { ...said, verb: 'drain', region: EAST_1 } as const;
const UNWELL = { policy: 'active-active', healthySinceEpochMs: null } as const;

function run(verb: RoutingVerb, world: RoutingWorld, force = false) {
  return changeRouting(verb, force, world, () => undefined);
}

describe('failback', () => {
  async function movedAway(more: Partial<RoutingWorld> = {}) {
    const made = createMemoryWorld({ more });
    await run(FAILOVER, made.world);
    return made;
  }

  it('brings traffic to the primary', async () => {
    const { world } = await movedAway();
    expect(await run(FAILBACK, world)).toMatchObject({ state: { epoch: 2, active: [EAST_1] } });
  });

  it.each([
    ['has been healthy for 59 s', { healthySinceEpochMs: NOW - 64_000 }, '59 s only'],
    ['is not healthy by its own account', { healthySinceEpochMs: null }, 'not healthy'],
    [
      'was healthy when it was last heard of',
      { atEpochMs: NOW - 91_000, healthySinceEpochMs: NOW - 900_000 },
      '91 s ago',
    ],
    [
      'has a clock that is far ahead',
      { atEpochMs: NOW + 3_600_000, healthySinceEpochMs: NOW },
      '3600 s ago',
    ],
  ])('is refused while the primary %s', async (_name, changes, text) => {
    const { world, memory } = await movedAway();
    memory.presences.set(EAST_1, presenceOf(EAST_1, changes));
    await expect(run(FAILBACK, world)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(text) as string,
    });
    expect(await run(FAILBACK, world, true)).toMatchObject({ outcome: 'changed' });
  });

  it('is done once the primary has been healthy for a minute', async () => {
    const { world, memory } = await movedAway();
    memory.presences.set(EAST_1, presenceOf(EAST_1, { healthySinceEpochMs: NOW - 65_000 }));
    expect(await run(FAILBACK, world)).toMatchObject({ outcome: 'changed' });
  });

  it('is refused while open payments are overdue', async () => {
    const { world } = await movedAway({ overduePayments: async () => 3 });
    await expect(run(FAILBACK, world)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('3 open payments are overdue') as string,
    });
    expect(await run(FAILBACK, world, true)).toMatchObject({ outcome: 'changed' });
  });

  it('is refused while nobody can say what is open, and can be forced', async () => {
    const { world } = await movedAway({
      overduePayments: async () => Promise.reject(new OpsError('fault', 'no Region answers')),
    });
    await expect(run(FAILBACK, world)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('nobody can say whether payments are open') as string,
    });
    expect(await run(FAILBACK, world, true)).toMatchObject({ outcome: 'changed' });
  });

  it.each([
    ['the primary', EAST_1, EAST_2],
    ['the secondary', EAST_2, EAST_1],
  ])('brings both back in active-active when %s is well again', async (_name, left, stays) => {
    const { world, memory } = createMemoryWorld({ policy: 'active-active' });
    await run({ ...FAILOVER, to: stays }, world);
    // The one that kept its traffic is asked nothing.
    memory.presences.set(stays, presenceOf(stays, UNWELL));
    expect(await run(FAILBACK, world)).toMatchObject({
      state: { epoch: 2, active: [EAST_1, EAST_2] },
      traffic: { isSettled: true },
    });
    await run({ ...FAILOVER, to: stays }, world);
    memory.presences.set(left, presenceOf(left, UNWELL));
    await expect(run(FAILBACK, world)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(`${left} is not healthy`) as string,
    });
  });

  it('asks both replicas in active-active, and is refused onto one that gives no strong read', async () => {
    const { world } = createMemoryWorld({
      policy: 'active-active',
      more: { replicaFault: async (region) => (region === EAST_2 ? 'no quorum' : null) },
    });
    await run({ ...FAILOVER, to: EAST_1 }, world);
    await expect(run(FAILBACK, world)).rejects.toMatchObject({ kind: 'refused' });
  });

  it('leaves a drained Region out, and is impossible where no other is home', async () => {
    const both = createMemoryWorld({ policy: 'active-active' });
    await run(DRAIN, both.world);
    expect(await run(FAILBACK, both.world)).toMatchObject({ outcome: 'already' });
    const { world } = createMemoryWorld();
    await run(DRAIN, world);
    await expect(run(FAILBACK, world, true)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('drain us-east-1 --end') as string,
    });
  });

  it('says when it had to assume where that is', async () => {
    const { world, memory } = await movedAway();
    memory.presences.clear();
    expect(await run(FAILBACK, world, true)).toMatchObject({
      ...{ isAssumed: true, state: { active: [EAST_1] } },
    });
  });

  it('is no error where traffic never left', async () => {
    const { world } = createMemoryWorld({ more: { overduePayments: async () => 3 } });
    expect(await run(FAILBACK, world)).toMatchObject({ outcome: 'already' });
  });
});
