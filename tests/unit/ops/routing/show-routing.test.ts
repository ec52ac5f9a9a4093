import { describe, expect, it } from 'vitest';
import { changeRouting } from '#ops/routing/change-routing.ts';
import { showHistory, showRouting } from '#ops/routing/show-routing.ts';
import { createMemoryWorld, EAST_1, EAST_2 } from './memory-routing-world.ts';

const said = { actor: 'ann', reason: 'a drill' };

async function threeChanges() {
  const made = createMemoryWorld();
  const quiet = () => undefined;
  await changeRouting({ ...said, verb: 'failover', to: EAST_2 }, false, made.world, quiet);
  await changeRouting({ ...said, verb: 'mode', mode: 'manual' }, false, made.world, quiet);
  await changeRouting({ ...said, verb: 'failback' }, false, made.world, quiet);
  return made;
}

describe('showRouting', () => {
  it('shows the configured state where nobody has changed it', async () => {
    const { world } = createMemoryWorld();
    expect(await showRouting(world)).toMatchObject({
      state: { epoch: 0, mode: 'auto', active: [EAST_1] },
      ...{ newest: null, isAssumed: false },
      regions: [
        { region: EAST_1, active: true, traffic: 'here', silentForMs: 5_000 },
        { region: EAST_2, active: false, traffic: 'elsewhere' },
      ],
    });
  });

  it('shows both as active where they are configured so, and what it had to assume', async () => {
    const { world, memory } = createMemoryWorld({ policy: 'active-active', down: [EAST_2] });
    const state = { active: [EAST_1, EAST_2] };
    expect(await showRouting(world)).toMatchObject({ state, isAssumed: false });
    memory.presences.clear();
    expect(await showRouting(world)).toMatchObject({
      state: { active: [EAST_1] },
      isAssumed: true,
    });
  });

  it('shows a Region that is lost, and one that was never heard of', async () => {
    const { world, memory } = createMemoryWorld({ down: [EAST_1] });
    memory.presences.delete(EAST_2);
    expect((await showRouting(world)).regions).toMatchObject([
      { active: true, traffic: 'unreachable', presence: { beat: 60 } },
      { active: false, traffic: 'unreachable', presence: null, silentForMs: null },
    ]);
  });
});

describe('showHistory', () => {
  it('shows the newest entries, and verifies all of them', async () => {
    const { world } = await threeChanges();
    expect(await showHistory(2, world)).toMatchObject({
      entries: [
        { epoch: 2, change: 'mode' },
        { epoch: 3, change: 'failback', active: [EAST_1], mode: 'manual' },
      ],
      ...{ total: 3, fault: null },
    });
  });

  it('finds what was changed in an entry that it does not show', async () => {
    const { world, memory } = await threeChanges();
    const [first] = memory.entries;
    if (first !== undefined) memory.entries[0] = { ...first, actor: 'mallory' };
    const { entries, fault } = await showHistory(1, world);
    expect(entries).toHaveLength(1);
    expect(fault).toEqual({ kind: 'broken', epoch: 2 });
  });

  it('finds an entry that is missing', async () => {
    const { world, memory } = await threeChanges();
    memory.entries.splice(1, 1);
    expect((await showHistory(9, world)).fault).toEqual({ kind: 'gap', epoch: 2 });
  });
});
