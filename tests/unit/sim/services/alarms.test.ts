import { describe, expect, it } from 'vitest';
import type { AlarmHint } from '#core/routing/observer.ts';
import { REGIONS, type RegionName } from '#sim/faults/fault-spec.ts';
import { SimProcess } from '#sim/kernel/sim-process.ts';
import { WORLD_EPOCH_MS } from '#sim/kernel/world.ts';
import { Alarms, type CountedRequest } from '#sim/services/alarms.ts';
import { createDrivenWires, createWires, TEST_HOST } from '../../../support/driven-world.ts';

const [EAST_1, EAST_2] = REGIONS;
const PERIOD_MS = 10_000;
const GOOD: CountedRequest = { latencyMs: 100, isFault: false, isTurnedAway: false };
const FAULT: CountedRequest = { ...GOOD, isFault: true };
const SLOW: CountedRequest = { ...GOOD, latencyMs: 2_001 };
const TURNED_AWAY: CountedRequest = { ...GOOD, isTurnedAway: true };

type Period = readonly (readonly [number, CountedRequest])[];

function create(wires = createWires()) {
  const alarms = new Alarms(wires, wires.conditions);
  const heard: { to: RegionName; hint: AlarmHint; state: string; atMs: number }[] = [];
  alarms.onTransition((to, hint, state) =>
    heard.push({ to, hint, state, atMs: wires.world.nowMs }),
  );
  /** Counts the requests of each period in its middle. */
  const feed = (region: RegionName, periods: readonly Period[]): void => {
    for (const [index, period] of periods.entries()) {
      wires.world.after(index * PERIOD_MS + PERIOD_MS / 2, () => {
        for (const [times, request] of period) {
          for (let count = 0; count < times; count += 1) alarms.count(region, request);
        }
      });
    }
  };
  return { ...wires, wires, alarms, heard, feed };
}

/** The states that the own Region's orchestrator is told of in a world of such periods. */
async function statesAfter(periods: readonly Period[]): Promise<readonly string[]> {
  const { world, heard, feed } = create();
  feed(EAST_1, periods);
  await world.run(TEST_HOST);
  return heard.filter(({ to }) => to === EAST_1).map(({ state }) => state);
}

const BAD: Period = [
  [3, FAULT],
  [7, GOOD],
];
const TWENTY_PERCENT: Period = [
  [2, FAULT],
  [8, GOOD],
];
const FINE: Period = [[10, GOOD]];
const NOTHING: Period = [];
const LATE: Period = [
  [2, SLOW],
  [8, GOOD],
];
const TEN_PERCENT_LATE: Period = [
  [1, SLOW],
  [9, GOOD],
];

describe('Alarms', () => {
  const rang = ['ALARM', 'OK'];
  it.each<[string, readonly Period[], readonly string[]]>([
    ['errors in three periods on end', [BAD, BAD, BAD], rang],
    ['errors in three of four periods', [BAD, BAD, FINE, BAD], rang],
    ['errors in three of four, one without data', [BAD, NOTHING, BAD, BAD], rang],
    ['errors in three of five', [BAD, BAD, FINE, FINE, BAD], []],
    ['errors in two periods', [BAD, BAD], []],
    ['exactly 20 %', [TWENTY_PERCENT, TWENTY_PERCENT, TWENTY_PERCENT, TWENTY_PERCENT], []],
    ['too few to judge', [[[4, FAULT]], [[4, FAULT]], [[4, FAULT]], [[4, FAULT]]], []],
    [
      'faults among many that were turned away',
      [
        [
          [3, FAULT],
          [7, GOOD],
          [90, TURNED_AWAY],
        ],
        BAD,
        BAD,
      ],
      rang,
    ],
    ['only turned away', [[[9, TURNED_AWAY]], [[9, TURNED_AWAY]], [[9, TURNED_AWAY]]], []],
    ['slow in four periods of six', [LATE, LATE, FINE, LATE, FINE, LATE], rang],
    ['slow in three periods', [LATE, LATE, LATE], []],
    [
      'slow for one in ten',
      [TEN_PERCENT_LATE, TEN_PERCENT_LATE, TEN_PERCENT_LATE, TEN_PERCENT_LATE],
      [],
    ],
    [
      'impaired, over, and impaired again',
      [BAD, BAD, BAD, FINE, FINE, FINE, BAD, BAD, BAD],
      [...rang, ...rang],
    ],
  ])('judges %s', async (_name, periods, states) => {
    expect(await statesAfter(periods)).toEqual(states);
  });

  it('tells both Regions at the end of a period, with the time of the change', async () => {
    const { world, heard, feed, alarms: asked } = create();
    feed(EAST_1, [BAD, BAD, BAD]);
    await world.run(TEST_HOST);
    // Four periods are judged: the second without data ends it.
    expect(asked.rings).toEqual([{ region: EAST_1, fromMs: 3 * PERIOD_MS, toMs: 5 * PERIOD_MS }]);
    const alarms = heard.filter(({ state }) => state === 'ALARM');
    expect(alarms.map(({ to }) => to).toSorted()).toEqual([EAST_1, EAST_2]);
    for (const { hint, atMs } of alarms) {
      const changedAtEpochMs = WORLD_EPOCH_MS + 3 * PERIOD_MS;
      expect(hint).toEqual({ region: EAST_1, impaired: true, changedAtEpochMs });
      expect(atMs).toBeGreaterThan(3 * PERIOD_MS);
    }
  });

  it('plans nothing while there is nothing to judge', async () => {
    const { world, feed } = create();
    await world.run(TEST_HOST);
    expect(world.happened).toBe(0);
    feed(EAST_1, [FINE]);
    await world.run(TEST_HOST);
    expect(world.happened).toBe(2);
  });

  it('is judged inside a Region that is cut off, and tells nobody outside', async () => {
    const { world, network, heard, feed, alarms } = create();
    network.link(EAST_1, EAST_2).blockedBy = 'F1';
    feed(EAST_1, [BAD, BAD, BAD]);
    world.after(3 * PERIOD_MS + 1_000, () => expect(alarms.stateOf(EAST_1)).toBe('ALARM'));
    await world.run(TEST_HOST);
    expect(heard.map(({ to, state }) => [to, state])).toEqual([
      [EAST_1, 'ALARM'],
      [EAST_1, 'OK'],
    ]);
  });

  it('tells again what was lost on an open way, and may tell twice', async () => {
    const { world, network, heard, feed } = create();
    network.link(EAST_1, EAST_2).loss = 1;
    network.link(EAST_1, EAST_1).duplicate = 1;
    feed(EAST_1, [BAD, BAD, BAD]);
    world.after(3 * PERIOD_MS + 3_500, () => {
      network.link(EAST_1, EAST_2).loss = 0;
    });
    await world.run(TEST_HOST);
    const alarms = heard.filter(({ state }) => state === 'ALARM');
    expect(alarms.map(({ to }) => to)).toEqual([EAST_1, EAST_1, EAST_2]);
    expect(alarms.at(-1)?.atMs).toBeGreaterThan(3 * PERIOD_MS + 3_500);
  });
});

describe('Alarms with a period of their own', () => {
  it('ring three such periods after the first fault', async () => {
    const wires = createWires();
    const alarms = new Alarms(wires, wires.conditions, 800);
    const rangAtMs: number[] = [];
    alarms.onTransition((to, _hint, state) => {
      if (to === EAST_1 && state === 'ALARM') rangAtMs.push(wires.world.nowMs);
    });
    for (const atMs of [100, 900, 1_700]) {
      wires.world.after(atMs, () => {
        for (let count = 0; count < 5; count += 1) alarms.count(EAST_1, FAULT);
      });
    }
    await wires.world.run(TEST_HOST);
    expect(rangAtMs).toHaveLength(1);
    expect(rangAtMs[0]).toBeGreaterThanOrEqual(2_400);
    expect(rangAtMs[0]).toBeLessThan(2_500);
  });
});

describe('Alarms without a success', () => {
  const MINUTE_MS = 60_000;
  const DEAD = [502, 502, 502, 502, 502];
  type Minute = {
    readonly answered: readonly number[];
    readonly elsewhere?: number;
  };

  /** What the own orchestrator hears, with the times in minutes. */
  async function heardAfter(minutes: readonly Minute[]): Promise<readonly string[]> {
    const { world, alarms, heard } = create();
    for (const [index, { answered, elsewhere = 0 }] of minutes.entries()) {
      world.after(index * MINUTE_MS + 30_000, () => {
        for (const status of answered) alarms.countAtGateway(EAST_1, status);
        for (let count = 0; count < elsewhere; count += 1) alarms.count(EAST_1, TURNED_AWAY);
      });
    }
    await world.run(TEST_HOST);
    return heard
      .filter(({ to, hint }) => to === EAST_1 && hint.region === EAST_1)
      .map(({ state, atMs }) => `${state} ${Math.floor(atMs / MINUTE_MS)}`);
  }

  it.each<[string, readonly Minute[], readonly string[]]>([
    ['ring after two minutes', [{ answered: DEAD }, { answered: DEAD }], ['ALARM 2', 'OK 3']],
    [
      'ring for as long as nothing succeeds, whatever callers get wrong',
      [DEAD, [...DEAD, 400, 409], DEAD, [...DEAD, 200]].map((answered) => ({ answered })),
      ['ALARM 2', 'OK 4'],
    ],
    ['stay silent after one minute', [{ answered: DEAD }], []],
    ['stay silent with a success', [{ answered: DEAD }, { answered: [...DEAD, 202] }], []],
    [
      'stay silent where few ask',
      [{ answered: DEAD.slice(1) }, { answered: [...DEAD.slice(1), 400] }],
      [],
    ],
    [
      "stay silent where most were the other Region's",
      [DEAD, DEAD, DEAD].map((answered) => ({ answered, elsewhere: 3 })),
      [],
    ],
  ])('%s', async (_name, minutes, states) => {
    expect(await heardAfter(minutes)).toEqual(states);
  });
});

describe('the evidence of Alarms', () => {
  function ask(wires = createDrivenWires()) {
    const parts = create(wires);
    const runner = new SimProcess(wires.world, EAST_2, 'orchestrate');
    const evidence = parts.alarms.evidenceFor(runner);
    const within = (ms: number) => ({ atEpochMs: runner.clock.nowEpochMs() + ms });
    return { ...parts, runner, evidence, within };
  }

  it('is clear without data, and impaired while the alarm rings', async () => {
    const { world, evidence, within, feed } = ask();
    expect(await evidence(EAST_1, within(5_000))).toBe('clear');
    feed(EAST_1, [BAD, BAD, BAD]);
    await world.sleep(3 * PERIOD_MS);
    expect(await evidence(EAST_1, within(5_000))).toBe('impaired');
    expect(await evidence(EAST_2, within(5_000))).toBe('clear');
  });

  it('is unknown where no answer comes within two seconds, or before the deadline', async () => {
    const { world, network, evidence, within } = ask();
    network.link(EAST_2, EAST_1).blockedBy = 'F1';
    const startedAtMs = world.nowMs;
    expect(await evidence(EAST_1, within(5_000))).toBe('unknown');
    expect(world.nowMs - startedAtMs).toBe(2_000);
    expect(await evidence(EAST_1, within(700))).toBe('unknown');
    expect(world.nowMs - startedAtMs).toBe(2_700);
    expect(await evidence(EAST_2, within(0))).toBe('unknown');
    expect(await evidence('eu-west-1', within(5_000))).toBe('unknown');
  });

  it('is unknown where a grey Region answers too late', async () => {
    const { conditions, evidence, within } = ask();
    conditions.regions[EAST_1].greyFactor = 200;
    expect(await evidence(EAST_1, within(5_000))).toBe('unknown');
  });
});
