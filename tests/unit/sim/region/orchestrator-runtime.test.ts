import { describe, expect, it } from 'vitest';
import { firstState, nextEntry, type RoutingNote } from '#core/routing/routing-log.ts';
import { REGIONS, type RegionName } from '#sim/faults/fault-spec.ts';
import { fastHash } from '#sim/kernel/fast-hash.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { WORLD_EPOCH_MS } from '#sim/kernel/world.ts';
import type { Topology } from '#sim/plan.ts';
import { OrchestratorRuntime } from '#sim/region/orchestrator-runtime.ts';
import type { AlarmListener, AlarmState } from '#sim/services/alarms.ts';
import { createSmallSystem } from './small-system.ts';

const [EAST_1, EAST_2] = REGIONS;
/** Probes, the silence, and where no orchestrator watches. */
const SEEN_MS = 80_000;

function open(topology: Partial<Topology> = {}) {
  const small = createSmallSystem(topology);
  const { system } = small;
  const followed: string[] = [];
  const listeners: AlarmListener[] = [];
  system.alarms.onTransition = (listener) => void listeners.push(listener);
  const start = (region: RegionName): OrchestratorRuntime => {
    const one = new OrchestratorRuntime(system, region, (epoch) =>
      followed.push(`${region} ${epoch}`),
    );
    one.start();
    return one;
  };
  const orchestrators = { [EAST_1]: start(EAST_1), [EAST_2]: start(EAST_2) };
  const count = (what: string, from?: RegionName): number =>
    system.world.trace.events.filter((one) => one.what === what && (from ?? one.from) === one.from)
      .length;
  const ring = (to: RegionName, state: AlarmState): void => {
    const hint = { region: EAST_1, impaired: true, changedAtEpochMs: WORLD_EPOCH_MS };
    for (const listener of listeners) listener(to, hint, state);
  };
  return { ...small, orchestrators, followed, count, ring };
}

const entriesOf = ({ system }: ReturnType<typeof open>) =>
  system.control.entries.map(({ actor, change, active }) => `${actor} ${change} ${active.join()}`);

describe('OrchestratorRuntime', () => {
  it('watches, beats and moves nothing while all is well', async () => {
    const world = open();
    await world.run(300_000);
    expect(entriesOf(world)).toEqual([]);
    expect(world.count('crash')).toBe(0);
    for (const region of REGIONS) {
      // Some ten rounds a minute, and no more.
      expect(world.count('beat', region)).toBeGreaterThan(30);
      expect(world.count('beat', region)).toBeLessThan(65);
      expect(world.orchestrators[region].isAtRest).toBe(true);
    }
  });

  it('moves traffic off a Region that is lost, once, and does what must follow', async () => {
    const world = open();
    const { system, orchestrators } = world;
    world.at(60_000, () => world.isolate(EAST_1));
    await world.run(60_000 + SEEN_MS);
    expect(entriesOf(world)).toEqual([`orchestrator:${EAST_2} failover ${EAST_2}`]);
    const [entry] = system.control.entries;
    expect(orchestrators[EAST_2].moves).toMatchObject([
      { kind: 'moved', epoch: 1, entryId: entry?.entryId, failed: 0 },
    ]);
    expect(world.followed).toEqual([`${EAST_2} 1`]);
    expect(orchestrators[EAST_2].isFollowed(1)).toBe(true);
    expect(orchestrators[EAST_1].isFollowed(1)).toBe(false);
    expect(system.payments.journals.peek(EAST_2, ` synthetic#1/${EAST_2}`)?.status).toBe(
      'PROCESSED',
    );
    expect(world.count('sweep', EAST_2)).toBe(1);
    expect(system.bank.books).toEqual([]);
  });

  it('leaves traffic where it is after the Region is back, unless failback is automatic', async () => {
    const courses = (['manual', 'automatic'] as const).map(async (failback) => {
      const world = open({ failback });
      world.at(60_000, () => world.isolate(EAST_1));
      world.at(140_000, () => world.isolate(EAST_1, false));
      await world.run(340_000);
      return entriesOf(world).slice(1);
    });
    expect(await Promise.all(courses)).toEqual([[], [`orchestrator:${EAST_1} failback ${EAST_1}`]]);
  });

  it('has the lease follow the traffic where tables are eventually consistent', async () => {
    const world = open({ consistency: 'eventual' });
    const { system, orchestrators } = world;
    world.at(10_000, () => world.pay(EAST_1, 'one'));
    world.at(30_000, () => {
      expect(system.control.lease?.holder).toBe(EAST_1);
    });
    world.at(60_000, () => world.isolate(EAST_1));
    await world.run(60_000 + SEEN_MS);
    expect(system.control.lease).toMatchObject({ holder: EAST_2, routingEpoch: 1 });
    expect(orchestrators[EAST_2].moves).toMatchObject([{ epoch: 1, failed: 0 }]);
    expect(orchestrators[EAST_2].isAtRest).toBe(true);
  });

  it('takes the lease for traffic that somebody else moved, and is not at rest before', async () => {
    const world = open({ consistency: 'eventual' });
    const { control, world: time } = world.system;
    const seat = new SimProcess(time, EAST_1, 'orchestrate');
    const first = firstState('active-passive', REGIONS);
    const note: RoutingNote = {
      ...{ entryId: 'by hand', atEpochMs: WORLD_EPOCH_MS, actor: 'ann', change: 'failover' },
      ...{ reason: '', mode: 'auto', active: [EAST_2], drained: [], evidence: '' },
    };
    const entry = nextEntry(null, first, note, fastHash);
    const deadline = { atEpochMs: WORLD_EPOCH_MS + 200_000 };
    const rests: string[] = [];
    const look = (): void => {
      if (control.entries.length > 0) {
        rests.push(`${control.lease?.holder} ${world.orchestrators[EAST_2].isAtRest}`);
      }
      world.at(1_000, look);
    };
    world.at(60_000, () => {
      expect(control.lease?.holder).toBe(EAST_1);
      void control.logFor(seat).append(entry, deadline);
      look();
    });
    await world.run(140_000);
    expect([...new Set(rests)]).toEqual([`${EAST_1} false`, `${EAST_2} true`]);
    expect(rests.filter((rest) => rest.startsWith(EAST_1)).length).toBeGreaterThan(10);
  });

  it('begins no watch that has no time left, in the minute that the world begins in', async () => {
    const cut: string[] = [];
    for (let seed = 1; seed <= 30; seed += 1) {
      const { system, run } = createSmallSystem({}, { seed });
      system.alarms.evidenceFor = () => () => new Promise(() => undefined);
      for (const region of REGIONS) new OrchestratorRuntime(system, region).start();
      await run(10_000);
      const { events } = system.world.trace;
      cut.push(...events.flatMap(({ outcome }) => (outcome === 'timed out' ? `${seed}` : [])));
    }
    expect(cut).toEqual([]);
  });

  it('looks at once when an alarm rings here, and not when it ends', async () => {
    const rings = [
      [EAST_2, 'ALARM'],
      [EAST_2, 'OK'],
      [EAST_1, 'ALARM'],
    ] as const;
    const reads = rings.map(async ([to, state]) => {
      const world = open();
      world.at(100_000, () => world.ring(to, state));
      await world.run(101_000);
      return world.count('newest', EAST_2);
    });
    const [rung = 0, ended, elsewhere] = await Promise.all(reads);
    expect(rung).toBeGreaterThan(0);
    expect([ended, elsewhere]).toEqual([rung - 1, rung - 1]);
  });

  it('lets an alarm find a memory of its own, which is kept for the next one', async () => {
    const world = open();
    const { alarms } = world.system;
    const answers = alarms.evidenceFor.bind(alarms);
    const made: string[] = [];
    alarms.evidenceFor = (runner) => {
      made.push(runner.region);
      return answers(runner);
    };
    const seen: number[] = [];
    world.at(90_000, () => seen.push(made.filter((region) => region === EAST_2).length));
    world.at(100_000, () => world.ring(EAST_2, 'ALARM'));
    world.at(110_000, () => world.ring(EAST_2, 'ALARM'));
    await world.run(200_000);
    seen.push(made.filter((region) => region === EAST_2).length);
    expect(seen).toEqual([1, 2]);
  });

  it('does what follows a move once, whether an alarm or a tick made it', async () => {
    const world = open();
    const { orchestrators, followed, system } = world;
    system.alarms.evidenceFor = (runner) => async (region) =>
      region === EAST_1 && runner.clock.nowEpochMs() - WORLD_EPOCH_MS >= 100_000
        ? 'impaired'
        : 'clear';
    world.at(100_000, () => world.ring(EAST_2, 'ALARM'));
    await world.run(400_000);
    expect(entriesOf(world)).toEqual([`orchestrator:${EAST_2} failover ${EAST_2}`]);
    expect(orchestrators[EAST_2].moves).toMatchObject([{ kind: 'moved', epoch: 1 }]);
    expect(followed).toEqual([`${EAST_2} 1`]);
    expect(world.count('sweep', EAST_2)).toBe(1);
    expect(world.count('followed-up')).toBe(0);
  });

  it('starts a process where an alarm finds none, and else with the next tick', async () => {
    const restarts = [true, false].map(async (rings) => {
      const world = open();
      const { orchestrate } = world.system.regions[EAST_2].processes;
      const ups: boolean[] = [];
      world.at(70_000, () => orchestrate.crash('here'));
      if (rings) world.at(70_500, () => world.ring(EAST_2, 'ALARM'));
      world.at(71_000, () => ups.push(orchestrate.isUp));
      await world.run(132_000);
      return [...ups, orchestrate.isUp];
    });
    expect(await Promise.all(restarts)).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  it('cuts an invocation off that outlasts its time, and knows nothing of it in the next', async () => {
    const world = open();
    const { alarms } = world.system;
    const answers = alarms.evidenceFor.bind(alarms);
    const lives: string[] = [];
    alarms.evidenceFor = (runner) => {
      lives.push(runner.name);
      const hangs = lives.filter((name) => name === runner.name).length === 1;
      return hangs ? () => new Promise(() => undefined) : answers(runner);
    };
    world.at(130_000, () => world.isolate(EAST_1));
    await world.run(130_000 + SEEN_MS);
    const cut = world.system.world.trace.events.filter(({ outcome }) => outcome === 'timed out');
    expect(cut.map(({ from, what }) => `${from} ${what}`).toSorted()).toEqual(
      REGIONS.map((region) => `${region} crash`),
    );
    expect(lives).toHaveLength(4);
    expect(entriesOf(world)).toEqual([`orchestrator:${EAST_2} failover ${EAST_2}`]);
  });

  it.each([
    ['after', 'append'],
    ['before', 'verify'],
    ['after', 'verify'],
    ['before', 'tellSweeper'],
  ] as const)('finishes in a new life what it was cut off from %s %s', async (where, step) => {
    const world = open();
    const { system, orchestrators } = world;
    const { orchestrate } = system.regions[EAST_2].processes;
    orchestrate.crashRule = (_runner, boundary, what) => {
      const dies = boundary === where && what === step;
      if (dies) orchestrate.crashRule = null;
      return dies;
    };
    world.at(60_000, () => world.isolate(EAST_1));
    await world.run(60_000 + SEEN_MS + 120_000);
    expect(orchestrate.crashes).toBe(1);
    expect(entriesOf(world)).toEqual([`orchestrator:${EAST_2} failover ${EAST_2}`]);
    expect(orchestrators[EAST_2].moves).toMatchObject([{ kind: 'followed-up', epoch: 1 }]);
    expect(world.count('restart', EAST_2)).toBe(1);
  });

  it('tells a payment that no process makes from one that goes through', async () => {
    const world = open();
    const { system, orchestrators } = world;
    world.at(60_000, () => world.isolate(EAST_1));
    const { api } = system.regions[EAST_2].processes;
    api.crash('for good');
    await world.run(60_000 + SEEN_MS);
    // The lost Region's payments are swept all the same.
    expect(orchestrators[EAST_2].moves).toMatchObject([{ kind: 'moved', failed: 1 }]);
    expect(world.count('sweep', EAST_2)).toBe(1);
  });

  it('moves nothing of its own while it is paused, and nothing twice when it goes on', async () => {
    const world = open();
    const { orchestrate } = world.system.regions[EAST_2].processes;
    world.at(50_000, () => orchestrate.pause());
    world.at(60_000, () => world.isolate(EAST_1));
    const entries = (): number => world.system.control.entries.length;
    world.at(200_000, () => {
      expect(entries()).toBe(0);
      orchestrate.resume();
    });
    await world.run(300_000);
    expect(entries()).toBe(1);
  });

  it('runs the same for the same seed', async () => {
    const hashes = await Promise.all(
      [1, 1, 2].map(async (seed) => {
        const small = createSmallSystem({}, { seed });
        for (const region of REGIONS) new OrchestratorRuntime(small.system, region).start();
        small.at(40_000, () => small.isolate(EAST_1));
        await small.run(120_000);
        return small.system.world.trace.hash;
      }),
    );
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });
});
