import { describe, expect, it } from 'vitest';
import type { OperatorOutcome } from '#sim/clients/operators.ts';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import { changesOf, KNOWN_MS, kindsOf, openOperators as open } from './operators-world.ts';

const [EAST_1, EAST_2] = REGIONS;

describe('Operators', () => {
  it('move traffic by the log, and are told so', async () => {
    const world = open();
    world.at(KNOWN_MS, () => void world.operators.failover(EAST_2));
    await world.run(KNOWN_MS + 30_000);
    expect(changesOf(world)).toEqual([`failover ${EAST_2}`]);
    const [entry] = world.system.control.entries;
    const [told] = world.operators.outcomes as [OperatorOutcome];
    expect(told).toMatchObject({ force: false, calledAtMs: KNOWN_MS, plannedEpoch: 0, unfit: [] });
    expect(told.outcome).toMatchObject({ kind: 'appended', entry, from: [EAST_1] });
    expect(told.endedAtMs).toBeGreaterThan(KNOWN_MS);
    expect(world.followed).toEqual([1]);
    expect(world.operators.isDone).toBe(true);
  });

  it('are refused a Region that does not answer, and get it by force', async () => {
    const world = open();
    world.at(KNOWN_MS, () => {
      world.isolate(EAST_2);
      void world.operators.failover(EAST_2);
    });
    world.at(KNOWN_MS + 30_000, () => void world.operators.failover(EAST_2, { force: true }));
    await world.run(KNOWN_MS + 60_000);
    expect(kindsOf(world)).toEqual(['refused', 'appended']);
    expect(world.operators.outcomes[0]?.unfit).toEqual([EAST_2]);
  });

  it('reach the log by the other Region where theirs is lost', async () => {
    const outcomes = [1, 2, 3, 4, 5, 6].map(async (seed) => {
      const world = open({}, { seed });
      world.at(KNOWN_MS, () => {
        world.isolate(EAST_1);
        void world.operators.mode('manual');
      });
      await world.run(KNOWN_MS + 30_000);
      return [...kindsOf(world), ...changesOf(world), world.operators.outcomes[0]?.actor];
    });
    const seen = await Promise.all(outcomes);
    expect(seen.map(([kind, change]) => [kind, change])).toEqual(
      seen.map(() => ['appended', `mode ${EAST_1}`]),
    );
    // Whoever asks first of all the Region that is lost is among them.
    expect(new Set(seen.map(([, , actor]) => actor))).toEqual(new Set(['ann', 'bob']));
  });

  it('leave the lease to the orchestrator now and then', async () => {
    const ends = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(async (seed) => {
        const world = open({ consistency: 'eventual' }, { seed });
        world.at(KNOWN_MS, () => world.pay(EAST_1, 't1'));
        world.at(KNOWN_MS + 1_000, () => void world.operators.failover(EAST_2));
        await world.run(KNOWN_MS + 120_000);
        const [{ calledAtMs, endedAtMs }] = world.operators.outcomes as [OperatorOutcome];
        const holder = world.system.control.lease?.holder;
        return { holder, waited: endedAtMs - calledAtMs >= 12_000 };
      }),
    );
    expect(ends.map(({ holder }) => holder)).toEqual(ends.map(() => EAST_2));
    expect(new Set(ends.map(({ waited }) => waited))).toEqual(new Set([true, false]));
  });

  it('learn that nobody answers, and that they can not know what came of it', async () => {
    const world = open();
    world.at(KNOWN_MS, () => {
      for (const region of REGIONS) world.isolate(region);
      void world.operators.failover(EAST_2);
    });
    await world.run(KNOWN_MS + 60_000);
    expect(kindsOf(world)).toEqual(['fault']);
    expect(world.operators.isDone).toBe(true);
    expect(changesOf(world)).toEqual([]);
  });

  it('are told that it may have been written where no Region said what came of it', async () => {
    const world = open();
    world.at(KNOWN_MS, () => {
      for (const region of REGIONS) world.system.conditions.regions[region].ambiguous = 1;
      void world.operators.failover(EAST_2);
    });
    await world.run(KNOWN_MS + 60_000);
    expect(world.operators.outcomes.map(({ outcome }) => outcome)).toEqual([
      expect.objectContaining({ kind: 'fault', code: 'outcome_unknown' }),
    ]);
    expect(changesOf(world)).toEqual([`failover ${EAST_2}`]);
  });

  it('follow what they moved themselves', async () => {
    const world = open();
    world.at(KNOWN_MS, () => void world.operators.failover(EAST_2));
    world.at(KNOWN_MS + 20_000, () => void world.operators.failover(EAST_2));
    await world.run(KNOWN_MS + 40_000);
    expect(kindsOf(world)).toEqual(['appended', 'already']);
    expect(world.followed).toEqual([1]);
  });

  it('drain a Region and end that', async () => {
    const world = open();
    world.at(KNOWN_MS, () => void world.operators.drain(EAST_1));
    world.at(KNOWN_MS + 20_000, () => void world.operators.undrain(EAST_1));
    world.at(KNOWN_MS + 40_000, () => void world.operators.undrain(EAST_1));
    await world.run(KNOWN_MS + 60_000);
    expect(kindsOf(world)).toEqual(['appended', 'appended', 'already']);
    expect(changesOf(world)).toEqual([`drain ${EAST_2}`, `undrain ${EAST_2}`]);
    // No traffic follows the end of a drain.
    expect(world.followed).toEqual([1]);
  });

  it('have the lease follow, where there is one, in manual mode too', async () => {
    const world = open({ consistency: 'eventual' });
    const { control } = world.system;
    world.at(10_000, () => world.pay(EAST_1, 'one'));
    world.at(KNOWN_MS, () => void world.operators.mode('manual'));
    world.at(KNOWN_MS + 10_000, () => {
      expect(control.lease?.holder).toBe(EAST_1);
      void world.operators.failover(EAST_2);
    });
    await world.run(KNOWN_MS + 60_000);
    expect(control.lease).toMatchObject({ holder: EAST_2, routingEpoch: 2 });
  });

  it('bring traffic back at the planned time, as soon as that is not refused', async () => {
    const world = open({}, { failbackAtMs: 240_000 });
    world.operators.start();
    expect(world.operators.isDone).toBe(false);
    world.at(KNOWN_MS, () => world.isolate(EAST_1));
    // It has not been healthy for a minute when they first try.
    world.at(220_000, () => world.isolate(EAST_1, false));
    await world.run(400_000);
    expect(changesOf(world)).toEqual([`failover ${EAST_2}`, `failback ${EAST_1}`]);
    expect(kindsOf(world).slice(0, -1)).toContain('refused');
    expect(kindsOf(world).at(-1)).toBe('appended');
    expect(world.operators.isDone).toBe(true);
  });

  it('give a failback up after some minutes, where the Region stays lost', async () => {
    const world = open({}, { failbackAtMs: 240_000 });
    world.operators.start();
    world.at(KNOWN_MS, () => world.isolate(EAST_1));
    await world.run(700_000);
    expect(changesOf(world)).toEqual([`failover ${EAST_2}`]);
    expect(new Set(kindsOf(world))).toEqual(new Set(['refused']));
    expect(world.operators.isDone).toBe(true);
  });

  it('run the same for the same seed', async () => {
    const hashes = [5, 5].map(async (seed) => {
      const world = open({}, { seed });
      world.at(KNOWN_MS, () => void world.operators.twoAtOnce([EAST_2, EAST_1]));
      world.at(KNOWN_MS + 20_000, () => void world.operators.failback());
      await world.run(KNOWN_MS + 60_000);
      return world.system.world.trace.hash;
    });
    const [one, two] = await Promise.all(hashes);
    expect(one).toBe(two);
  });
});
