import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listDeadLetters, printable } from '#ops/dead-letters.ts';
import { type RedriveRequest, redriveDeadLetters } from '#ops/redrive-dead-letters.ts';
import { showDeadLetter } from '#ops/show-dead-letter.ts';
import {
  body,
  connectionOf,
  type DeadLetterWorld,
  isVisible,
  journalOf,
  PARKED_FOR,
  portsOf,
  startDeadLetters,
} from './dead-letter-world.ts';
import { EAST_1, EAST_2, lostRegion, NOW } from './dynalite-environment.ts';
import { createMemoryQueues, type MemoryQueues, refused } from './memory-queues.ts';

let world: DeadLetterWorld;
beforeEach(async () => {
  world = await startDeadLetters();
});
afterEach(async () => {
  await world.table.close();
});

const DEAD = { receiptHandle: 'r', body: '', sentAtEpochMs: 0, receives: 1, attributes: {} };

const connection = (region: string, queues: MemoryQueues) => connectionOf(world, region, queues);
const ports = (regions?: Parameters<typeof portsOf>[1]) => portsOf(world, regions);

async function list(filter: string | null = null, limit = 100) {
  return listDeadLetters({ filter, limit }, ports());
}

async function redrive(changes: Partial<RedriveRequest> = {}) {
  const request = { filter: null, dryRun: false, force: false, ...changes };
  return redriveDeadLetters(request, ports(), () => undefined);
}

describe('listing dead letters', () => {
  it('shows messages of both Regions and parked payments in one list', async () => {
    const { letters, truncated, unreached } = await list();
    expect(
      letters.map(({ kind, region, transactionId, attempts, reason }) => [
        kind,
        region,
        transactionId,
        attempts,
        reason,
      ]),
    ).toEqual([
      ['message', EAST_1, 'open-1', 4, 'its payment is ACCEPTED, and open'],
      ['message', EAST_1, null, 4, 'not a payment message'],
      ['message', EAST_1, 'nobody', 4, 'no such payment'],
      ['message', EAST_2, 'open-2', 4, 'its payment is ACCEPTED, and open'],
      ['parked', EAST_2, 'parked-1', 20, PARKED_FOR],
    ]);
    expect(letters[1]?.excerpt).toBe('"not \\u0007 json"');
    expect({ truncated, unreached }).toEqual({ truncated: false, unreached: [] });
  });

  it('gives every message back', async () => {
    await list();
    expect(isVisible(world.east1) && isVisible(world.east2)).toBe(true);
    expect(world.east1.dead).toHaveLength(3);
  });

  it('gives messages back when looking at them fails', async () => {
    const broken = {
      ...ports(),
      readJournals: async () => Promise.reject(new TypeError('defect')),
    };
    await expect(listDeadLetters({ filter: null, limit: 9 }, broken)).rejects.toThrow('defect');
    expect(isVisible(world.east1)).toBe(true);
  });

  it('finds by the beginning of a transaction_id or by a part of the reason', async () => {
    const ids = async (filter: string) =>
      (await list(filter)).letters.map((one) => one.transactionId);
    expect(await ids('open-')).toEqual(['open-1', 'open-2']);
    expect(await ids('gateway')).toEqual(['parked-1']);
    expect(await ids('pen-1')).toEqual([]);
  });

  it('shows no more than asked for and says that there may be more', async () => {
    expect(await list(null, 2)).toMatchObject({ letters: [{}, {}], truncated: true });
    expect(isVisible(world.east1)).toBe(true);
  });

  it('looks through a queue of many messages, each once', async () => {
    const bodies = Array.from({ length: 73 }, (_unused, index) => body(`many-${index}`));
    world.east1 = createMemoryQueues(EAST_1, bodies);
    const { letters } = await list('many-');
    expect(new Set(letters.map(({ transactionId }) => transactionId)).size).toBe(73);
    expect(letters).toHaveLength(73);
  });

  it('serves the other Region when one is lost, and names it', async () => {
    const regions = [lostRegion(EAST_1), connection(EAST_2, world.east2)];
    const found = await listDeadLetters({ filter: null, limit: 9 }, ports(regions));
    expect(found.letters.map(({ transactionId }) => transactionId)).toEqual(['open-2', 'parked-1']);
    expect(found.unreached).toMatchObject([{ region: EAST_1 }]);
  });

  it('leaves a message alone whose id stands for another request now', async () => {
    const message = JSON.stringify({ transaction_id: 'open-1', fingerprint: 'of another' });
    world.east1 = createMemoryQueues(EAST_1, [message]);
    const reason = 'accepted, and its id stands for another request now';
    expect((await list('open-1')).letters).toMatchObject([{ transactionId: 'open-1', reason }]);
    const { letters } = await redrive({ filter: 'open-1' });
    expect(letters).toMatchObject([{ transactionId: 'open-1', outcome: 'skipped' }]);
    expect(world.east1.sent).toEqual([]);
  });

  it('sends one back whose id stands for its own request', async () => {
    const { fingerprint } = journalOf('open-1');
    world.east1 = createMemoryQueues(EAST_1, [
      JSON.stringify({ transaction_id: 'open-1', fingerprint }),
    ]);
    expect((await redrive({ filter: 'open-1' })).letters).toMatchObject([{ outcome: 'redriven' }]);
  });

  it('fails when nothing answers', async () => {
    const regions = [lostRegion(EAST_1), lostRegion(EAST_2)];
    await expect(listDeadLetters({ filter: null, limit: 9 }, ports(regions))).rejects.toMatchObject(
      { kind: 'fault' },
    );
  });
});

describe('redriving dead letters', () => {
  it('sends messages back in their own Region, opens parked payments and leaves what is poison', async () => {
    const { letters } = await redrive();
    expect(letters.map(({ transactionId, outcome }) => [transactionId, outcome])).toEqual([
      ['open-1', 'redriven'],
      [null, 'skipped'],
      ['nobody', 'skipped'],
      ['open-2', 'redriven'],
      ['parked-1', 'redriven'],
    ]);
    expect([world.east1.sent, world.east2.sent]).toEqual([[body('open-1')], [body('open-2')]]);
    expect(world.east1.dead.map(({ id }) => id)).toEqual([`${EAST_1}-1`, `${EAST_1}-2`]);
    expect(isVisible(world.east1)).toBe(true);
    const items = await world.table.items();
    const parked = items.find((item) => item['transaction_id']?.S === 'parked-1');
    expect(parked).toMatchObject({ due_at: { N: String(NOW) }, attempts: { N: '1' } });
    expect(parked).not.toHaveProperty('parked');
  });

  it('does nothing the second time', async () => {
    await redrive({ filter: 'open-' });
    expect((await redrive({ filter: 'open-' })).letters).toEqual([]);
    expect(world.east1.sent).toHaveLength(1);
  });

  it('changes nothing on a dry run', async () => {
    const before = await world.table.items();
    const { letters } = await redrive({ dryRun: true });
    expect(letters.filter(({ outcome }) => outcome === 'would-redrive')).toHaveLength(3);
    expect([world.east1.sent, world.east2.sent, world.east1.dead.length]).toEqual([[], [], 3]);
    expect(await world.table.items()).toEqual(before);
  });

  it('sends poison back when forced to', async () => {
    await redrive({ force: true, filter: 'not a payment' });
    expect(world.east1.sent).toEqual(['not \u0007 json']);
    expect(world.east1.dead).toHaveLength(2);
  });

  it("uses the other Region's queue when its own takes nothing", async () => {
    world.east1.broken.set('SendMessageCommand', refused());
    const { letters } = await redrive({ filter: 'open-1' });
    expect(letters).toMatchObject([
      { outcome: 'redriven', because: `sent to the queue of ${EAST_2}` },
    ]);
    expect(world.east2.sent).toEqual([body('open-1')]);
    expect(world.east1.dead).toHaveLength(2);
  });

  it('deletes nothing that no queue took', async () => {
    world.east1.broken.set('SendMessageCommand', refused());
    world.east2.broken.set('SendMessageCommand', refused());
    expect((await redrive({ filter: 'open-1' })).letters).toMatchObject([{ outcome: 'failed' }]);
    expect(world.east1.dead).toHaveLength(3);
    expect(isVisible(world.east1)).toBe(true);
  });

  it('says that a message was sent when it could not be deleted', async () => {
    world.east1.broken.set('DeleteMessageCommand', refused());
    expect((await redrive({ filter: 'open-1' })).letters).toMatchObject([
      { outcome: 'failed', because: expect.stringContaining('sent, and not deleted') as string },
    ]);
  });

  it('opens no parked payment while nobody knows whose writes count', async () => {
    await world.table.dynamodb.send(
      new DeleteItemCommand({
        TableName: 'payments-control-dev',
        Key: { scope: { S: 'lease' }, sequence: { N: '0' } },
      }),
    );
    expect((await redrive({ filter: 'parked-' })).letters).toMatchObject([
      {
        outcome: 'failed',
        because: expect.stringContaining('no Region holds the lease') as string,
      },
    ]);
  });
});

describe('showing a dead letter', () => {
  it('finds it by its message id or by its transaction_id, with its payment', async () => {
    for (const id of [`${EAST_1}-0`, 'open-1']) {
      expect(await showDeadLetter(id, ports())).toMatchObject({
        messages: [{ messageId: `${EAST_1}-0`, body: '"{\\"transaction_id\\":\\"open-1\\"}"' }],
        payment: { transactionId: 'open-1', status: 'ACCEPTED', amount: '10.50' },
      });
    }
    expect(isVisible(world.east1)).toBe(true);
  });

  it('shows why a payment is parked', async () => {
    expect(await showDeadLetter('parked-1', ports())).toMatchObject({
      messages: [],
      payment: { parked: { reason: PARKED_FOR }, attempts: 20 },
    });
  });

  it('rejects an id that nothing has', async () => {
    await expect(showDeadLetter('who', ports())).rejects.toMatchObject({ kind: 'usage' });
  });

  it('says so when it did not see every message', async () => {
    const { queues, ...others } = ports();
    const again = { receive: async () => [{ ...DEAD, messageId: 'a' }] };
    const stuck = { ...queues[0], ...again } as (typeof queues)[0];
    await expect(showDeadLetter('who', { ...others, queues: [stuck] })).rejects.toThrow(
      `not all dead letters of ${EAST_1} could be looked at`,
    );
  });
});

describe('printable', () => {
  it('leaves nothing in a text that a terminal would obey', () => {
    expect(printable('\u001b[2J\u009b1m\u202eabc', 60)).toBe('"\\u001b[2J\\u009b1m\\u202eabc"');
    expect(printable('x'.repeat(70), 5)).toBe('"xxxxx…"');
  });
});
