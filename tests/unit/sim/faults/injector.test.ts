import { describe, expect, it } from 'vitest';
import { neutralConditions } from '#sim/conditions.ts';
import { Coverage } from '#sim/faults/coverage.ts';
import {
  type PlannedFault,
  PROCESS_KINDS,
  type ProcessKind,
  type RegionName,
} from '#sim/faults/fault-spec.ts';
import { type FaultActors, FaultInjector } from '#sim/faults/injector.ts';
import { Network } from '#sim/kernel/network.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { World } from '#sim/kernel/world.ts';
import { drawPlan } from '#sim/swarm/draw-plan.ts';

const EAST = 'us-east-1';

function setUp(faults: readonly PlannedFault[], safetyMs: number) {
  const world = new World({ seed: 1, keepTrace: true, eventsMax: 10_000 });
  const coverage = new Coverage();
  const network = new Network(world, coverage);
  const conditions = neutralConditions();
  const told: string[] = [];
  const queued: (string | null)[] = [];
  const region = (name: RegionName) => ({
    processes: Object.fromEntries(
      PROCESS_KINDS.map((kind) => [kind, new SimProcess(world, name, kind)]),
    ) as Record<ProcessKind, SimProcess>,
    queue: { send: (id: string | null) => queued.push(id) } as never,
  });
  const regions = { 'us-east-1': region('us-east-1'), 'us-east-2': region('us-east-2') };
  const tell =
    (what: string) =>
    (...about: readonly unknown[]): never => {
      told.push([world.nowMs, what, ...about].join(' '));
      return undefined as never;
    };
  const actors: FaultActors = {
    operators: {
      twoAtOnce: tell('two at once'),
      stalePlan: tell('stale plan'),
      earlyFailback: tell('early failback'),
      failoverByRecord: tell('by record'),
    },
    workload: { storm: tell('storm') },
    stage: { regionHurt: tell('hurt'), regionHealed: tell('healed') },
  };
  const plan = { ...drawPlan(1, 'strong'), faults, safetyMs };
  const injector = new FaultInjector(
    { plan, world, coverage, network, conditions, regions },
    actors,
  );
  injector.start();
  const seen = new Map<number, unknown>();
  /** What `look` finds at each of the moments, in the order of the moments. */
  const watch = async (moments: readonly number[], look: () => unknown): Promise<unknown[]> => {
    for (const atMs of moments) world.after(atMs, () => seen.set(atMs, look()));
    await world.run({
      drive: async (step) => {
        while (step()) await Promise.resolve();
      },
    });
    return moments.map((atMs) => seen.get(atMs));
  };
  return { world, network, conditions, regions, injector, told, queued, watch };
}

describe('a fault', () => {
  it('is in force from its time until it is healed, and overlaps with others', async () => {
    const { watch, network } = setUp(
      [
        { id: 'F1', region: EAST, atMs: 1_000, forMs: 5_000 },
        { id: 'F4', region: EAST, atMs: 4_000, forMs: 6_000 },
      ],
      10_000,
    );
    const blocked = () => [
      network.link('client', EAST).blockedBy,
      network.link(EAST, 'us-east-2').blockedBy,
    ];
    expect(await watch([500, 2_000, 4_500, 7_000, 10_500], blocked)).toEqual([
      [null, null],
      ['F1', 'F1'],
      ['F1', 'F1'],
      ['F4', null],
      [null, null],
    ]);
  });

  it('leaves links their usual times', async () => {
    const { watch, network } = setUp([{ id: 'F5', probability: 0.2, atMs: 10, forMs: 20 }], 50);
    const before = { ...network.link('client', EAST) };
    expect(await watch([15], () => ({ ...network.link('client', EAST) }))).toEqual([
      { ...before, loss: 0.2 },
    ]);
    expect(network.link('client', EAST)).toEqual(before);
  });

  it('of a service changes its conditions in place', async () => {
    const { watch, conditions } = setUp(
      [{ id: 'F8', region: EAST, factor: 30, atMs: 10, forMs: 20 }],
      50,
    );
    const region = conditions.regions[EAST];
    expect(await watch([5, 15, 40], () => region.greyFactor)).toEqual([1, 30, 1]);
  });

  it('of a process, a clock and a queue reaches them', async () => {
    const { watch, regions, queued } = setUp(
      [
        { id: 'F10', region: EAST, process: 'api', atMs: 10, forMs: 20 },
        { id: 'F22', region: EAST, skewMs: 60_000, atMs: 10, forMs: 20 },
        { id: 'F18', region: EAST, count: 2, atMs: 10, forMs: 20 },
      ],
      50,
    );
    const { api } = regions[EAST].processes;
    const look = () => {
      // A pause may wait for a boundary.
      api.diesAt('before', 'charge', 'charge');
      return [api.isPaused, api.skewMs];
    };
    expect(await watch([5, 15, 40], look)).toEqual([
      [false, 0],
      [true, 60_000],
      [false, 0],
    ]);
    expect(queued).toEqual([null, null]);
  });

  it('of people and load is theirs to carry out, and a storm ends', async () => {
    const { watch, told } = setUp(
      [
        { id: 'F23', to: [EAST, 'us-east-2'], atMs: 10, forMs: 20 },
        { id: 'F24', lateMs: 7_000, atMs: 20, forMs: 20 },
        { id: 'F25', pauseReplication: false, atMs: 30, forMs: 10 },
        { id: 'F26', copies: 3, atMs: 40, forMs: 20 },
      ],
      100,
    );
    await watch([], () => null);
    expect(told).toEqual([
      '10 two at once us-east-1,us-east-2',
      '20 stale plan 7000',
      '30 early failback',
      '40 storm 3',
      '60 storm 1',
    ]);
  });

  it('of the control plane is met by somebody who sees a hurt Region', async () => {
    const down = { id: 'F20', atMs: 10, forMs: 90_000 } as const;
    const hurt = { id: 'F1', region: EAST, atMs: 5, forMs: 90_000 } as const;
    const alone = setUp([down], 100_000);
    await alone.watch([], () => null);
    expect(alone.told).toEqual([]);
    const both = setUp([hurt, down], 100_000);
    await both.watch([], () => null);
    expect(both.told.some((line) => line.endsWith('by record us-east-2'))).toBe(true);
  });
});

describe('the end of the safety phase', () => {
  it('heals what is to be healed, and lets nothing begin any more', async () => {
    const { watch, injector, told } = setUp(
      [
        { id: 'F1', region: EAST, atMs: 10, forMs: null },
        { id: 'F15', region: EAST, probability: 0.9, atMs: 20, forMs: 9_000 },
        { id: 'F19', atMs: 200, forMs: 10 },
      ],
      100,
    );
    const state = () => [
      injector.isHealed,
      injector.inForce.map(({ id }) => id).join(),
      injector.isLost(EAST),
      injector.isLost('us-east-2'),
      injector.isAnyLost,
    ];
    expect(await watch([5, 50, 150, 205], state)).toEqual([
      [false, '', false, false, false],
      [false, 'F1,F15', true, false, true],
      [true, 'F1', true, false, true],
      [true, 'F1', true, false, true],
    ]);
    expect(told).toEqual(['10 hurt', '20 hurt', '100 healed']);
  });

  it('leaves each fault in the trace with its Region', async () => {
    const { watch, world } = setUp([{ id: 'F1', region: EAST, atMs: 10, forMs: 30 }], 100);
    await watch([], () => null);
    expect(world.trace.events.map(({ atMs, to, what, about }) => [atMs, to, what, about])).toEqual([
      [10, EAST, 'fault', 'F1'],
      [40, EAST, 'heal', 'F1'],
    ]);
  });
});
