import { describe, expect, it } from 'vitest';
import { MemoryEngine } from '../memory-engine.ts';
import { TestNetwork } from '../test-network.ts';
import {
  EAST_1,
  EAST_2,
  eventualRead,
  put,
  strongRead,
  tableOver,
  WITNESS,
  write,
} from '../test-table.ts';

function gate() {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Lets everything that waits for no gate run to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function twoReplicas(options: ConstructorParameters<typeof MemoryEngine>[0] = {}) {
  const network = new TestNetwork();
  const engines = { [EAST_1]: new MemoryEngine(options), [EAST_2]: new MemoryEngine() };
  return { network, engines, ...tableOver(engines, network) };
}

/** The second replica's engine loses the requests of the calls that `fails` names, by number. */
function secondFailing(fails: (call: number) => boolean) {
  const network = new TestNetwork();
  const second = new MemoryEngine({ fails: (call) => (fails(call) ? 'request' : null) });
  const engines = { [EAST_1]: new MemoryEngine(), [EAST_2]: second };
  return { engines, ...tableOver(engines, network) };
}

const conditionFailed = { status: 400 };
const unavailable = { status: 500, code: 'InternalServerError' };

describe('writes and reads without faults', () => {
  it('has a write on every replica before it is acknowledged', async () => {
    const { table, engines } = twoReplicas();
    await put(table, EAST_2, 'a', '1');
    expect(engines[EAST_1].items.get('a')).toEqual({ p: { S: 'a' }, v: { S: '1' } });
    expect(engines[EAST_2].items).toEqual(engines[EAST_1].items);
  });

  it('evaluates a condition on the latest version, whichever Region asks', async () => {
    const { table } = twoReplicas();
    await put(table, EAST_1, 'a', '1');
    const again = await write(table, EAST_2, 'PutItem', 'a', {
      Item: { p: { S: 'a' }, v: { S: '2' } },
      ConditionExpression: 'attribute_not_exists(p)',
    });
    expect(again).toMatchObject(conditionFailed);
    expect(await strongRead(table, EAST_2, 'a')).toBe('1');
  });

  it('replicates what an update made of the item, and hides what only replication asked for', async () => {
    const { table, engines } = twoReplicas();
    const update = {
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: 'new' } },
    };
    expect(await write(table, EAST_1, 'UpdateItem', 'a', update)).toEqual({
      status: 200,
      body: {},
    });
    const shown = await write(table, EAST_1, 'UpdateItem', 'a', {
      ...update,
      ReturnValues: 'ALL_NEW',
    });
    expect(shown.body).toEqual({ Attributes: { p: { S: 'a' }, v: { S: 'new' } } });
    expect(engines[EAST_2].items.get('a')).toEqual({ p: { S: 'a' }, v: { S: 'new' } });
  });

  it('replicates a deletion', async () => {
    const { table, engines } = twoReplicas();
    await put(table, EAST_1, 'a', '1');
    await write(table, EAST_2, 'DeleteItem', 'a');
    expect(engines[EAST_1].items.size).toBe(0);
    expect(engines[EAST_2].items.size).toBe(0);
  });
});

describe('two writers of one item', () => {
  it('rejects the later one of another Region with ReplicatedWriteConflictException', async () => {
    const { open, opened } = gate();
    const { table } = twoReplicas({ pause: () => opened });
    const first = put(table, EAST_1, 'a', '1');
    await expect(put(table, EAST_2, 'a', '2')).rejects.toMatchObject({
      status: 400,
      code: 'ReplicatedWriteConflictException',
    });
    open();
    expect(await first).toMatchObject({ status: 200 });
    expect(await put(table, EAST_2, 'a', '2')).toMatchObject({ status: 200 });
  });

  it('queues the later one of the same Region', async () => {
    const { open, opened } = gate();
    const { table, engines } = twoReplicas({ pause: () => opened });
    const first = put(table, EAST_1, 'a', '1');
    const second = put(table, EAST_1, 'a', '2');
    await settled();
    expect(engines[EAST_1].calls).toHaveLength(1);
    open();
    await Promise.all([first, second]);
    expect(engines[EAST_1].items.get('a')).toMatchObject({ v: { S: '2' } });
  });

  it('does not execute a write whose caller went away while it waited', async () => {
    const { open, opened } = gate();
    const { table, engines } = twoReplicas({ pause: () => opened });
    const first = put(table, EAST_1, 'a', '1');
    const caller = new AbortController();
    const item = { Item: { p: { S: 'a' }, v: { S: '2' } } };
    const second = write(table, EAST_1, 'PutItem', 'a', item, caller.signal);
    caller.abort();
    open();
    await first;
    await expect(second).rejects.toMatchObject(unavailable);
    expect(engines[EAST_1].items.get('a')).toMatchObject({ v: { S: '1' } });
  });
});

describe('a Region that reaches no other', () => {
  it('rejects its writes and strong reads, and serves eventual reads', async () => {
    const { table, network } = twoReplicas();
    await put(table, EAST_1, 'a', '1');
    network.set(EAST_1, 'isolated');
    await expect(put(table, EAST_1, 'a', '2')).rejects.toMatchObject(unavailable);
    await expect(strongRead(table, EAST_1, 'a')).rejects.toMatchObject(unavailable);
    expect(await put(table, EAST_2, 'a', '3')).toMatchObject({ status: 200 });
    expect(await strongRead(table, EAST_2, 'a')).toBe('3');
    expect(await eventualRead(table, EAST_1, 'a')).toBe('1');
  });

  it('catches up by itself once it is reached again', async () => {
    const { table, network, pending, engines } = twoReplicas();
    network.set(EAST_2, 'killed');
    await put(table, EAST_1, 'a', '1');
    await put(table, EAST_1, 'a', '2');
    await put(table, EAST_1, 'b', '1');
    await write(table, EAST_1, 'DeleteItem', 'b');
    expect(pending[EAST_2]?.size).toBe(2);
    expect(engines[EAST_2].items.size).toBe(0);
    network.heal();
    await settled();
    expect(pending[EAST_2]?.size).toBe(0);
    expect(engines[EAST_2].items).toEqual(engines[EAST_1].items);
  });

  it('stays with the witness in service when the other replica is lost', async () => {
    const { table, network } = twoReplicas();
    network.set(EAST_2, 'killed');
    expect(await put(table, EAST_1, 'a', '1')).toMatchObject({ status: 200 });
    network.set(WITNESS, 'killed');
    await expect(put(table, EAST_1, 'a', '2')).rejects.toMatchObject(unavailable);
  });

  it('counts as cut off when its links work one way only', async () => {
    const { table, network } = twoReplicas();
    network.cut(EAST_1, EAST_2);
    network.cut(WITNESS, EAST_1);
    await expect(put(table, EAST_1, 'a', '1')).rejects.toMatchObject(unavailable);
    expect(await put(table, EAST_2, 'a', '1')).toMatchObject({ status: 200 });
  });

  it('answers 500 to a write during which it was cut off, and keeps the write', async () => {
    const { open, opened } = gate();
    const { table, network } = twoReplicas({ pause: () => opened });
    const writing = put(table, EAST_1, 'a', '1');
    await settled();
    network.set(EAST_1, 'isolated');
    open();
    await expect(writing).rejects.toMatchObject(unavailable);
    expect(await strongRead(table, EAST_2, 'a')).toBe('1');
  });

  it('executes nothing that still waited for its turn when the links went', async () => {
    const { open, opened } = gate();
    const { table, network } = twoReplicas({ pause: () => opened });
    const first = put(table, EAST_1, 'a', '1').catch(() => 'failed');
    const second = put(table, EAST_1, 'a', '2');
    await settled();
    network.set(EAST_1, 'isolated');
    open();
    await expect(second).rejects.toMatchObject(unavailable);
    await first;
    expect(await strongRead(table, EAST_2, 'a')).toBe('1');
  });
});

describe('a change of the leader', () => {
  it('is recorded before the new leader serves', async () => {
    const { table, network, leadersRecorded, engines } = twoReplicas();
    network.set(EAST_1, 'killed');
    await put(table, EAST_2, 'a', '1');
    expect(leadersRecorded).toEqual([EAST_2]);
    expect(engines[EAST_1].calls).toEqual([]);
    network.heal();
    await settled();
    // The new one stays: moving back would be a second pause for nothing.
    expect(table.status()).toMatchObject({ leader: EAST_2 });
  });

  it('waits for the writes in flight, so that what a read saw does not disappear', async () => {
    const { open, opened } = gate();
    const slowAnswer = (moment: string, operation: string) =>
      moment === 'after' && operation === 'PutItem' ? opened : Promise.resolve();
    const { table, network } = twoReplicas({ pause: slowAnswer });
    const writing = put(table, EAST_1, 'a', '1').catch(() => 'unknown outcome');
    await settled();
    expect(await strongRead(table, EAST_2, 'a')).toBe('1');
    network.set(EAST_1, 'killed');
    const reading = strongRead(table, EAST_2, 'a');
    await settled();
    open();
    expect(await reading).toBe('1');
    await writing;
  });

  it('lets a replica that lags lead: what an operation concerns is applied first', async () => {
    const { network, engines, table, pending } = twoReplicas();
    network.set(EAST_2, 'killed');
    await put(table, EAST_1, 'a', '1');
    await put(table, EAST_1, 'b', '1');
    // It comes back in the moment in which the other one goes: nobody has caught up.
    engines[EAST_2].become('restarting');
    network.set(EAST_2, 'up');
    network.set(EAST_1, 'killed');
    expect(pending[EAST_2]?.size).toBe(2);
    expect(await strongRead(table, EAST_2, 'a')).toBe('1');
    expect(pending[EAST_2]?.size).toBe(1);
    const create = { Item: { p: { S: 'b' } }, ConditionExpression: 'attribute_not_exists(p)' };
    expect(await write(table, EAST_2, 'PutItem', 'b', create)).toMatchObject(conditionFailed);
  });

  it('moves when an engine is lost for good', async () => {
    const { table, engines } = twoReplicas();
    await put(table, EAST_1, 'a', '1');
    engines[EAST_1].become('lost');
    expect(table.status()).toMatchObject({ leader: EAST_2 });
    expect(await put(table, EAST_1, 'a', '2')).toMatchObject({ status: 200 });
    expect(await strongRead(table, EAST_2, 'a')).toBe('2');
  });
});

describe('an engine that gives no answer', () => {
  it.each([
    ['request', null],
    ['answer', '1'],
  ] as const)(
    'settles a write of which the %s was lost, the same on every replica',
    async (loses, value) => {
      const { table, engines } = twoReplicas({ fails: (call) => (call === 1 ? loses : null) });
      await expect(put(table, EAST_1, 'a', '1')).rejects.toMatchObject(unavailable);
      expect(await strongRead(table, EAST_1, 'a')).toBe(value);
      expect(engines[EAST_2].items).toEqual(engines[EAST_1].items);
    },
  );

  it('keeps what a replica did not take, and brings it when the engine is back', async () => {
    const { table, pending, reports, engines } = secondFailing((call) => call <= 2);
    expect(await put(table, EAST_1, 'a', '1')).toMatchObject({ status: 200 });
    await settled();
    expect(pending[EAST_2]?.size).toBe(1);
    expect(reports.join()).toContain('stopped catching up with 1 items to go');
    engines[EAST_2].become('restarting');
    engines[EAST_2].become('ready');
    await settled();
    expect(engines[EAST_2].items).toEqual(engines[EAST_1].items);
  });

  it('tries again by itself to bring a replica what it did not take', async () => {
    const { table, pending, reports, engines, timers } = secondFailing((call) => call <= 4);
    await put(table, EAST_1, 'a', '1');
    const delaysMs: number[] = [];
    for (let tries = 0; tries < 3; tries++) {
      await settled();
      delaysMs.push(...timers.delaysMs);
      timers.elapse();
    }
    await settled();
    expect(delaysMs).toEqual([100, 200, 400]);
    expect(pending[EAST_2]?.size).toBe(0);
    expect(engines[EAST_2].items).toEqual(engines[EAST_1].items);
    expect(reports).toHaveLength(1);
    expect(reports.join()).toContain('It is tried again');
  });

  it('waits no longer than five seconds between two tries', async () => {
    const { table, timers } = secondFailing(() => true);
    await put(table, EAST_1, 'a', '1');
    for (let tries = 0; tries < 9; tries++) {
      await settled();
      timers.elapse();
    }
    await settled();
    expect(timers.delaysMs).toEqual([5_000]);
    await table.stop();
    expect(timers.delaysMs).toEqual([]);
  });

  it('catches up when the engine came back before its failed run had ended', async () => {
    const { open, opened } = gate();
    const network = new TestNetwork();
    const dies = { now: false };
    const engines = {
      [EAST_1]: new MemoryEngine({
        // Holds the lock of c, so that one worker of the catching up waits for it.
        pause: (_, operation) => (operation === 'UpdateItem' ? opened : Promise.resolve()),
      }),
      [EAST_2]: new MemoryEngine({ fails: () => (dies.now ? 'request' : null) }),
    };
    const { table, pending, timers } = tableOver(engines, network);
    network.set(EAST_2, 'killed');
    for (const key of ['a', 'b', 'c']) await put(table, EAST_1, key, '1');
    const update = write(table, EAST_1, 'UpdateItem', 'c', {
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: '2' } },
    });
    await settled();
    dies.now = true;
    network.heal();
    await settled();
    engines[EAST_2].become('restarting');
    dies.now = false;
    engines[EAST_2].become('ready');
    open();
    await update;
    await settled();
    timers.elapse();
    await settled();
    expect(pending[EAST_2]?.size).toBe(0);
    expect(engines[EAST_2].items).toEqual(engines[EAST_1].items);
  });

  it('brings an engine that is revived to what the others have, when it took a write with it', async () => {
    // The second write takes effect unseen; the engine takes nothing more after it.
    const broken = { now: false };
    const fails = (call: number) => (broken.now ? (call === 2 ? 'answer' : 'request') : null);
    const { table, engines } = twoReplicas({ fails });
    await put(table, EAST_1, 'a', '1');
    broken.now = true;
    await expect(put(table, EAST_1, 'a', '2')).rejects.toMatchObject(unavailable);
    engines[EAST_1].become('lost');
    expect(await strongRead(table, EAST_2, 'a')).toBe('1');
    expect(engines[EAST_1].items.get('a')).toMatchObject({ v: { S: '2' } });
    broken.now = false;
    await engines[EAST_1].revive();
    await settled();
    expect(engines[EAST_1].items).toEqual(engines[EAST_2].items);
    expect(await eventualRead(table, EAST_1, 'a')).toBe('1');
  });

  it('says so when nobody can tell what became of a write', async () => {
    const { table, reports } = twoReplicas({ fails: () => 'answer' });
    expect(table.hasUnsettledWrites).toBe(false);
    await expect(put(table, EAST_1, 'a', '1')).rejects.toMatchObject(unavailable);
    expect(reports.join()).toContain('could not say whether it happened');
    expect(table.hasUnsettledWrites).toBe(true);
  });
});

describe('stopping', () => {
  it('lets a write in flight end and rejects the next one', async () => {
    const { open, opened } = gate();
    const { table, engines } = twoReplicas({ pause: () => opened });
    const writing = put(table, EAST_1, 'a', '1');
    await settled();
    const stopped = table.stop();
    await expect(put(table, EAST_1, 'b', '1')).rejects.toMatchObject(unavailable);
    open();
    expect(await writing).toMatchObject({ status: 200 });
    await stopped;
    expect(engines[EAST_2].items.size).toBe(1);
  });
});
