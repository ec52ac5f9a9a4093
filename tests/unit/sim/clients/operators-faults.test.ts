import { describe, expect, it } from 'vitest';
import { type OperatorOutcome, Operators } from '#sim/clients/operators.ts';
import { REGIONS } from '#sim/faults/fault-spec.ts';
import { changesOf, KNOWN_MS, kindsOf, openOperators as open } from './operators-world.ts';

const [EAST_1, EAST_2] = REGIONS;

describe('Operators', () => {
  it('fail over at once, and make one entry of two (F23)', async () => {
    const world = open();
    world.at(KNOWN_MS, () => void world.operators.twoAtOnce([EAST_2, EAST_2]));
    await world.run(KNOWN_MS + 30_000);
    expect(changesOf(world)).toEqual([`failover ${EAST_2}`]);
    expect(kindsOf(world).toSorted()).toEqual(['already', 'appended']);
    expect(world.hits('F23')).toBe(1);
  });

  it('fail over to two Regions at once, and one of them was first (F23)', async () => {
    const world = open({ policy: 'active-active' });
    world.at(KNOWN_MS, () => void world.operators.twoAtOnce([EAST_1, EAST_2]));
    await world.run(KNOWN_MS + 30_000);
    expect(changesOf(world)).toHaveLength(1);
    expect(kindsOf(world).toSorted()).toEqual(['appended', 'raced']);
    expect(world.hits('F23')).toBe(1);
  });

  it('meet nobody where only one of them has anything to append', async () => {
    const world = open();
    world.at(KNOWN_MS, () => void world.operators.twoAtOnce([EAST_1, EAST_2]));
    await world.run(KNOWN_MS + 30_000);
    expect(kindsOf(world).toSorted()).toEqual(['already', 'appended']);
    expect(world.hits('F23')).toBe(0);
  });

  it('apply no plan that the log has overtaken (F24)', async () => {
    const world = open();
    const { operators } = world;
    world.at(KNOWN_MS, () => void operators.stalePlan(20_000));
    world.at(KNOWN_MS + 10_000, () => void operators.mode('manual'));
    await world.run(KNOWN_MS + 60_000);
    expect(changesOf(world)).toEqual([`mode ${EAST_1}`]);
    expect(kindsOf(world)).toEqual(['appended', 'raced']);
    expect(operators.outcomes[1]).toMatchObject({ plannedEpoch: 0 });
    expect(world.hits('F24')).toBe(1);
    expect(world.told).toEqual([]);
  });

  it('apply a late plan that nothing has overtaken', async () => {
    const world = open();
    world.at(KNOWN_MS, () => void world.operators.stalePlan(20_000));
    await world.run(KNOWN_MS + 60_000);
    expect(changesOf(world)).toEqual([`failover ${EAST_2}`]);
    expect(world.system.control.entries[0]?.atEpochMs).toBeGreaterThan(
      1_700_000_000_000 + KNOWN_MS,
    );
    expect(world.hits('F24')).toBe(0);
  });

  it('tell of a stale plan that a log let through', async () => {
    const world = open();
    const { operators, system } = world;
    const { logFor } = system.control;
    let isBroken = false;
    system.control.logFor = (runner) => {
      const log = logFor.call(system.control, runner);
      return {
        ...log,
        append: (entry, deadline) =>
          isBroken ? Promise.resolve({ kind: 'appended' }) : log.append(entry, deadline),
      };
    };
    const careless = new Operators(system);
    world.at(KNOWN_MS, () => void careless.stalePlan(20_000));
    world.at(KNOWN_MS + 10_000, () => void operators.mode('manual'));
    world.at(KNOWN_MS + 15_000, () => {
      isBroken = true;
    });
    await world.run(KNOWN_MS + 60_000);
    expect(world.told).toEqual([
      expect.stringMatching(/^8: \w+'s failover was planned on epoch 0/),
    ]);
  });

  it('refuse to bring traffic back before open work is done (F25)', async () => {
    const outcomes = [1, 2, 3, 4].map(async (seed) => {
      const world = open({}, { seed });
      const { system, operators } = world;
      world.at(KNOWN_MS, () => void operators.failover(EAST_2));
      world.at(KNOWN_MS + 1_000, () => {
        // Accepted, and then nobody goes on with it: it is overdue half a minute later.
        const { api } = system.regions[EAST_1].processes;
        api.crashRule = (_runner, boundary, what) => boundary === 'before' && what === 'charge';
        world.pay(EAST_1, 'left behind');
      });
      world.at(KNOWN_MS + 40_000, () => {
        expect(operators.outcomes).toHaveLength(1);
        void operators.earlyFailback();
      });
      await world.run(KNOWN_MS + 100_000);
      const { force, outcome } = operators.outcomes[1] as OperatorOutcome;
      expect({ force, outcome }).toEqual({
        force: false,
        outcome: { kind: 'refused', because: '1 open payments are overdue' },
      });
      expect(world.hits('F25')).toBe(1);
      expect(operators.isDone).toBe(true);
      return operators.outcomes.slice(2).map((last) => `${last.outcome.kind} ${last.force}`);
    });
    // Some of them force it.
    expect(new Set((await Promise.all(outcomes)).flat())).toEqual(new Set(['appended true']));
  });

  it('are in no hurry where nothing is left to be done (F25)', async () => {
    const world = open();
    world.at(KNOWN_MS, () => void world.operators.failover(EAST_2));
    world.at(KNOWN_MS + 30_000, () => void world.operators.earlyFailback());
    await world.run(KNOWN_MS + 60_000);
    expect(kindsOf(world)).toEqual(['appended', 'appended']);
    expect(changesOf(world)).toEqual([`failover ${EAST_2}`, `failback ${EAST_1}`]);
    expect(world.hits('F25')).toBe(0);
  });

  it('wait for traffic to be elsewhere, and not for long (F25)', async () => {
    const world = open();
    const ends: (OperatorOutcome | null)[] = [];
    world.at(10_000, () => void world.operators.earlyFailback().then((end) => ends.push(end)));
    world.at(50_000, () => expect(ends).toEqual([]));
    await world.run(200_000);
    expect(ends).toEqual([null]);
    expect(world.hits('F25')).toBe(0);
  });

  it('use the log where the record can not be changed, and need no record else (F20)', async () => {
    const courses = [true, false].map(async (controlPlaneIsDown) => {
      const world = open();
      world.system.conditions.controlPlaneIsDown = controlPlaneIsDown;
      world.at(KNOWN_MS, () => void world.operators.failoverByRecord(EAST_2));
      await world.run(KNOWN_MS + 30_000);
      return [changesOf(world), world.hits('F20')];
    });
    expect(await Promise.all(courses)).toEqual([
      [[`failover ${EAST_2}`], 1],
      [[], 0],
    ]);
  });
});
