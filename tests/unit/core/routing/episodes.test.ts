/** What a fault does to traffic over hours, with the rules as they are unless somebody configures them. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbeSample } from '#core/routing/judge-region.ts';
import {
  createFailoverWorld,
  EAST_1,
  EAST_2,
  type FailoverWorld,
  HOUR_MS,
  INTERVAL_MS,
  type Process,
  REGIONS,
  roundsOf,
  SERVED,
  UNREACHABLE,
} from './failover-world.ts';

const SLOW: ProbeSample = { kind: 'served', latencyMs: 1_050 };
const SOAK_MS = 1_800_000;

let world: FailoverWorld;
let primary: Process;
let secondary: Process;
let both: readonly Process[];

beforeEach(async () => {
  world = createFailoverWorld();
  primary = world.start(EAST_1);
  secondary = world.start(EAST_2);
  both = [primary, secondary];
  await world.rounds(4, both);
});

/** What a process sees of the other Region. */
function seesPeer(one: Process, sample: ProbeSample): void {
  one.view.probes[one.own === EAST_1 ? EAST_2 : EAST_1] = sample;
}

describe('a slow link between the Regions', () => {
  it('moves nothing in six hours, as slow as it may be each time', async () => {
    for (const one of both) seesPeer(one, SLOW);
    await world.rounds(roundsOf(6 * HOUR_MS), both);
    expect(world.routing.entries).toEqual([]);
  });

  it('moves nothing in six hours when it is slow every second time', async () => {
    await world.rounds(roundsOf(6 * HOUR_MS), both, (count) => {
      for (const one of both) seesPeer(one, count % 2 === 0 ? SLOW : SERVED);
    });
    expect(world.routing.entries).toEqual([]);
  });

  it('that loses two probes of three moves nothing in six hours', async () => {
    await world.rounds(roundsOf(6 * HOUR_MS), both, (count) => {
      for (const one of both) seesPeer(one, count % 3 === 0 ? SERVED : UNREACHABLE);
    });
    expect(world.routing.entries).toEqual([]);
  });

  it('does not hide a Region that is slow by its own account', async () => {
    seesPeer(secondary, SLOW);
    primary.view.probes[EAST_1] = SLOW;
    await world.rounds(roundsOf(HOUR_MS), both);
    expect(world.routing.entries).toMatchObject([{ epoch: 1, active: [EAST_2] }]);
  });
});

/** A watch of 45 s, beating and looking every 9 s, and then none for 16 s. */
function isWatched(second: number): boolean {
  const within = second % 61;
  return within <= 45 && within % 9 === 0;
}

/** Six hours of watches, half a minute apart. */
async function watchForSixHours(): Promise<void> {
  let looks = 0;
  for (let second = 0; second < (6 * HOUR_MS) / 1_000; second += 1) {
    if (isWatched(second)) await primary.round();
    if (isWatched(second + 30)) {
      await secondary.round();
      looks += 1;
    }
    world.pass(1_000);
  }
  expect(looks).toBeGreaterThan(2_000);
}

describe('with the gaps of the watch in both heartbeats', () => {
  it('a link that is broken one way moves nothing in six hours', async () => {
    seesPeer(secondary, UNREACHABLE);
    secondary.view.alarms[EAST_1] = 'unknown';
    await watchForSixHours();
    expect(world.routing.entries).toEqual([]);
  });

  it('a link that is slow both ways moves nothing in six hours', async () => {
    for (const one of both) seesPeer(one, SLOW);
    await watchForSixHours();
    expect(world.routing.entries).toEqual([]);
  });
});

describe('a Region whose front door is gone while its heartbeat beats', () => {
  it('is left once', async () => {
    for (const { view } of both) view.probes[EAST_1] = UNREACHABLE;
    await world.rounds(roundsOf(HOUR_MS), both);
    expect(world.routing.entries).toMatchObject([{ epoch: 1, active: [EAST_2] }]);
    for (const { view } of both) view.probes[EAST_1] = SERVED;
    await world.rounds(roundsOf(HOUR_MS), both);
    expect(world.routing.entries).toHaveLength(1);
  });
});

describe('a fault that both Regions have', () => {
  /** The alarm rings wherever traffic is, a minute after it came. */
  async function breakBothFor(ms: number): Promise<void> {
    let active = EAST_1;
    let sinceMs = world.nowMs();
    await world.rounds(roundsOf(ms), both, () => {
      const now = world.routing.entries.at(-1)?.active[0] ?? EAST_1;
      if (now !== active) sinceMs = world.nowMs();
      active = now;
      for (const region of REGIONS) {
        const rings = region === active && world.nowMs() - sinceMs >= 60_000;
        for (const { view } of both) view.alarms[region] = rings ? 'impaired' : 'clear';
      }
    });
  }

  const calm = async (ms: number): Promise<void> => {
    for (const { view } of both) {
      for (const region of REGIONS) view.alarms[region] = 'clear';
    }
    await world.rounds(roundsOf(ms), both);
  };

  it('moves traffic once in three hours', async () => {
    await breakBothFor(3 * HOUR_MS);
    expect(world.routing.entries).toMatchObject([{ epoch: 1, active: [EAST_2] }]);
  });

  it('moves traffic again when it comes back after it was over for the soak time', async () => {
    await breakBothFor(3 * HOUR_MS);
    await calm(SOAK_MS + 5 * INTERVAL_MS);
    await breakBothFor(3 * HOUR_MS);
    expect(world.routing.entries).toMatchObject([{ active: [EAST_2] }, { active: [EAST_1] }]);
  });

  it('is the same one when it was over for less', async () => {
    await breakBothFor(3 * HOUR_MS);
    await calm(SOAK_MS - 12 * INTERVAL_MS);
    await breakBothFor(3 * HOUR_MS);
    expect(world.routing.entries).toHaveLength(1);
  });

  it('does not keep traffic in a Region that is lost', async () => {
    await breakBothFor(HOUR_MS);
    seesPeer(primary, UNREACHABLE);
    primary.view.alarms[EAST_1] = 'clear';
    primary.view.alarms[EAST_2] = 'unknown';
    await world.rounds(20, [primary]);
    expect(world.routing.entries).toMatchObject([{ active: [EAST_2] }, { active: [EAST_1] }]);
  });
});

describe('a Region that is grey again after a failback, and shows it under traffic alone', () => {
  const ringing = (region: string, rings: boolean) => {
    for (const { view } of both) view.alarms[region] = rings ? 'impaired' : 'clear';
  };
  const places = () => world.routing.entries.map(({ change, active }) => `${change} ${active[0]}`);

  beforeEach(async () => {
    ringing(EAST_1, true);
    await world.rounds(1, both);
    ringing(EAST_1, false);
    await world.rounds(roundsOf(HOUR_MS), both);
    world.enter({ change: 'failback', active: [EAST_1] });
    await world.rounds(3, both);
    ringing(EAST_1, true);
  });

  it('is left once more, after the cooldown', async () => {
    await world.rounds(26, both);
    expect(world.routing.entries).toHaveLength(2);
    await world.rounds(10, both);
    expect(places()).toEqual([`failover ${EAST_2}`, `failback ${EAST_1}`, `failover ${EAST_2}`]);
    ringing(EAST_1, false);
    ringing(EAST_2, true);
    await world.rounds(roundsOf(HOUR_MS), both);
    expect(world.routing.entries).toHaveLength(3);
  });

  it('is left by a process that did not see the failback', async () => {
    const fresh = world.start(EAST_2);
    fresh.view.alarms[EAST_1] = 'impaired';
    await world.rounds(40, [primary, fresh]);
    expect(places().at(-1)).toBe(`failover ${EAST_2}`);
    expect(world.routing.entries).toHaveLength(3);
  });

  it('is left after an entry that moved nothing, by a process that saw the failback', async () => {
    world.enter({ change: 'mode', mode: 'manual' });
    world.enter({ change: 'mode', mode: 'auto' });
    const fresh = world.start(EAST_2);
    fresh.view.alarms[EAST_1] = 'impaired';
    await world.rounds(40, [primary, fresh]);
    expect(world.routing.entries).toHaveLength(4);
    await world.rounds(1, [secondary]);
    await world.rounds(3, both);
    expect(places().at(-1)).toBe(`failover ${EAST_2}`);
  });

  it('keeps traffic when the other was not well since: it may be the fault of both', async () => {
    ringing(EAST_2, true);
    await world.rounds(1, both);
    ringing(EAST_2, false);
    await world.rounds(roundsOf(HOUR_MS), both);
    expect(world.routing.entries).toHaveLength(2);
  });
});

describe('a Region that goes grey long after traffic had come to it', () => {
  beforeEach(async () => {
    world.enter({ change: 'failover', active: [EAST_2] });
    await world.rounds(roundsOf(SOAK_MS) + 5, both);
  });

  it('is left by a process that an alarm has just started', async () => {
    const fresh = world.start(EAST_1);
    fresh.view.alarms[EAST_2] = 'impaired';
    await world.rounds(3, [fresh]);
    expect(world.routing.entries).toMatchObject([{}, { change: 'failover', active: [EAST_1] }]);
  });
});

describe('a process that was frozen for two hours', () => {
  it('decides nothing on what it saw before', async () => {
    seesPeer(secondary, UNREACHABLE);
    secondary.view.alarms[EAST_1] = 'unknown';
    await world.rounds(2, [secondary]);
    world.pass(2 * HOUR_MS);
    // A third bad probe, and a heartbeat that it has not seen for two hours: no evidence of now.
    expect(await world.rounds(1, [secondary])).toMatchObject([{ because: 'peer-unsure' }]);
    // Three of now, and the silence is counted anew: nobody knows whether it beat meanwhile.
    expect(await world.rounds(2, [secondary])).toMatchObject([{ because: 'peer-unsure' }]);
    seesPeer(secondary, SERVED);
    await world.rounds(10, both);
    expect(world.routing.entries).toEqual([]);
  });

  it('takes a heartbeat that moved meanwhile for one that beats', async () => {
    seesPeer(secondary, UNREACHABLE);
    secondary.view.alarms[EAST_1] = 'unknown';
    await world.rounds(2, both);
    world.pass(40_000);
    const before = await secondary.look();
    expect(before.peer.probes).toMatchObject([{ kind: 'unreachable', silentForMs: 0 }]);
  });

  it('does not believe that its own Region is healthy still', async () => {
    secondary.view.alarms[EAST_1] = 'impaired';
    world.pass(2 * HOUR_MS);
    expect(await world.rounds(1, [secondary])).toMatchObject([{ because: 'own-not-healthy' }]);
  });

  it('is left though each watch of the other Region met a new process', async () => {
    const other = createFailoverWorld();
    const stays = other.start(EAST_2);
    other.enter({ change: 'failover', active: [EAST_2] });
    const watch = async (alarm: 'clear' | 'impaired') => {
      const fresh = other.start(EAST_1);
      fresh.view.alarms[EAST_2] = alarm;
      await other.rounds(5, [fresh, stays]);
      other.pass(INTERVAL_MS);
    };
    // What is counted of each minute is from the first verdict to the last beat.
    const minutes = SOAK_MS / 20_000;
    for (let minute = 0; minute < minutes - 5; minute += 1) await watch('clear');
    await watch('impaired');
    expect(other.routing.entries).toHaveLength(1);
    for (let minute = 0; minute < minutes + 5; minute += 1) await watch('clear');
    await watch('impaired');
    expect(other.routing.entries).toMatchObject([{}, { change: 'failover', active: [EAST_1] }]);
  });
});
