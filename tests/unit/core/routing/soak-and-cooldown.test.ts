/** How long things have been so: by stopwatch, whatever is done to the clocks. */

import { beforeEach, describe, expect, it } from 'vitest';
import {
  createFailoverWorld,
  EAST_1,
  EAST_2,
  type FailoverWorld,
  HOUR_MS,
  INTERVAL_MS,
  type Process,
  REFUSED,
  RULES,
  roundsOf,
  SERVED,
} from './failover-world.ts';

const SOAK_ROUNDS = roundsOf(RULES.soakMs);
const COOLDOWN_ROUNDS = roundsOf(RULES.cooldownMs);

async function pairOf(world: FailoverWorld, clockMs = 0): Promise<readonly [Process, Process]> {
  const pair = [world.start(EAST_1, clockMs), world.start(EAST_2)] as const;
  await world.rounds(4, pair);
  return pair;
}

/** The secondary takes traffic from a primary that is impaired for one round. */
async function moveAway(world: FailoverWorld, pair: readonly [Process, Process]): Promise<void> {
  for (const { view } of pair) view.alarms[EAST_1] = 'impaired';
  await world.rounds(1, pair);
  for (const { view } of pair) view.alarms[EAST_1] = 'clear';
  expect(world.routing.entries).toHaveLength(1);
}

describe('the cooldown', () => {
  let world: FailoverWorld;
  beforeEach(() => {
    world = createFailoverWorld();
  });

  /** The Region that traffic went to is gone: the primary would take it back at once. */
  const loseSecondary = ([primary]: readonly [Process, Process]) => {
    primary.view.probes[EAST_2] = REFUSED;
    primary.view.alarms[EAST_2] = 'unknown';
  };
  /** So it must not need a soak: lost, not impaired. */
  const silence = async ([primary]: readonly [Process, Process], rounds: number) => {
    primary.view.probes[EAST_2] = { kind: 'unreachable' };
    await world.rounds(rounds, [primary]);
  };

  it.each([
    ['right', 0],
    ['an hour ahead', HOUR_MS],
    ['an hour behind', -HOUR_MS],
  ])('lasts its time for one that saw the move, with a clock that is %s', async (_name, skew) => {
    const pair = await pairOf(world, skew);
    await moveAway(world, pair);
    loseSecondary(pair);
    // The round that sees the move is the first after it.
    await silence(pair, COOLDOWN_ROUNDS);
    expect(world.routing.entries).toHaveLength(1);
    await silence(pair, 1);
    expect(world.routing.entries).toMatchObject([{}, { epoch: 2, active: [EAST_1] }]);
  });

  it.each([
    ['is set back an hour', -HOUR_MS],
    ['is set back a second', -1_000],
  ])('lasts no less and no longer for a clock that %s meanwhile', async (_name, jumpMs) => {
    const pair = await pairOf(world);
    await moveAway(world, pair);
    loseSecondary(pair);
    await silence(pair, COOLDOWN_ROUNDS / 2);
    pair[0].view.clockMs += jumpMs;
    await silence(pair, COOLDOWN_ROUNDS / 2);
    expect(world.routing.entries).toHaveLength(1);
    await silence(pair, 1);
    expect(world.routing.entries).toHaveLength(2);
  });

  it('is not begun anew by entries that move nothing', async () => {
    const pair = await pairOf(world);
    await moveAway(world, pair);
    loseSecondary(pair);
    await silence(pair, COOLDOWN_ROUNDS - 10);
    world.enter({ change: 'mode', mode: 'manual' });
    world.enter({ change: 'mode', mode: 'auto' });
    world.enter({ change: 'drain', drained: [EAST_2] });
    world.enter({ change: 'undrain', drained: [] });
    expect(world.routing.entries.at(-1)?.moved).toEqual(world.routing.entries[0]?.moved);
    await silence(pair, 10);
    expect(world.routing.entries).toHaveLength(5);
    await silence(pair, 1);
    expect(world.routing.entries.at(-1)).toMatchObject({
      ...{ epoch: 6, change: 'failover', active: [EAST_1], moved: { epoch: 6 } },
    });
  });

  it('is not ended by entries that move nothing, for one that begins to watch then', async () => {
    const pair = await pairOf(world);
    await moveAway(world, pair);
    world.enter({ change: 'mode', mode: 'manual' });
    world.enter({ change: 'mode', mode: 'auto' });
    const fresh = world.start(EAST_1);
    await silence([fresh, pair[1]], COOLDOWN_ROUNDS - 1);
    expect(world.routing.entries).toHaveLength(3);
    await silence([fresh, pair[1]], 2);
    expect(world.routing.entries.at(-1)).toMatchObject({ epoch: 4, active: [EAST_1] });
  });

  it('is not frozen where each invocation meets a new process, with a clock an hour behind', async () => {
    const pair = await pairOf(world);
    await moveAway(world, pair);
    loseSecondary(pair);
    let minutes = 0;
    while (world.routing.entries.length < 2 && minutes < 20) {
      minutes += 1;
      const fresh = world.start(EAST_1, -HOUR_MS);
      fresh.view.alarms[EAST_2] = 'unknown';
      await silence([fresh, pair[1]], 5);
      // Between two watches nobody looks, and it counts for nobody.
      world.pass(15_000);
    }
    expect(world.routing.entries.at(-1)).toMatchObject({ epoch: 2, active: [EAST_1] });
    expect(minutes).toBeGreaterThan(5);
    expect(minutes).toBeLessThan(10);
  });

  it('is not frozen for one that did not see the move, with a clock an hour behind', async () => {
    const pair = await pairOf(world);
    await moveAway(world, pair);
    const fresh = world.start(EAST_1, -HOUR_MS);
    await silence([fresh, pair[1]], COOLDOWN_ROUNDS);
    expect(world.routing.entries).toHaveLength(1);
    await silence([fresh, pair[1]], 1);
    expect(world.routing.entries).toHaveLength(2);
  });
});

describe('the soak', () => {
  let world: FailoverWorld;
  let pair: readonly [Process, Process];
  let primary: Process;
  beforeEach(async () => {
    world = createFailoverWorld({ failback: 'automatic' });
    pair = await pairOf(world);
    [primary] = pair;
    await moveAway(world, pair);
  });

  /** Rounds until traffic is back. */
  async function roundsUntilBack(max = 2 * SOAK_ROUNDS): Promise<number> {
    for (let count = 0; count <= max; count += 1) {
      if (world.routing.entries.length > 1) {
        expect(world.routing.entries).toMatchObject([
          {},
          { change: 'failback', active: [EAST_1], actor: 'orchestrator:us-east-1' },
        ]);
        return count;
      }
      await world.rounds(1, pair);
    }
    throw new Error(`traffic is not back after ${max} rounds`);
  }

  it('brings traffic back when it is over', async () => {
    expect(await roundsUntilBack()).toBe(SOAK_ROUNDS + 1);
  });

  it.each([
    ['back an hour', -HOUR_MS],
    ['back a second', -1_000],
    ['forward a second', 1_000],
  ])('is not ended by a clock that is set %s', async (_name, jumpMs) => {
    await world.rounds(60, pair);
    primary.view.clockMs += jumpMs;
    expect(Math.abs((await roundsUntilBack()) - (SOAK_ROUNDS - 59))).toBeLessThanOrEqual(1);
  });

  // Time that a process was frozen for and a clock that was set forward look alike: it starts over.
  it('is not made up by a clock that is set forward an hour', async () => {
    await world.rounds(60, pair);
    primary.view.clockMs += HOUR_MS;
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS);
  });

  it('starts over after a freeze of two hours', async () => {
    await world.rounds(60, pair);
    world.pass(2 * HOUR_MS);
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS);
  });

  it('begins when traffic has left, not when the Region was healthy before', async () => {
    const other = createFailoverWorld({ failback: 'automatic' });
    const both = await pairOf(other);
    await other.rounds(2 * SOAK_ROUNDS, both);
    other.enter({ change: 'failover', active: [EAST_2] });
    await other.rounds(SOAK_ROUNDS, both);
    expect(other.routing.entries).toHaveLength(1);
    await other.rounds(1, both);
    expect(other.routing.entries).toHaveLength(2);
  });

  it('is carried on by a new process of the Region', async () => {
    await world.rounds(60, pair);
    const fresh = world.start(EAST_1);
    pair = [fresh, pair[1]];
    expect(await roundsUntilBack()).toBeLessThanOrEqual(SOAK_ROUNDS - 58);
  });

  it('is carried on over the time between two watches, and over no more', async () => {
    await world.rounds(60, pair);
    world.pass(30_000 - INTERVAL_MS);
    pair = [world.start(EAST_1), pair[1]];
    expect(await roundsUntilBack()).toBeLessThanOrEqual(SOAK_ROUNDS - 58);
  });

  it('starts over after a silence that is longer: it may have been cut off', async () => {
    await world.rounds(60, pair);
    const beat = () => world.routing.presences.get(EAST_1);
    world.pass(60_000);
    const fresh = world.start(EAST_1);
    await fresh.look();
    // That it serves is taken over all the same.
    expect(beat()).toMatchObject({ serving: true, healthySinceEpochMs: beat()?.atEpochMs });
    pair = [fresh, pair[1]];
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS - 1);
  });

  it('starts over for a new process that was cut off in its first round', async () => {
    await world.rounds(60, pair);
    const fresh = world.start(EAST_1);
    fresh.view.broken.set('read', 'before');
    await fresh.look();
    fresh.view.broken.delete('read');
    pair = [fresh, pair[1]];
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS - 1);
  });

  it('is not carried on by a new process after a silence of more than three minutes', async () => {
    await world.rounds(60, pair);
    world.pass(180_001);
    pair = [world.start(EAST_1), pair[1]];
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS);
  });

  it('is not carried on from a heartbeat whose age nobody can tell: it is of a time to come', async () => {
    primary.view.clockMs += HOUR_MS;
    await world.rounds(60, pair);
    world.pass(HOUR_MS / 2);
    pair = [world.start(EAST_1), pair[1]];
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS);
  });

  const badRounds = async (...isBad: readonly boolean[]): Promise<void> => {
    for (const one of isBad) {
      primary.view.probes[EAST_1] = one ? REFUSED : SERVED;
      await world.rounds(1, pair);
    }
    primary.view.probes[EAST_1] = SERVED;
  };

  it('is not ended by one bad round', async () => {
    await world.rounds(60, pair);
    await badRounds(false, true, false, false, true, false);
    expect(await roundsUntilBack()).toBe(SOAK_ROUNDS - 65);
  });

  it.each([
    ['two bad rounds', [true, true]],
    ['two bad rounds of three', [true, false, true]],
  ])('starts over after %s', async (_name, isBad) => {
    await world.rounds(60, pair);
    await badRounds(...isBad);
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS);
  });

  it('starts over when the Region is impaired', async () => {
    await world.rounds(60, pair);
    primary.view.alarms[EAST_1] = 'impaired';
    await world.rounds(1, pair);
    primary.view.alarms[EAST_1] = 'clear';
    expect(await roundsUntilBack()).toBeGreaterThanOrEqual(SOAK_ROUNDS);
  });

  it('is told in the heartbeat, with whether the Region serves', async () => {
    await world.rounds(60, pair);
    const beat = () => world.routing.presences.get(EAST_1);
    const before = beat();
    expect(before?.serving).toBe(true);
    // It was impaired in the round of the move, and is written before that of now is judged.
    const healthyMs = (before?.atEpochMs ?? 0) - (before?.healthySinceEpochMs ?? 0);
    expect(healthyMs).toBe(59 * INTERVAL_MS);
    await badRounds(true, true);
    await primary.look();
    expect(beat()).toMatchObject({ serving: false, healthySinceEpochMs: null });
  });
});
