/** What one process makes of what it sees; what follows from it is in orchestrate.test.ts and episodes.test.ts. */

import { beforeEach, describe, expect, it } from 'vitest';
import {
  createFailoverWorld,
  EAST_1,
  EAST_2,
  type FailoverWorld,
  type Process,
  REFUSED,
  UNREACHABLE,
} from './failover-world.ts';

describe('an observer', () => {
  let world: FailoverWorld;
  let primary: Process;
  let secondary: Process;

  beforeEach(async () => {
    world = createFailoverWorld();
    primary = world.start(EAST_1);
    secondary = world.start(EAST_2);
    await world.rounds(4, [primary, secondary]);
  });

  const look = async (count: number) => {
    let last = await secondary.look();
    for (let more = 1; more < count; more += 1) {
      world.pass(10_000);
      last = await secondary.look();
    }
    return last;
  };

  it.each(['read', 'beat'] as const)(
    'counts no silence and judges itself unsure while %s fails',
    async (call) => {
      secondary.view.probes[EAST_1] = UNREACHABLE;
      await look(3);
      secondary.view.broken.set(call, 'before');
      const seen = await look(10);
      expect(seen.beaten).toBe(false);
      expect(seen.own.verdict).toBe('unsure');
      expect(seen.peer).toMatchObject({ verdict: 'unsure' });
      expect(seen.peer.probes.at(-1)).toMatchObject({ silentForMs: null, says: null });
    },
  );

  it('stops saying that its Region serves when it could not beat twice', async () => {
    secondary.view.broken.set('beat', 'before');
    expect((await look(1)).ownHealthyForMs).not.toBeNull();
    expect((await look(1)).ownHealthyForMs).toBeNull();
  });

  it('hears what the other Region says while its heartbeat is fresh, and counts on after', async () => {
    secondary.view.probes[EAST_1] = UNREACHABLE;
    const heard: unknown[] = [];
    for (let count = 0; count < 4; count += 1) {
      heard.push((await look(1)).peer.probes.at(-1));
      world.pass(10_000);
    }
    // Fresh for a third of the minute that makes it silent.
    expect(heard).toEqual([
      { kind: 'unreachable', silentForMs: 0, says: 'serving' },
      { kind: 'unreachable', silentForMs: 10_000, says: 'serving' },
      { kind: 'unreachable', silentForMs: 20_000, says: 'serving' },
      { kind: 'unreachable', silentForMs: 30_000, says: null },
    ]);
  });

  it('counts a beat, not its time: a clock that stands still does not make it silent', async () => {
    secondary.view.probes[EAST_1] = UNREACHABLE;
    for (let count = 0; count < 20; count += 1) {
      primary.view.clockMs -= 10_000;
      await primary.look();
      await look(1);
      world.pass(10_000);
    }
    expect((await look(1)).peer.verdict).toBe('unsure');
  });

  it('does not vouch for itself: its own door is gone though it beats', async () => {
    secondary.view.probes[EAST_2] = UNREACHABLE;
    const seen = await look(3);
    expect(seen.own).toMatchObject({ verdict: 'unsure' });
    expect(seen.own.probes.at(-1)).toEqual({ kind: 'unreachable', silentForMs: 0, says: null });
    expect(seen.ownHealthyForMs).toBeNull();
  });

  it('says nothing of its Region before it has found out, and then what it found', async () => {
    const fresh = createFailoverWorld();
    const [one] = [fresh.start(EAST_1)];
    const said = () => fresh.routing.presences.get(EAST_1)?.serving;
    await fresh.rounds(3, [one]);
    expect(said()).toBeNull();
    await fresh.rounds(1, [one]);
    expect(said()).toBe(true);

    const unwell = createFailoverWorld();
    const other = unwell.start(EAST_1);
    other.view.probes[EAST_1] = REFUSED;
    await unwell.rounds(2, [other]);
    expect(unwell.routing.presences.get(EAST_1)?.serving).toBeNull();
    await unwell.rounds(1, [other]);
    expect(unwell.routing.presences.get(EAST_1)?.serving).toBe(false);
  });

  it.each([
    ['three minutes', 180_000, false],
    ['longer', 180_001, null],
  ])('takes over that its Region can not serve, where that is %s old', async (_age, ms, said) => {
    primary.view.probes[EAST_1] = REFUSED;
    await world.rounds(3, [primary]);
    world.pass(ms - 10_000);
    await world.start(EAST_1).look();
    expect(world.routing.presences.get(EAST_1)?.serving).toBe(said);
  });

  it("goes by an alarm's message in later rounds too, until the next message", async () => {
    secondary.view.alarms[EAST_1] = 'unknown';
    const hint = { region: EAST_1, impaired: true, changedAtEpochMs: world.nowMs() };
    expect((await secondary.look(hint)).peer.verdict).toBe('impaired');
    expect((await look(5)).peer.verdict).toBe('impaired');
    secondary.hear({ ...hint, impaired: false, changedAtEpochMs: world.nowMs() });
    expect((await look(1)).peer).toMatchObject({ alarm: 'clear', verdict: 'healthy' });
  });

  it('says in its heartbeat how long the other Region was well since the newest move', async () => {
    const said = () => world.routing.presences.get(EAST_2)?.peerHealthy;
    expect(said()).toBeNull();
    world.enter({ change: 'failover', active: [EAST_2] });
    await world.rounds(4, [primary, secondary]);
    // Written before the round's own verdict is known.
    expect(said()).toEqual({ movedEpoch: 1, forMs: 20_000 });
    const fresh = world.start(EAST_2);
    await fresh.look();
    expect(said()).toEqual({ movedEpoch: 1, forMs: 20_000 });
    world.enter({ change: 'failback', active: [EAST_1] });
    await world.rounds(2, [fresh]);
    expect(said()).toEqual({ movedEpoch: 2, forMs: 0 });
    // One that does not know of it yet takes nothing back.
    await secondary.look();
    expect(said()).toEqual({ movedEpoch: 2, forMs: 0 });
  });

  it('goes on from the silence that another process of its Region has watched', async () => {
    const said = () => world.routing.presences.get(EAST_2)?.peerSilence;
    secondary.view.probes[EAST_1] = UNREACHABLE;
    await look(4);
    const beat = world.routing.presences.get(EAST_1)?.beat;
    expect(said()).toEqual({ beat, forMs: 30_000 });
    // Later than any process remembers: how long nobody looked does not count.
    world.pass(100_000);
    const fresh = world.start(EAST_2);
    fresh.view.probes[EAST_1] = UNREACHABLE;
    expect((await fresh.look()).peer.probes).toEqual([
      { kind: 'unreachable', silentForMs: 30_000, says: null },
    ]);
    world.pass(10_000);
    await fresh.look();
    expect(said()).toEqual({ beat, forMs: 40_000 });
    // What is known of one beat says nothing of the next.
    await primary.look();
    expect((await fresh.look()).peer.probes.at(-1)).toMatchObject({ silentForMs: 0 });
    expect(said()).toMatchObject({ forMs: 0 });
  });

  it('asks the other Region in its first round, once it has read where that is', async () => {
    const fresh = world.start(EAST_2);
    expect((await fresh.look()).peer.probes).toMatchObject([{ kind: 'served' }]);
  });

  it('asks nobody of whom it does not know where he is', async () => {
    const alone = createFailoverWorld();
    const seen = await alone.start(EAST_2).look();
    expect(seen.peer).toMatchObject({ probes: [], verdict: 'unsure' });
  });

  it("keeps the newest epoch after which all was done, its own or another process's", async () => {
    const other = world.start(EAST_2);
    for (const one of [secondary, other]) one.view.alarms[EAST_1] = 'impaired';
    await secondary.round();
    await secondary.look();
    expect(await other.look()).toMatchObject({ followedEpoch: 1 });
    expect(world.routing.presences.get(EAST_2)).toMatchObject({ followedEpoch: 1 });
    await other.look();
    expect(world.routing.presences.get(EAST_2)).toMatchObject({ followedEpoch: 1 });
  });
});
