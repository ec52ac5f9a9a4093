import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { journalToItem } from '#adapters/payment-items.ts';
import { closeDeadLetter } from '#ops/close-dead-letter.ts';
import { listDeadLetters } from '#ops/dead-letters.ts';
import { journalsOf } from '#ops/judge-messages.ts';
import {
  body,
  connectionOf,
  type DeadLetterWorld,
  journalOf,
  LEASE,
  portsOf,
  startDeadLetters,
} from './dead-letter-world.ts';
import {
  EAST_1,
  EAST_2,
  environmentOf,
  lostRegion,
  NOW,
  startRegion,
  type TestRegion,
} from './dynalite-environment.ts';
import { createMemoryQueues, type MemoryQueues } from './memory-queues.ts';

let world: DeadLetterWorld;
beforeEach(async () => {
  world = await startDeadLetters();
});
afterEach(async () => {
  await world.table.close();
});

const connection = (region: string, queues: MemoryQueues) => connectionOf(world, region, queues);
const ports = (regions?: Parameters<typeof portsOf>[1]) => portsOf(world, regions);

describe('dead letters over replicas of their own', () => {
  let other: TestRegion;
  beforeEach(async () => {
    other = await startRegion(EAST_2);
  });
  afterEach(async () => {
    await other.close();
  });
  /** The holder of the lease is us-east-1. */
  const both = () =>
    ports([connection(EAST_1, world.east1), { ...other, sqs: world.east2.client }]);
  const reasonOfThat = async (id: string, used = both()) => {
    const { letters } = await listDeadLetters({ filter: id, limit: 9 }, used);
    return letters.map(({ reason }) => reason);
  };

  it('is in doubt about a payment that only the other replica has', async () => {
    await other.put(journalToItem(journalOf('only-there')));
    world.east2 = createMemoryQueues(EAST_2, [body('only-there')]);
    const reason = `the replica of ${EAST_2} alone has its payment: reconcile first`;
    expect(await reasonOfThat('only-there')).toEqual([reason]);
  });

  it('is in doubt where the replicas have two payments for one id, and closes neither letter', async () => {
    const letter = (fingerprint: string) =>
      JSON.stringify({ transaction_id: 'open-1', fingerprint });
    const theirs = { ...journalOf('open-1'), fingerprint: 'e'.repeat(64) };
    await other.put(journalToItem(theirs));
    world.east1 = createMemoryQueues(EAST_1, [letter('e'.repeat(64)), letter('f'.repeat(64))]);
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
        lost === EAST_1 ? lostRegion(EAST_1) : connection(EAST_1, world.east1),
        lost === EAST_2
          ? { ...lostRegion(EAST_2), sqs: world.east2.client }
          : { ...other, sqs: world.east2.client },
      ]);
    await other.put(LEASE, 'payments-control-dev');
    world.east2 = createMemoryQueues(EAST_2, [body('open-1')]);
    expect(await reasonOfThat('open-1', used(EAST_1))).toEqual([
      expect.stringMatching(/^us-east-1 holds the lease, and its replica can't be read: /),
    ]);
    world.east2 = createMemoryQueues(EAST_2, [body('who'), body('open-1')]);
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
    const used = ports([{ ...other, sqs: world.east2.client }, connection(EAST_1, world.east1)]);
    await other.put(LEASE, 'payments-control-dev');
    const { letters } = await listDeadLetters({ filter: 'parked', limit: 9 }, used);
    expect(letters.map(({ transactionId }) => transactionId)).toEqual(['parked-1']);
  });
});

it('asks no second replica where tables are strongly consistent', async () => {
  const other = await startRegion(EAST_2);
  await other.put(journalToItem(journalOf('only-there')));
  const environment = environmentOf([
    connection(EAST_1, world.east1),
    { ...other, sqs: world.east2.client },
  ]);
  const read = journalsOf(environment, async () => ({
    ...{ consistency: 'strong', leading: null, reason: '', inOrder: environment.regions },
  }));
  const journals = await read(['open-1', 'only-there']);
  await other.close();
  expect([...journals.keys()]).toEqual(['open-1']);
});
