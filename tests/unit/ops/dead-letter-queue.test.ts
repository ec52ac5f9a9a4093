/** When a walk through a queue that shows samples of itself may say that it saw the whole. */

import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import { type DeadLetterQueue, type DeadMessage, lookThrough } from '#ops/dead-letter-queue.ts';

function messageOf(messageId: string): DeadMessage {
  const of = { messageId, receiptHandle: `receipt ${messageId}`, body: '', attributes: {} };
  return { ...of, sentAtEpochMs: 0, receives: 1 };
}

/**
 * A queue that gives what the script says, then nothing. `visible`: what it counts, each time or always. `hidden`: what
 * it says that receivers keep from others.
 */
function scripted(
  batches: readonly (readonly string[])[] | ((receive: number) => readonly string[]),
  visible: readonly number[] | AppError | TypeError = [],
  hidden = 0,
) {
  const log = { receives: 0, counts: 0, visibilities: [] as number[], givenBack: [] as string[] };
  const unused = async () => Promise.reject(new Error('not asked for here'));
  const queue: DeadLetterQueue = {
    region: 'us-east-1',
    async receive(visibilitySeconds) {
      const batch = typeof batches === 'function' ? batches(log.receives) : batches[log.receives];
      log.receives += 1;
      log.visibilities.push(visibilitySeconds);
      return (batch ?? []).map(messageOf);
    },
    async count() {
      if (!Array.isArray(visible)) throw visible;
      log.counts += 1;
      return { visible: (visible as readonly number[])[log.counts - 1] ?? 0, hidden };
    },
    async giveBack(receiptHandles) {
      log.givenBack.push(...receiptHandles);
    },
    resend: unused,
    remove: unused,
  };
  return { queue, log };
}

async function walk(queue: DeadLetterQueue) {
  const seen: string[] = [];
  const { complete } = await lookThrough(queue, async (batch) => {
    seen.push(...batch.map(({ messageId }) => messageId));
    return batch.map(() => 'kept');
  });
  return { seen, complete };
}

describe('looking through a queue', () => {
  it('ends with one empty answer where SQS counts none either', async () => {
    const { queue, log } = scripted([['a', 'b']]);
    expect(await walk(queue)).toEqual({ seen: ['a', 'b'], complete: true });
    expect(log).toMatchObject({ receives: 2, counts: 1 });
  });

  it('goes on past an empty answer while SQS counts some', async () => {
    const { queue, log } = scripted([['a'], [], ['b'], [], [], ['c']], [2, 1, 1, 0]);
    expect(await walk(queue)).toEqual({ seen: ['a', 'b', 'c'], complete: true });
    expect(log.receives).toBe(7);
  });

  it.each([
    ['nobody else keeps any', 2, true],
    ['somebody else keeps one', 3, false],
    ['SQS does not say', Number.NaN, true],
  ])('says that it saw all where %s', async (_who, hidden, complete) => {
    const { queue } = scripted([['a', 'b']], [], hidden);
    expect(await walk(queue)).toEqual({ seen: ['a', 'b'], complete });
  });

  it('does not say that a queue is empty whose messages another walk keeps', async () => {
    const { queue } = scripted([], [], 2);
    expect(await walk(queue)).toEqual({ seen: [], complete: false });
  });

  it('takes three empty answers in a row for the end, whatever SQS counts', async () => {
    const { queue, log } = scripted([['a'], [], ['b']], [9, 9, 9, 9, 9]);
    expect(await walk(queue)).toEqual({ seen: ['a', 'b'], complete: true });
    expect(log.receives).toBe(6);
  });

  it('takes three where the count can not be had, and passes a defect on', async () => {
    const refused = scripted([['a']], new AppError('internal_error', 'AccessDenied'));
    expect(await walk(refused.queue)).toEqual({ seen: ['a'], complete: true });
    expect(refused.log.receives).toBe(4);
    await expect(walk(scripted([['a']], new TypeError('defect')).queue)).rejects.toThrow('defect');
  });

  it('goes on past a batch of repeats, and shows none of them twice', async () => {
    const { queue, log } = scripted([['a', 'b'], ['b', 'a'], ['a', 'c'], ['c'], ['d']]);
    expect(await walk(queue)).toEqual({ seen: ['a', 'b', 'c', 'd'], complete: true });
    expect(log.givenBack).toEqual(['a', 'b', 'c', 'd'].map((id) => `receipt ${id}`));
  });

  it('does not say that it saw all when the same come round and round', async () => {
    const { queue, log } = scripted((receive) => (receive % 2 === 0 ? ['a', 'b'] : ['b', 'c']));
    expect(await walk(queue)).toEqual({ seen: ['a', 'b', 'c'], complete: false });
    expect(log.receives).toBeLessThan(10);
    expect(log.givenBack).toHaveLength(3);
  });

  it('hides what it sees for longer, the longer it takes', async () => {
    const ten = (receive: number) => Array.from({ length: 10 }, (_, i) => `${receive}-${i}`);
    const { queue, log } = scripted((receive) => (receive < 300 ? ten(receive) : []));
    expect((await walk(queue)).complete).toBe(true);
    expect([log.visibilities[0], log.visibilities[300]]).toEqual([60, 360]);
  });
});
