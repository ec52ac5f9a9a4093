/** Ten notifications to a call, each settled by its own result. */

import type { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, it } from 'vitest';
import { createSnsBatchNotifier } from '#adapters/sns-batch-notifier.ts';
import type { Notification } from '#core/notifications.ts';

const deadline = { atEpochMs: Number.MAX_SAFE_INTEGER };

function notification(id: string, text = ''): Notification {
  return { id, subject: 'Payment Processed', body: { id, text } };
}

/** A topic that refuses the notifications whose id has "refused" in it. */
function world(answer: 'works' | 'throws' = 'works') {
  const batches: string[][] = [];
  let gathered: (() => void)[] = [];
  const client = {
    send: async ({ input }: PublishBatchCommand) => {
      const entries = input.PublishBatchRequestEntries ?? [];
      batches.push(
        entries.map(({ MessageAttributes: a }) => a?.['notification_id']?.StringValue ?? ''),
      );
      if (answer === 'throws') {
        throw Object.assign(new Error('no'), { $metadata: { httpStatusCode: 403 } });
      }
      const isRefused = (index: number): boolean =>
        batches.at(-1)?.[index]?.includes('refused') === true;
      return {
        Successful: entries.filter((_, index) => !isRefused(index)).map(({ Id }) => ({ Id })),
        Failed: entries.filter((_, index) => isRefused(index)).map(({ Id }) => ({ Id })),
      };
    },
  };
  const notifier = createSnsBatchNotifier({
    client: client as unknown as SNSClient,
    topicArn: 'arn:aws:sns:us-east-1:000000000000:transactions-dev',
    attempts: {
      clock: { nowEpochMs: () => 0 },
      attemptTimeoutMs: 1_000,
      attemptsMax: 1,
      sleep: async () => undefined,
      random: () => 0,
    },
    gatherMs: 5,
    wait: (callback) => void gathered.push(callback),
  });
  return {
    batches,
    publish: (id: string, text?: string, until = deadline) =>
      notifier.publish(notification(id, text), until),
    /** The time for gathering is over. */
    gather: () => {
      const due = gathered;
      gathered = [];
      for (const callback of due) callback();
    },
  };
}

describe('createSnsBatchNotifier', () => {
  it('sends what came together in one call', async () => {
    const { batches, publish, gather } = world();
    const all = ['a', 'b', 'c'].map((id) => publish(id));
    expect(batches).toEqual([]);
    gather();
    await Promise.all(all);
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  it('sends ten at once without waiting, and the next ones in a batch of their own', async () => {
    const { batches, publish, gather } = world();
    const ids = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const all = ids.map((id) => publish(id));
    expect(batches).toEqual([ids.slice(0, 10)]);
    gather();
    await Promise.all(all);
    expect(batches).toEqual([ids.slice(0, 10), ids.slice(10)]);
  });

  it('keeps a batch within the size that SNS takes', async () => {
    const { batches, publish, gather } = world();
    const text = 'x'.repeat(100_000);
    const all = ['a', 'b', 'c'].map((id) => publish(id, text));
    gather();
    await Promise.all(all);
    expect(batches).toEqual([['a', 'b'], ['c']]);
  });

  it('fails the one that was refused and no other', async () => {
    const { publish, gather } = world();
    const all = ['a', 'refused', 'c'].map((id) => publish(id));
    gather();
    const ends = await Promise.allSettled(all);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(ends[1]).toMatchObject({ reason: { code: 'unavailable' } });
  });

  it('sends what has little time left by itself, and at once', async () => {
    const { publish, gather, batches } = world();
    const calm = publish('calm');
    await publish('hurried', '', { atEpochMs: 999 });
    await expect(publish('late', '', { atEpochMs: 0 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    gather();
    await calm;
    expect(batches).toEqual([['hurried'], ['calm']]);
  });

  it('fails all of a call that failed', async () => {
    const { publish, gather } = world('throws');
    const all = ['a', 'b'].map((id) => publish(id));
    gather();
    const ends = await Promise.allSettled(all);
    expect(ends).toMatchObject([
      { reason: { code: 'internal_error' } },
      { reason: { code: 'internal_error' } },
    ]);
  });
});
