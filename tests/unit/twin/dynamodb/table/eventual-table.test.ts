import { describe, expect, it } from 'vitest';
import { MemoryEngine } from '../memory-engine.ts';
import { TestNetwork } from '../test-network.ts';
import {
  EAST_1,
  EAST_2,
  eventualRead,
  eventualTableOver,
  put,
  strongRead,
  write,
} from '../test-table.ts';

const WEST = 'us-west-2';
const LAG_MS = 100;

/** Lets everything that waits for no gate run to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function world(options: ConstructorParameters<typeof MemoryEngine>[0] = {}) {
  const network = new TestNetwork();
  const engines = { [EAST_1]: new MemoryEngine(options), [EAST_2]: new MemoryEngine() };
  const made = eventualTableOver(engines, network);
  const pass = async (ms: number) => {
    made.passMs(ms);
    await settled();
  };
  const at = async (region: string, key = 'a') => eventualRead(made.table, region, key);
  const replica = (region: string) =>
    made.table.status().replicas.find((one) => one.region === region);
  return { network, engines, pass, at, replica, ...made };
}

describe('replication', () => {
  it('acknowledges a write that only its own Region has, and brings it over after the lag', async () => {
    const { table, at, pass } = world();
    expect((await put(table, EAST_1, 'a', '1')).status).toBe(200);
    await pass(LAG_MS - 1);
    expect([await at(EAST_1), await at(EAST_2)]).toEqual(['1', null]);
    await pass(1);
    expect(await at(EAST_2)).toBe('1');
  });

  it('brings what an update made of the item, and a deletion', async () => {
    const { table, at, pass, engines } = world();
    await write(table, EAST_2, 'UpdateItem', 'a', {
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: 'new' } },
    });
    await pass(LAG_MS);
    expect(await at(EAST_1)).toBe('new');
    await write(table, EAST_1, 'DeleteItem', 'a');
    await pass(LAG_MS);
    expect(engines[EAST_2].items.size).toBe(0);
  });

  it('sends nothing of a write that was refused', async () => {
    const { table, pass, engines } = world();
    await put(table, EAST_1, 'a', '1');
    await pass(LAG_MS);
    const { length } = engines[EAST_2].calls;
    const create = { Item: { p: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(p)' };
    expect((await write(table, EAST_1, 'PutItem', 'a', create)).status).toBe(400);
    await pass(LAG_MS);
    expect(engines[EAST_2].calls).toHaveLength(length);
  });

  it('remembers versions only while a write is under way', async () => {
    const { table, pass } = world();
    await Promise.all([put(table, EAST_1, 'a', '1'), put(table, EAST_2, 'b', '1')]);
    expect(table.itemsUnderWay).toBe(2);
    await pass(LAG_MS);
    expect(table.itemsUnderWay).toBe(0);
  });

  it('goes by the order of the writes where the clock was set back between them', async () => {
    const { table, at, pass, network } = world();
    network.cut(EAST_1, EAST_2);
    await put(table, EAST_1, 'a', 'earlier');
    await pass(-3_600_000);
    await put(table, EAST_2, 'a', 'later');
    await pass(LAG_MS);
    network.heal();
    await settled();
    expect([await at(EAST_1), await at(EAST_2)]).toEqual(['later', 'later']);
  });
});

describe('two Regions that write one item', () => {
  it('both succeed, by conditions on their own replica, and the last one wins everywhere', async () => {
    const { table, at, pass } = world();
    const create = (region: string, value: string) =>
      write(table, region, 'PutItem', 'a', {
        Item: { p: { S: 'a' }, v: { S: value } },
        ConditionExpression: 'attribute_not_exists(p)',
      });
    expect((await create(EAST_2, 'first')).status).toBe(200);
    expect((await create(EAST_1, 'second')).status).toBe(200);
    expect(await strongRead(table, EAST_2, 'a')).toBe('first');
    await pass(LAG_MS);
    expect([await at(EAST_1), await at(EAST_2)]).toEqual(['second', 'second']);
  });

  it('keeps the later write when an earlier one of the other Region comes after it', async () => {
    const { table, at, pass, network } = world();
    network.lag(EAST_1, 5_000);
    await put(table, EAST_1, 'a', 'slow');
    await put(table, EAST_2, 'a', 'later');
    await pass(LAG_MS);
    expect(await at(EAST_1)).toBe('later');
    await pass(5_000);
    expect([await at(EAST_1), await at(EAST_2)]).toEqual(['later', 'later']);
  });

  it('lets a write of the other Region wait for the one that is at work, without a conflict', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { table, at, pass } = world({
      pause: (moment, name) =>
        moment === 'before' && name === 'UpdateItem' ? gate : Promise.resolve(),
    });
    await put(table, EAST_2, 'a', 'arrives');
    const update = write(table, EAST_1, 'UpdateItem', 'a', {
      UpdateExpression: 'SET v = :v',
      ExpressionAttributeValues: { ':v': { S: 'at work' } },
    });
    await pass(LAG_MS);
    open();
    expect((await update).status).toBe(200);
    await pass(LAG_MS);
    expect([await at(EAST_1), await at(EAST_2)]).toEqual(['at work', 'at work']);
  });
});

describe('cuts', () => {
  it.each(['isolated', 'killed', 'frozen'] as const)(
    'a Region that is %s keeps what has not got out, and sends it when it is back',
    async (condition) => {
      const { table, at, pass, network, replica } = world();
      await put(table, EAST_1, 'a', 'stuck');
      await put(table, EAST_1, 'a', 'stuck too');
      network.set(EAST_1, condition);
      await put(table, EAST_2, 'b', 'other');
      await pass(60_000);
      expect([await at(EAST_2, 'a'), await at(EAST_1, 'b')]).toEqual([null, null]);
      expect(replica(EAST_2)).toMatchObject({ pendingItems: 1, caughtUp: false, lagMs: 60_000 });
      network.heal();
      await settled();
      expect([await at(EAST_2, 'a'), await at(EAST_1, 'b')]).toEqual(['stuck too', 'other']);
      expect(replica(EAST_2)).toMatchObject({ pendingItems: 0, caughtUp: true, lagMs: 0 });
    },
  );

  it('leaves an isolated Region all of its reads and writes', async () => {
    const { table, network } = world();
    network.set(EAST_1, 'isolated');
    expect((await put(table, EAST_1, 'a', '1')).status).toBe(200);
    expect(await strongRead(table, EAST_1, 'a')).toBe('1');
  });

  it('stops a write that waits for an item when the link is cut', async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => (open = resolve));
    const { table, at, pass, network } = world({
      pause: (_moment, name) => (name === 'DeleteItem' ? gate : Promise.resolve()),
    });
    await put(table, EAST_2, 'a', '1');
    const refused = write(table, EAST_1, 'DeleteItem', 'a', {
      ConditionExpression: 'v = :old',
      ExpressionAttributeValues: { ':old': { S: 'none' } },
    });
    await pass(LAG_MS);
    network.cut(EAST_2, EAST_1);
    open();
    expect((await refused).status).toBe(400);
    await settled();
    expect(await at(EAST_1)).toBe(null);
    network.heal();
    await settled();
    expect(await at(EAST_1)).toBe('1');
  });

  it('cuts one direction by itself', async () => {
    const { table, at, pass, network } = world();
    network.cut(EAST_1, EAST_2);
    await put(table, EAST_1, 'a', '1');
    await put(table, EAST_2, 'b', '1');
    await pass(LAG_MS);
    expect([await at(EAST_2, 'a'), await at(EAST_1, 'b')]).toEqual([null, '1']);
  });
});

describe('lag', () => {
  it('counts for what is on its way too, when it begins and when it ends', async () => {
    const { table, at, pass, network, replica } = world();
    await put(table, EAST_1, 'a', '1');
    network.lag(EAST_1, 5_000);
    await pass(4_999);
    expect(await at(EAST_2)).toBe(null);
    expect(replica(EAST_2)).toMatchObject({ pendingItems: 1, lagMs: 4_999 });
    network.lag(EAST_1, null);
    await settled();
    expect(await at(EAST_2)).toBe('1');
  });

  it('leaves the other direction alone', async () => {
    const { table, at, pass, network } = world();
    network.lag(EAST_1, 5_000);
    await put(table, EAST_2, 'a', '1');
    await pass(LAG_MS);
    expect(await at(EAST_1)).toBe('1');
  });
});

describe('three replicas', () => {
  it('end alike when the one in the middle hears of the writes in the wrong order', async () => {
    const network = new TestNetwork();
    const engines = {
      [EAST_1]: new MemoryEngine(),
      [EAST_2]: new MemoryEngine(),
      [WEST]: new MemoryEngine(),
    };
    const { table, passMs } = eventualTableOver(engines, network);
    network.cut(EAST_1, WEST);
    await put(table, EAST_1, 'a', 'earlier');
    await put(table, EAST_2, 'a', 'later');
    passMs(LAG_MS);
    await settled();
    expect(await eventualRead(table, WEST, 'a')).toBe('later');
    network.heal();
    await settled();
    for (const region of [EAST_1, EAST_2, WEST]) {
      expect(await eventualRead(table, region, 'a')).toBe('later');
    }
    expect(table.itemsUnderWay).toBe(0);
  });
});

describe('engines that fail', () => {
  it('answers 500 to a write without an answer, and sends what became of it', async () => {
    const { table, at, pass } = world({ fails: (call) => (call === 1 ? 'answer' : null) });
    await expect(put(table, EAST_1, 'a', '1')).rejects.toMatchObject({ status: 500 });
    await pass(LAG_MS);
    expect([await at(EAST_1), await at(EAST_2)]).toEqual(['1', '1']);
    expect(table.hasUnsettledWrites).toBe(false);
  });

  it('says so when nobody can tell what became of a write', async () => {
    const { table, reports } = world({ fails: () => 'request' });
    await expect(put(table, EAST_1, 'a', '1')).rejects.toMatchObject({ status: 500 });
    expect(table.hasUnsettledWrites).toBe(true);
    expect(reports).toEqual([expect.stringContaining('until it is written again')]);
  });

  it('keeps what the other engine does not take until it does', async () => {
    const { table, at, pass, engines, replica } = world();
    engines[EAST_1].become('lost');
    await put(table, EAST_2, 'a', '1');
    await pass(LAG_MS);
    expect(replica(EAST_1)).toMatchObject({ pendingItems: 1, engine: 'lost' });
    engines[EAST_1].become('ready');
    await settled();
    expect(await at(EAST_1)).toBe('1');
  });
});

describe('stop', () => {
  it('ends the timers and refuses what comes', async () => {
    const { table, timers, engines, network } = world();
    await put(table, EAST_1, 'a', '1');
    await table.stop();
    expect(timers.delaysMs).toEqual([]);
    network.heal();
    await settled();
    expect(engines[EAST_2].items.size).toBe(0);
    await expect(put(table, EAST_1, 'a', '2')).rejects.toMatchObject({ status: 500 });
    await expect(strongRead(table, EAST_1, 'a')).rejects.toMatchObject({ status: 500 });
  });

  it('rejects a write whose caller has gone', async () => {
    const { table, engines } = world();
    const gone = AbortSignal.abort();
    await expect(write(table, EAST_1, 'DeleteItem', 'a', {}, gone)).rejects.toMatchObject({
      status: 500,
    });
    expect(engines[EAST_1].calls).toEqual([]);
  });
});
