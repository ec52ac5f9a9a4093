import { beforeEach, describe, expect, it } from 'vitest';
import type { Queue } from '#twin/messaging/fauxqs-types.ts';
import { createMoveTasks, type MoveTask, type MoveTasks } from '#twin/messaging/move-tasks.ts';
import { bodiesOf, createTestQueues, deadLetter, message, type TestQueues } from './test-queues.ts';

const NOW = 1_767_225_600_000;

let queues: TestQueues;
let dead: Queue;
let work: Queue;
let other: Queue;
let isUp: boolean;
/** Callbacks that wait, each with its delay. */
let timers: { delayMs: number; callback: () => void }[];
let tasks: MoveTasks;

beforeEach(async () => {
  queues = await createTestQueues();
  dead = queues.create('dead');
  work = queues.create('work', dead);
  other = queues.create('other', dead);
  isUp = true;
  timers = [];
  tasks = createMoveTasks({
    store: queues.store,
    traits: queues.traits,
    runs: () => isUp,
    now: () => NOW,
    after(delayMs, callback) {
      const timer = { delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
});

/** Lets the next callback happen; returns the delay that it had. */
function tick(): number | undefined {
  const timer = timers.shift();
  timer?.callback();
  return timer?.delayMs;
}

function finish(): void {
  while (timers.length > 0) tick();
}

function start(changes: Partial<MoveTask> = {}): MoveTask | null {
  return tasks.start({ sourceArn: dead.arn, destinationArn: null, rate: null, ...changes });
}

function newest(): MoveTask | undefined {
  return tasks.list(dead.arn)[0];
}

describe('a move task', () => {
  it('brings each message back to the queue that it came from, as a new one', () => {
    deadLetter(work, queues.store, 'a');
    deadLetter(other, queues.store, 'b');
    start();
    finish();
    expect([bodiesOf(dead), bodiesOf(work), bodiesOf(other)]).toEqual([[], ['a'], ['b']]);
    expect(work.inspectMessages().ready[0]).toMatchObject({
      messageId: expect.not.stringMatching('id of a'),
      sentTimestamp: NOW,
      approximateReceiveCount: 0,
    });
    expect(newest()).toMatchObject({ status: 'COMPLETED', toMove: 2, moved: 2 });
  });

  it('moves to the destination that it was given, wherever a message came from', () => {
    deadLetter(work, queues.store, 'a');
    dead.enqueue(message('sent by hand'));
    start({ destinationArn: other.arn });
    finish();
    expect([bodiesOf(work), bodiesOf(other)]).toEqual([[], ['a', 'sent by hand']]);
  });

  it('fails at a message whose source is unknown, and leaves it', () => {
    dead.enqueue(message('sent by hand'));
    start();
    finish();
    expect(newest()).toMatchObject({
      status: 'FAILED',
      failureReason: 'CouldNotDetermineMessageSource',
      moved: 0,
    });
    expect(bodiesOf(dead)).toEqual(['sent by hand']);
  });

  it('fails when its destination is deleted, and loses nothing', () => {
    deadLetter(work, queues.store, 'a');
    start({ destinationArn: other.arn });
    queues.store.deleteQueue(other.url);
    finish();
    expect(newest()).toMatchObject({
      status: 'FAILED',
      failureReason: 'AWS.SimpleQueueService.NonExistentQueue',
    });
    expect(bodiesOf(dead)).toEqual(['a']);
  });

  it.each([null, 1])('does not move what comes back while it runs (rate %j)', (rate) => {
    deadLetter(work, queues.store, 'a');
    deadLetter(work, queues.store, 'b');
    start({ rate });
    deadLetter(other, queues.store, 'late');
    finish();
    expect(newest()).toMatchObject({ status: 'COMPLETED', toMove: 2, moved: 2 });
    expect(bodiesOf(dead)).toEqual(['late']);
  });

  it('completes when others emptied its source', () => {
    deadLetter(work, queues.store, 'a');
    start();
    dead.purge();
    finish();
    expect(newest()).toMatchObject({ status: 'COMPLETED', toMove: 1, moved: 0 });
  });

  it('moves nothing while its Region is down, and goes on afterwards', () => {
    deadLetter(work, queues.store, 'a');
    isUp = false;
    start();
    expect([tick(), tick()]).toEqual([0, 100]);
    expect(newest()).toMatchObject({ status: 'RUNNING', moved: 0 });
    isUp = true;
    finish();
    expect(newest()).toMatchObject({ status: 'COMPLETED', moved: 1 });
  });

  it.each([
    { rate: 1, most: 1, everyMs: 1000 },
    { rate: 10, most: 1, everyMs: 100 },
    { rate: 15, most: 1, everyMs: 1000 / 15 },
    { rate: 500, most: 50, everyMs: 100 },
  ])('keeps to $rate messages a second', ({ rate, most, everyMs }) => {
    for (let count = 0; count < 120; count += 1) dead.enqueue(message(`m${count}`));
    start({ destinationArn: other.arn, rate });
    tick();
    expect(bodiesOf(other)).toHaveLength(most);
    expect(tick()).toBeCloseTo(everyMs);
    expect(bodiesOf(other)).toHaveLength(2 * most);
  });
});

describe('the tasks of a source', () => {
  it('rejects a second one while the first runs', () => {
    deadLetter(work, queues.store, 'a');
    expect(start()).not.toBeNull();
    expect(start()).toBeNull();
    finish();
    expect(start()).not.toBeNull();
  });

  it('are listed newest first, at most ten', () => {
    const ids = Array.from({ length: 12 }, () => {
      const task = start();
      finish();
      return task?.taskId;
    });
    const listed = tasks.list(dead.arn).map(({ taskId }) => taskId);
    expect(listed).toEqual(ids.toReversed().slice(0, 10));
    expect(tasks.list(work.arn)).toEqual([]);
  });

  it('can be cancelled while they run, and what was moved stays moved', () => {
    deadLetter(work, queues.store, 'a');
    deadLetter(work, queues.store, 'b');
    const { taskId = '' } = start({ rate: 1 }) ?? {};
    tick();
    expect(tasks.cancel(taskId)).toMatchObject({ status: 'CANCELLED', moved: 1 });
    expect(timers).toEqual([]);
    expect([bodiesOf(work), bodiesOf(dead)]).toEqual([['a'], ['b']]);
    expect(tasks.cancel(taskId)).toBeNull();
  });

  it('end with the Region', () => {
    deadLetter(work, queues.store, 'a');
    start();
    tasks.stop();
    expect(timers).toEqual([]);
  });
});
