import { beforeEach, describe, expect, it } from 'vitest';
import {
  createFailoverWorld,
  EAST_1,
  EAST_2,
  type FailoverWorld,
  type Process,
  SERVED,
  UNREACHABLE,
} from './failover-world.ts';

describe('a pair of orchestrators', () => {
  let world: FailoverWorld;
  let primary: Process;
  let secondary: Process;

  beforeEach(async () => {
    world = createFailoverWorld();
    primary = world.start(EAST_1);
    secondary = world.start(EAST_2);
    await world.rounds(4, [primary, secondary]);
  });

  /** The primary is gone: it beats no more, and nobody reaches it. */
  const losePrimary = () => {
    secondary.view.probes[EAST_1] = UNREACHABLE;
    secondary.view.alarms[EAST_1] = 'unknown';
  };

  it('changes nothing while all is well, and says how its Region is configured', () => {
    expect(world.routing.entries).toEqual([]);
    expect(world.routing.presences.get(EAST_1)).toMatchObject({
      policy: 'active-passive',
      serving: true,
    });
  });

  it('moves traffic off a lost Region once, does what must follow, and tells people', async () => {
    losePrimary();
    await world.rounds(10, [secondary]);
    expect(world.routing.entries).toMatchObject([
      { epoch: 1, change: 'failover', active: [EAST_2], actor: 'orchestrator:us-east-2' },
    ]);
    expect(secondary.followed).toEqual(['verify 1', 'sweep 1']);
    expect(secondary.reports).toMatchObject([
      { trigger: 'test', report: { kind: 'moved', entry: { epoch: 1 }, steps: [{}, {}] } },
    ]);
  });

  it('takes a Region for lost when its heartbeat has been silent for a minute', async () => {
    losePrimary();
    // Its last beat was seen 10 s ago, and is seen not to have moved from then on.
    await world.rounds(6, [secondary]);
    expect(world.routing.entries).toEqual([]);
    await world.rounds(1, [secondary]);
    expect(world.routing.entries).toHaveLength(1);
  });

  it('leaves a lost Region though each invocation meets a new process', async () => {
    let moved = false;
    for (let minute = 0; minute < 2 && !moved; minute += 1) {
      const fresh = world.start(EAST_2);
      fresh.view.probes[EAST_1] = UNREACHABLE;
      fresh.view.alarms[EAST_1] = 'unknown';
      // A watch of 45 s; nobody looks for the rest of the minute.
      const reports = await world.rounds(5, [fresh]);
      moved = reports.some(({ kind }) => kind === 'moved');
      world.pass(15_000);
    }
    expect(world.routing.entries).toMatchObject([{ change: 'failover', active: [EAST_2] }]);
  });

  it('leaves traffic where it is while the lost one still beats: the link is broken', async () => {
    losePrimary();
    await world.rounds(10, [secondary, primary]);
    expect(world.routing.entries).toEqual([]);
  });

  it('leaves traffic where it is for half a minute without a Region that had just begun to beat', async () => {
    const other = createFailoverWorld();
    const [late, early] = [other.start(EAST_1), other.start(EAST_2)];
    await other.rounds(4, [early]);
    await other.rounds(1, [late, early]);
    early.view.probes[EAST_1] = UNREACHABLE;
    early.view.alarms[EAST_1] = 'unknown';
    expect(await other.rounds(5, [early])).toMatchObject([
      { kind: 'waited', because: 'peer-unsure' },
    ]);
    // Nor is it forgotten: after a minute it is lost.
    await other.rounds(2, [early]);
    expect(other.routing.entries).toMatchObject([{ change: 'failover', active: [EAST_2] }]);
  });

  it('moves traffic off an impaired Region whose health is green', async () => {
    primary.view.alarms[EAST_1] = 'impaired';
    secondary.view.alarms[EAST_1] = 'impaired';
    await world.rounds(1, [primary, secondary]);
    expect(world.routing.entries).toMatchObject([{ epoch: 1, active: [EAST_2] }]);
  });

  it('moves nothing while both are impaired', async () => {
    for (const { view } of [primary, secondary]) {
      view.alarms[EAST_1] = 'impaired';
      view.alarms[EAST_2] = 'impaired';
    }
    await world.rounds(10, [primary, secondary]);
    expect(world.routing.entries).toEqual([]);
  });

  it('makes one transition for a Region that flaps', async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      const isUp = turn % 9 === 8;
      secondary.view.probes[EAST_1] = isUp ? SERVED : UNREACHABLE;
      await world.rounds(1, isUp ? [primary, secondary] : [secondary]);
    }
    await world.rounds(40, [primary, secondary]);
    expect(world.routing.entries).toHaveLength(1);
  });

  it('moves nothing back by itself when the lost Region returns', async () => {
    losePrimary();
    await world.rounds(10, [secondary]);
    secondary.view.probes[EAST_1] = SERVED;
    await world.rounds(500, [primary, secondary]);
    expect(world.routing.entries).toHaveLength(1);
  });

  it.each(['newest', 'append'] as const)('stays where it is while %s fails', async (call) => {
    losePrimary();
    secondary.view.broken.set(call, 'before');
    const [last] = await world.rounds(10, [secondary]);
    expect(last?.kind).toBe('blind');
    expect(world.routing.entries).toEqual([]);
    expect(secondary.followed).toEqual([]);
  });

  it('moves nothing while its own heartbeat can not be written', async () => {
    secondary.view.alarms[EAST_1] = 'impaired';
    secondary.view.broken.set('beat', 'before');
    const [last] = await world.rounds(5, [secondary]);
    expect(last).toMatchObject({ kind: 'waited', because: 'own-not-healthy' });
    expect(world.routing.entries).toEqual([]);
  });

  it('needs evidence of its own before it judges: a new process waits', async () => {
    const fresh = world.start(EAST_2);
    fresh.view.probes[EAST_1] = UNREACHABLE;
    fresh.view.alarms[EAST_1] = 'unknown';
    expect(await world.rounds(2, [fresh])).toMatchObject([
      { kind: 'waited', because: 'peer-unsure' },
    ]);
  });

  it('takes a fresh message for evidence only where the alarm itself can not be asked', async () => {
    const hint = { region: EAST_1, impaired: true, changedAtEpochMs: world.nowMs() };
    await secondary.round({ ...hint, changedAtEpochMs: world.nowMs() - 1 });
    expect(world.routing.entries).toEqual([]);
    const other = world.start(EAST_2);
    await world.rounds(3, [other]);
    other.view.alarms[EAST_1] = 'unknown';
    await other.round({ ...hint, changedAtEpochMs: world.nowMs() - 120_001 });
    expect(world.routing.entries).toEqual([]);
    await other.round({ ...hint, changedAtEpochMs: world.nowMs() });
    expect(world.routing.entries).toHaveLength(1);
  });

  it('takes a message for evidence on the Region that it names, and on no other', async () => {
    secondary.view.alarms[EAST_1] = 'unknown';
    secondary.view.alarms[EAST_2] = 'unknown';
    const hint = { region: EAST_1, impaired: true, changedAtEpochMs: world.nowMs() };
    const report = await secondary.round(hint);
    expect(report).toMatchObject({
      kind: 'moved',
      seen: { own: { alarm: 'unknown', verdict: 'healthy' }, peer: { alarm: 'impaired' } },
    });
  });

  it('leaves what an operator drained drained', async () => {
    world.enter({ active: [EAST_1], drained: [EAST_1] });
    secondary.view.alarms[EAST_1] = 'impaired';
    await world.rounds(1, [secondary]);
    expect(world.routing.entries.at(-1)).toMatchObject({
      ...{ epoch: 2, change: 'failover', active: [EAST_2], drained: [EAST_1], mode: 'auto' },
    });
  });
});
