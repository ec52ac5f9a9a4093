import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalToItem } from '#adapters/payment-items.ts';
import { AppError } from '#core/app-error.ts';
import { type Journal, openJournal } from '#core/journal.ts';
import { type CloseRequest, closeDeadLetter } from '#ops/close-dead-letter.ts';
import { connectDeadLetters } from '#ops/connect-dead-letters.ts';
import { listDeadLetters, printable } from '#ops/dead-letters.ts';
import { journalsOf } from '#ops/judge-messages.ts';
import { OpsError } from '#ops/ops-error.ts';
import { type RedriveRequest, redriveDeadLetters } from '#ops/redrive-dead-letters.ts';
import { showDeadLetter } from '#ops/show-dead-letter.ts';
import {
  EAST_1,
  EAST_2,
  environmentOf,
  lostRegion,
  NOW,
  startRegion,
  type TestRegion,
} from './dynalite-environment.ts';
import { createMemoryQueues, type MemoryQueues, refused } from './memory-queues.ts';

const AT = 1_700_000_000;
const PARKED_FOR = 'unavailable: the gateway did not answer';
let table: TestRegion;
let east1: MemoryQueues;
let east2: MemoryQueues;

beforeEach(async () => {
  table = await startRegion(EAST_1);
  east1 = createMemoryQueues(EAST_1, [body('open-1'), 'not \u0007 json', body('nobody')]);
  east2 = createMemoryQueues(EAST_2, [body('open-2')]);
  const lease = { holder: { S: EAST_1 }, epoch: { N: '1' }, renewals: { N: '0' } };
  await table.put(
    { scope: { S: 'lease' }, sequence: { N: '0' }, ...lease },
    'payments-control-dev',
  );
  for (const id of ['open-1', 'open-2']) await table.put(journalToItem(journalOf(id)));
  const parked = { atEpochMs: NOW - 60_000, reason: PARKED_FOR };
  const changes = { dueAtEpochMs: null, parked, attempts: 20 };
  await table.put(journalToItem(journalOf('parked-1', changes)));
});
afterEach(async () => {
  await table.close();
});

const DEAD = { receiptHandle: 'r', body: '', sentAtEpochMs: 0, receives: 1, attributes: {} };

function body(transactionId: string): string {
  return JSON.stringify({ transaction_id: transactionId });
}

function journalOf(transactionId: string, changes: Partial<Journal> = {}): Journal {
  const request = { transactionId, customerId: 'cust-1', amountMinor: 1050n, currency: 'USD' };
  const accepted = { atEpochMs: AT * 1_000, region: EAST_2 };
  return { ...openJournal(request, 'f'.repeat(64), accepted), ...changes };
}

/** Both Regions' queues, and a table that the second Region's client reaches too. */
function ports(regions = [connection(EAST_1, east1), connection(EAST_2, east2)]) {
  return connectDeadLetters(environmentOf(regions));
}

function connection(region: string, queues: MemoryQueues) {
  const { dynamodb, cloudwatch } = table;
  return { region, dynamodb, cloudwatch, sqs: queues.client };
}

async function list(filter: string | null = null, limit = 100) {
  return listDeadLetters({ filter, limit }, ports());
}

async function redrive(changes: Partial<RedriveRequest> = {}) {
  const request = { filter: null, dryRun: false, force: false, ...changes };
  return redriveDeadLetters(request, ports(), () => undefined);
}

function isVisible({ dead }: MemoryQueues): boolean {
  return dead.every((message) => message.isVisible);
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
    expect(isVisible(east1) && isVisible(east2)).toBe(true);
    expect(east1.dead).toHaveLength(3);
  });

  it('gives messages back when looking at them fails', async () => {
    const broken = {
      ...ports(),
      readJournals: async () => Promise.reject(new TypeError('defect')),
    };
    await expect(listDeadLetters({ filter: null, limit: 9 }, broken)).rejects.toThrow('defect');
    expect(isVisible(east1)).toBe(true);
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
    expect(isVisible(east1)).toBe(true);
  });

  it('looks through a queue of many messages, each once', async () => {
    const bodies = Array.from({ length: 73 }, (_unused, index) => body(`many-${index}`));
    east1 = createMemoryQueues(EAST_1, bodies);
    const { letters } = await list('many-');
    expect(new Set(letters.map(({ transactionId }) => transactionId)).size).toBe(73);
    expect(letters).toHaveLength(73);
  });

  it('serves the other Region when one is lost, and names it', async () => {
    const regions = [lostRegion(EAST_1), connection(EAST_2, east2)];
    const found = await listDeadLetters({ filter: null, limit: 9 }, ports(regions));
    expect(found.letters.map(({ transactionId }) => transactionId)).toEqual(['open-2', 'parked-1']);
    expect(found.unreached).toMatchObject([{ region: EAST_1 }]);
  });

  it('leaves a message alone whose id stands for another request now', async () => {
    const message = JSON.stringify({ transaction_id: 'open-1', fingerprint: 'of another' });
    east1 = createMemoryQueues(EAST_1, [message]);
    const reason = 'accepted, and its id stands for another request now';
    expect((await list('open-1')).letters).toMatchObject([{ transactionId: 'open-1', reason }]);
    const { letters } = await redrive({ filter: 'open-1' });
    expect(letters).toMatchObject([{ transactionId: 'open-1', outcome: 'skipped' }]);
    expect(east1.sent).toEqual([]);
  });

  it('sends one back whose id stands for its own request', async () => {
    const { fingerprint } = journalOf('open-1');
    east1 = createMemoryQueues(EAST_1, [JSON.stringify({ transaction_id: 'open-1', fingerprint })]);
    expect((await redrive({ filter: 'open-1' })).letters).toMatchObject([{ outcome: 'redriven' }]);
  });

  describe('with replicas of their own', () => {
    let other: TestRegion;
    beforeEach(async () => {
      other = await startRegion(EAST_2);
    });
    afterEach(async () => {
      await other.close();
    });
    /** The holder of the lease is us-east-1. */
    const both = () => ports([connection(EAST_1, east1), { ...other, sqs: east2.client }]);
    const reasonOfThat = async (id: string, used = both()) => {
      const { letters } = await listDeadLetters({ filter: id, limit: 9 }, used);
      return letters.map(({ reason }) => reason);
    };

    it('is in doubt about a payment that only the other replica has', async () => {
      await other.put(journalToItem(journalOf('only-there')));
      east2 = createMemoryQueues(EAST_2, [body('only-there')]);
      const reason = `the replica of ${EAST_2} alone has its payment: reconcile first`;
      expect(await reasonOfThat('only-there')).toEqual([reason]);
    });

    it('is in doubt where the replicas have two payments for one id, and closes neither letter', async () => {
      const letter = (fingerprint: string) =>
        JSON.stringify({ transaction_id: 'open-1', fingerprint });
      const theirs = { ...journalOf('open-1'), fingerprint: 'e'.repeat(64) };
      await other.put(journalToItem(theirs));
      east1 = createMemoryQueues(EAST_1, [letter('e'.repeat(64)), letter('f'.repeat(64))]);
      const reason = `the replica of ${EAST_2} has another payment for its id: reconcile first`;
      expect(await reasonOfThat('open-1')).toEqual([reason, reason]);
      const request = { messageId: `${EAST_1}-0`, force: false, dryRun: false };
      await expect(closeDeadLetter(request, both(), () => undefined)).rejects.toMatchObject({
        kind: 'refused',
      });
    });

    it('is in doubt while the replica that counts, or that may have it, can not be read', async () => {
      const used = (lost: string) =>
        ports([
          lost === EAST_1 ? lostRegion(EAST_1) : connection(EAST_1, east1),
          lost === EAST_2
            ? { ...lostRegion(EAST_2), sqs: east2.client }
            : { ...other, sqs: east2.client },
        ]);
      const lease = { holder: { S: EAST_1 }, epoch: { N: '1' }, renewals: { N: '0' } };
      const key = { scope: { S: 'lease' }, sequence: { N: '0' } };
      await other.put({ ...key, ...lease }, 'payments-control-dev');
      east2 = createMemoryQueues(EAST_2, [body('open-1')]);
      expect(await reasonOfThat('open-1', used(EAST_1))).toEqual([
        expect.stringMatching(/^us-east-1 holds the lease, and its replica can't be read: /),
      ]);
      east2 = createMemoryQueues(EAST_2, [body('who'), body('open-1')]);
      expect(await reasonOfThat('', used(EAST_2))).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^the replica of us-east-2, which may have its payment, can't be/),
          'its payment is ACCEPTED, and open',
        ]),
      );
    });

    it('lists what is parked as the Region has it whose writes count', async () => {
      const late = { dueAtEpochMs: null, attempts: 20 };
      const parked = { atEpochMs: NOW, reason: 'of a replica that is behind' };
      await other.put(journalToItem(journalOf('parked-there', { ...late, parked })));
      const used = ports([{ ...other, sqs: east2.client }, connection(EAST_1, east1)]);
      const lease = { holder: { S: EAST_1 }, epoch: { N: '1' }, renewals: { N: '0' } };
      const key = { scope: { S: 'lease' }, sequence: { N: '0' } };
      await other.put({ ...key, ...lease }, 'payments-control-dev');
      const { letters } = await listDeadLetters({ filter: 'parked', limit: 9 }, used);
      expect(letters.map(({ transactionId }) => transactionId)).toEqual(['parked-1']);
    });
  });

  it('asks no second replica where tables are strongly consistent', async () => {
    const other = await startRegion(EAST_2);
    await other.put(journalToItem(journalOf('only-there')));
    const environment = environmentOf([connection(EAST_1, east1), { ...other, sqs: east2.client }]);
    const read = journalsOf(environment, async () => ({
      ...{ consistency: 'strong', leading: null, reason: '' },
    }));
    const journals = await read(['open-1', 'only-there']);
    await other.close();
    expect([...journals.keys()]).toEqual(['open-1']);
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
    expect([east1.sent, east2.sent]).toEqual([[body('open-1')], [body('open-2')]]);
    expect(east1.dead.map(({ id }) => id)).toEqual([`${EAST_1}-1`, `${EAST_1}-2`]);
    expect(isVisible(east1)).toBe(true);
    const items = await table.items();
    const parked = items.find((item) => item['transaction_id']?.S === 'parked-1');
    expect(parked).toMatchObject({ due_at: { N: String(NOW) }, attempts: { N: '1' } });
    expect(parked).not.toHaveProperty('parked');
  });

  it('does nothing the second time', async () => {
    await redrive({ filter: 'open-' });
    expect((await redrive({ filter: 'open-' })).letters).toEqual([]);
    expect(east1.sent).toHaveLength(1);
  });

  it('changes nothing on a dry run', async () => {
    const before = await table.items();
    const { letters } = await redrive({ dryRun: true });
    expect(letters.filter(({ outcome }) => outcome === 'would-redrive')).toHaveLength(3);
    expect([east1.sent, east2.sent, east1.dead.length]).toEqual([[], [], 3]);
    expect(await table.items()).toEqual(before);
  });

  it('sends poison back when forced to', async () => {
    await redrive({ force: true, filter: 'not a payment' });
    expect(east1.sent).toEqual(['not \u0007 json']);
    expect(east1.dead).toHaveLength(2);
  });

  it("uses the other Region's queue when its own takes nothing", async () => {
    east1.broken.set('SendMessageCommand', refused());
    const { letters } = await redrive({ filter: 'open-1' });
    expect(letters).toMatchObject([
      { outcome: 'redriven', because: `sent to the queue of ${EAST_2}` },
    ]);
    expect(east2.sent).toEqual([body('open-1')]);
    expect(east1.dead).toHaveLength(2);
  });

  it('deletes nothing that no queue took', async () => {
    east1.broken.set('SendMessageCommand', refused());
    east2.broken.set('SendMessageCommand', refused());
    expect((await redrive({ filter: 'open-1' })).letters).toMatchObject([{ outcome: 'failed' }]);
    expect(east1.dead).toHaveLength(3);
    expect(isVisible(east1)).toBe(true);
  });

  it('says that a message was sent when it could not be deleted', async () => {
    east1.broken.set('DeleteMessageCommand', refused());
    expect((await redrive({ filter: 'open-1' })).letters).toMatchObject([
      { outcome: 'failed', because: expect.stringContaining('sent, and not deleted') as string },
    ]);
  });

  it('opens no parked payment while nobody knows whose writes count', async () => {
    await table.dynamodb.send(
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
    expect(isVisible(east1)).toBe(true);
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

describe('closing a dead letter', () => {
  const close = (messageId: string, changes: Partial<CloseRequest> = {}, used = ports()) =>
    closeDeadLetter({ messageId, force: false, dryRun: false, ...changes }, used, (message) =>
      said.push(message.body),
    );
  let said: string[] = [];
  beforeEach(() => {
    said = [];
  });
  const idsIn = ({ dead }: MemoryQueues) => dead.map(({ id }) => id);

  it.each([
    [`${EAST_1}-1`, 'not a payment message', '"not \\u0007 json"'],
    [`${EAST_1}-2`, 'no such payment', '"{\\"transaction_id\\":\\"nobody\\"}"'],
  ])('takes %s out, says all of it, and leaves the others', async (messageId, reason, text) => {
    const before = idsIn(east1);
    expect(await close(messageId)).toMatchObject({
      ...{ outcome: 'closed', reason },
      message: { messageId, region: EAST_1, body: text },
    });
    expect(idsIn(east1)).toEqual(before.filter((id) => id !== messageId));
    expect(isVisible(east1)).toBe(true);
    expect(said).toEqual([text]);
    await expect(close(messageId)).rejects.toMatchObject({ kind: 'usage' });
  });

  it('refuses one whose payment is there, unless forced to', async () => {
    const id = `${EAST_2}-0`;
    await expect(close(id)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/^its payment is ACCEPTED.*redrive it.*--force/) as string,
    });
    expect(isVisible(east2)).toBe(true);
    expect(await close(id, { force: true })).toMatchObject({ outcome: 'closed' });
    expect(idsIn(east2)).toEqual([]);
    expect(await showDeadLetter('open-2', ports())).toMatchObject({
      payment: { status: 'ACCEPTED' },
    });
  });

  it('refuses one of which nobody can tell', async () => {
    const readJournals = async () => Promise.reject(new OpsError('fault', 'no Region answers'));
    const blind = { ...ports(), readJournals };
    await expect(close(`${EAST_1}-2`, {}, blind)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/can't be read.*try again once/) as string,
    });
  });

  it('changes nothing on a dry run', async () => {
    const before = idsIn(east1);
    expect(await close(`${EAST_1}-1`, { dryRun: true })).toMatchObject({ outcome: 'would-close' });
    expect(idsIn(east1)).toEqual(before);
    expect(isVisible(east1)).toBe(true);
  });

  it('says that it is there still where it could not be deleted', async () => {
    const { queues, ...others } = ports();
    const stuck = queues.map((queue) => ({
      ...queue,
      remove: async () => Promise.reject(new AppError('unavailable', 'access denied')),
    }));
    await expect(close(`${EAST_1}-1`, {}, { ...others, queues: stuck })).rejects.toMatchObject({
      ...{ kind: 'fault', message: 'it was not deleted: access denied' },
    });
    expect(isVisible(east1)).toBe(true);
  });

  it('has said all of it, and says that it may be gone, where nobody knows what became of the deletion', async () => {
    const { queues, ...others } = ports();
    const long = 'x'.repeat(10_000);
    east1.dead.push({ id: 'long', body: long, receives: 3, isVisible: true });
    const lossy = queues.map((queue) => ({
      ...queue,
      remove: async (handle: string) => {
        await queue.remove(handle);
        throw new AppError('outcome_unknown', 'no answer in time');
      },
    }));
    await expect(close('long', {}, { ...others, queues: lossy })).rejects.toMatchObject({
      ...{ kind: 'fault', message: 'it may be deleted, or not: list again: no answer in time' },
    });
    expect(said).toEqual([`"${long}"`]);
    expect(idsIn(east1)).not.toContain('long');
  });

  it('finds it in the other Region when one is lost, and says what it did not see', async () => {
    const partial = ports([lostRegion(EAST_1), connection(EAST_2, east2)]);
    const forced = { force: true };
    await expect(close(`${EAST_1}-1`, forced, partial)).rejects.toThrow(
      `no dead letter has the id "${EAST_1}-1" (${EAST_1} could not be asked)`,
    );
    expect(await close(`${EAST_2}-0`, forced, partial)).toMatchObject({ outcome: 'closed' });
  });
});

describe('printable', () => {
  it('leaves nothing in a text that a terminal would obey', () => {
    expect(printable('\u001b[2J\u009b1m\u202eabc', 60)).toBe('"\\u001b[2J\\u009b1m\\u202eabc"');
    expect(printable('x'.repeat(70), 5)).toBe('"xxxxx…"');
  });
});
