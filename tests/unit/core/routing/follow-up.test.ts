/** What must follow a move is done once, whatever becomes of the process that made it. */

import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import {
  createFailoverWorld,
  EAST_1,
  EAST_2,
  type FailoverWorld,
  MINUTE_MS,
  type Process,
} from './failover-world.ts';

const STEPS = ['verify 1', 'sweep 1'];

describe('after a move', () => {
  let world: FailoverWorld;
  let one: Process;
  let other: Process;

  beforeEach(async () => {
    world = createFailoverWorld();
    const primary = world.start(EAST_1);
    one = world.start(EAST_2);
    other = world.start(EAST_2);
    await world.rounds(4, [primary, one, other]);
    one.view.alarms[EAST_1] = 'impaired';
    other.view.alarms[EAST_1] = 'impaired';
  });

  it('does the steps, reports, and says so in its next heartbeat', async () => {
    expect(await one.round()).toMatchObject({ kind: 'moved' });
    expect(world.routing.presences.get(EAST_2)?.followedEpoch).toBe(0);
    expect(await one.look()).toMatchObject({ followedEpoch: 1 });
    expect(world.routing.presences.get(EAST_2)?.followedEpoch).toBe(1);
  });

  it('does the steps in the next round when the answer to the append was lost', async () => {
    one.view.broken.set('append', 'after');
    expect(await one.round()).toMatchObject({
      kind: 'blind',
      because: { code: 'outcome_unknown' },
    });
    expect(one.followed).toEqual([]);
    one.view.broken.clear();
    await world.rounds(5, [one]);
    expect(world.routing.entries).toHaveLength(1);
    expect(one.followed).toEqual(STEPS);
    expect(one.reports).toMatchObject([{ report: { kind: 'followed-up', entry: { epoch: 1 } } }]);
    await world.rounds(5, [one, other]);
    expect(other.followed).toEqual([]);
    expect(other.reports).toEqual([]);
  });

  it('leaves the steps of a process that died to the next one of its Region', async () => {
    one.view.broken.set('append', 'after');
    await one.round();
    const fresh = world.start(EAST_2);
    // Whoever made the entry may be at it still, for as long as an invocation lasts.
    await world.rounds(6, [fresh]);
    expect(fresh.followed).toEqual([]);
    await world.rounds(1, [fresh]);
    expect(fresh.followed).toEqual(STEPS);
    expect(fresh.reports).toMatchObject([{ report: { kind: 'followed-up' } }]);
    await world.rounds(3, [other, fresh]);
    expect([...other.followed, ...fresh.followed]).toEqual(STEPS);
  });

  it('does the steps anew when it was cut off in the middle of them', async () => {
    one.view.throws.set('sweep', new TypeError('a defect'));
    await expect(one.round()).rejects.toThrow('a defect');
    expect(one.reports).toEqual([]);
    one.view.throws.clear();
    await world.rounds(3, [one]);
    expect(one.followed).toEqual([...STEPS, ...STEPS]);
    expect(one.reports).toMatchObject([{ report: { kind: 'followed-up' } }]);
  });

  it('does no steps twice at once', async () => {
    let end: () => void = () => undefined;
    const sweeping = new Promise<void>((resolve) => (end = resolve));
    const slow = world.start(EAST_2);
    await world.rounds(3, [slow]);
    slow.view.alarms[EAST_1] = 'impaired';
    slow.view.waits = sweeping;
    const moving = slow.round();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    expect(slow.followed).toEqual(['verify 1']);
    expect(await slow.round()).toMatchObject({ kind: 'waited' });
    end();
    expect(await moving).toMatchObject({ kind: 'moved' });
    expect(slow.followed).toEqual(STEPS);
  });

  it('leaves the steps to the process that is at them, and does them when that was cut off', async () => {
    one.view.waits = new Promise(() => undefined);
    void one.round();
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await world.rounds(1, [other]);
    expect(one.followed).toEqual(['verify 1']);
    world.pass(MINUTE_MS - 20_000);
    expect(await other.round()).toMatchObject({ kind: 'waited' });
    expect(other.followed).toEqual([]);
    world.pass(20_000);
    expect(await other.round()).toMatchObject({ kind: 'followed-up' });
    expect(other.followed).toEqual(STEPS);
  });

  it.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('waits a minute at most where its clock is an hour %s', async (_name, clockMs) => {
    one.view.broken.set('append', 'after');
    await one.round();
    const fresh = world.start(EAST_2, clockMs);
    await world.rounds(7, [fresh]);
    expect(fresh.followed).toEqual(STEPS);
  });

  it('tells until it could be told, and does no step again for that', async () => {
    one.view.throws.set('report', new AppError('unavailable', 'no topic'));
    expect(await one.round()).toMatchObject({ kind: 'moved', steps: [{}, {}] });
    expect(await one.look()).toMatchObject({ followedEpoch: 0 });
    await world.rounds(2, [one]);
    one.view.throws.clear();
    await world.rounds(2, [one]);
    expect(one.followed).toEqual(STEPS);
    expect(one.reports).toMatchObject([
      { report: { kind: 'followed-up', steps: [{ name: 'verify' }, { name: 'sweep' }] } },
    ]);
    expect(await one.look()).toMatchObject({ followedEpoch: 1 });
  });

  it('does the steps again until it could be told, where one of them failed', async () => {
    one.view.throws.set('report', new AppError('unavailable', 'no topic'));
    one.view.throws.set('verify', new AppError('unavailable', 'no payment went through'));
    await one.round();
    one.view.throws.clear();
    await world.rounds(2, [one]);
    expect(one.followed).toEqual([...STEPS, ...STEPS]);
    expect(one.reports).toMatchObject([{ report: { steps: [{ outcome: 'done' }, {}] } }]);
  });

  it('passes on a defect of the report', async () => {
    one.view.throws.set('report', new TypeError('a defect'));
    await expect(one.round()).rejects.toBeInstanceOf(TypeError);
  });

  it("does nobody else's steps: neither an operator's nor the other Region's", async () => {
    one.view.alarms[EAST_1] = 'clear';
    world.enter({ change: 'failover', active: [EAST_2] });
    await world.rounds(3, [one]);
    expect(one.followed).toEqual([]);
  });

  it('waits with the steps while the control table does not say whether they are done', async () => {
    one.view.broken.set('append', 'after');
    await one.round();
    one.view.broken.clear();
    one.view.broken.set('beat', 'before');
    await world.rounds(3, [one]);
    expect(one.followed).toEqual([]);
  });

  it('goes on with the other steps when one of them fails, and reports each', async () => {
    one.view.throws.set('verify', new AppError('unavailable', 'no payment went through'));
    one.view.throws.set('sweep', new AppError('outcome_unknown', 'nobody was told'));
    const steps = [
      { name: 'verify', outcome: 'failed', detail: 'no payment went through', tookMs: 0 },
      { name: 'sweep', outcome: 'failed', detail: 'nobody was told', tookMs: 0 },
    ];
    expect(await one.round()).toMatchObject({ kind: 'moved', steps });
    expect(one.reports).toMatchObject([{ report: { steps } }]);
    // Told is told: it is not tried for ever.
    await world.rounds(3, [one]);
    expect(one.followed).toEqual(STEPS);
  });

  it('passes on what is no fault of a port', async () => {
    one.view.throws.set('verify', new TypeError('a defect'));
    await expect(one.round()).rejects.toBeInstanceOf(TypeError);
  });
});
