import { beforeEach, describe, expect, it } from 'vitest';
import type { Queue } from '#twin/messaging/fauxqs-types.ts';
import {
  bodiesOf,
  createTestQueues,
  deadLetter,
  message,
  queueArn,
  type TestQueues,
} from './test-queues.ts';

let queues: TestQueues;
let dead: Queue;
let work: Queue;

beforeEach(async () => {
  queues = await createTestQueues();
  dead = queues.create('dead');
  work = queues.create('work', dead);
});

/** Receives one message and deletes it; null when there is none. */
function consume(queue: Queue): { body: string; receives: number } | null {
  const [received] = queue.dequeue(1, 30, (arn) => queues.store.getQueueByArn(arn));
  if (received === undefined) return null;
  const stored = queue.inflightMessages.get(received.ReceiptHandle)?.message;
  const receives = stored?.approximateReceiveCount ?? 0;
  queue.deleteMessage(received.ReceiptHandle);
  return { body: received.Body, receives };
}

describe('a dead letter', () => {
  it('knows the queue that it came from', () => {
    deadLetter(work, queues.store, 'poison');
    dead.enqueue(message('sent by hand'));
    const found = dead
      .inspectMessages()
      .ready.map((one) => [one.body, queues.traits.deadLetterSourceOf(one)]);
    expect(found).toEqual([
      ['poison', work.arn],
      ['sent by hand', null],
    ]);
  });

  it('stays in its queue when the dead-letter queue is in another Region', () => {
    work.setAttributes({
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queueArn('dead', 'us-east-2'),
        maxReceiveCount: 1,
      }),
    });
    deadLetter(work, queues.store, 'poison');
    expect(queues.sentFar).toEqual([]);
    expect(work.inflightMessages.size).toBe(1);
  });
});

describe('duplicate deliveries', () => {
  it('bring each message once more, at the same count of receives', () => {
    queues.traits.setDuplicates(work, true);
    work.enqueue(message('one'));
    work.enqueue(message('two'));
    const seen = [1, 2, 3, 4, 5].map(() => consume(work));
    expect(seen).toEqual([
      { body: 'one', receives: 1 },
      { body: 'two', receives: 1 },
      { body: 'one', receives: 1 },
      { body: 'two', receives: 1 },
      null,
    ]);
    expect(bodiesOf(dead)).toEqual([]);
  });

  it('end when they are switched off', () => {
    queues.traits.setDuplicates(work, true);
    queues.traits.setDuplicates(work, false);
    work.enqueue(message('one'));
    expect([consume(work)?.body, consume(work)]).toEqual(['one', null]);
  });

  it('leave other queues alone', () => {
    queues.traits.setDuplicates(work, true);
    dead.enqueue(message('one'));
    expect([consume(dead)?.body, consume(dead)]).toEqual(['one', null]);
  });
});

describe('taking', () => {
  it('removes the oldest message for good, duplicates or not', () => {
    queues.traits.setDuplicates(dead, true);
    dead.enqueue(message('one'));
    dead.enqueue(message('two'));
    expect(queues.traits.take(dead)?.body).toBe('one');
    expect(bodiesOf(dead)).toEqual(['two']);
    expect(dead.inflightMessages.size).toBe(0);
  });

  it('frees the group of a FIFO queue', () => {
    const fifo = queues.create('dead.fifo');
    fifo.enqueue(message('one', { messageGroupId: 'g' }));
    fifo.enqueue(message('two', { messageGroupId: 'g' }));
    expect([1, 2, 3].map(() => queues.traits.take(fifo)?.body)).toEqual(['one', 'two', undefined]);
  });
});
