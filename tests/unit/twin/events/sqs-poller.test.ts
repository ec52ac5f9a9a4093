import { describe, expect, it } from 'vitest';
import type { SqsCalls, SqsResult } from '#twin/events/sqs-calls.ts';
import type { SqsMessage } from '#twin/events/sqs-event.ts';
import { createSqsPoller } from '#twin/events/sqs-poller.ts';
import type { InvocationOutcome } from '#twin/region/lambda/invocation.ts';
import type { EventSourceModel } from '#twin/region-model.ts';
import { manualClock, settle, switchablePresence } from './manual-clock.ts';

const OK: InvocationOutcome = { kind: 'answered', payload: '{}' };
const FAILED: InvocationOutcome = { kind: 'function-error', errorType: 'E', errorMessage: 'no' };
const DONE: SqsResult<null> = { kind: 'done', value: null };

interface Invocation {
  readonly bodies: readonly string[];
  readonly requestId: string;
  readonly end: (outcome: InvocationOutcome) => void;
}

/** A queue in memory of which a receive takes what there is, and waits for the first message. */
function setUp(changes: Partial<EventSourceModel> = {}, firstCheck: SqsResult<null> = DONE) {
  const clock = manualClock();
  const presence = switchablePresence();
  const visible: SqsMessage[] = [];
  const removed: string[][] = [];
  const receives: { readonly messagesMax: number; readonly waitSeconds: number }[] = [];
  const invocations: Invocation[] = [];
  const results: { receive: SqsResult<never>[]; remove: SqsResult<null>[] } = {
    receive: [],
    remove: [],
  };
  let checks = 0;
  let arrived = (): void => undefined;
  const calls: SqsCalls = {
    async check() {
      checks += 1;
      return checks === 1 ? firstCheck : DONE;
    },
    async receive(messagesMax, waitSeconds, signal) {
      receives.push({ messagesMax, waitSeconds });
      const result = results.receive.shift();
      if (result !== undefined) return result;
      const deadlineMs = clock.nowEpochMs() + waitSeconds * 1_000;
      while (visible.length === 0 && !signal.aborted && clock.nowEpochMs() < deadlineMs) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
          clock.schedule(resolve, deadlineMs - clock.nowEpochMs());
          signal.addEventListener('abort', () => resolve());
        });
      }
      return { kind: 'done', value: signal.aborted ? [] : visible.splice(0, messagesMax) };
    },
    async remove(messages) {
      removed.push(messages.map(({ Body }) => Body));
      return results.remove.shift() ?? DONE;
    },
  };
  const poller = createSqsPoller({
    source: {
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:consumer',
      queueArn: 'arn:aws:sqs:us-east-1:123456789012:jobs',
      batchSize: 10,
      maximumBatchingWindowSeconds: 0,
      reportBatchItemFailures: true,
      maximumConcurrency: null,
      enabled: true,
      ...changes,
    },
    calls,
    presence,
    clock,
    invoke(event, requestId) {
      const { Records } = JSON.parse(event) as { Records: { body: string }[] };
      return new Promise((end) => {
        invocations.push({ bodies: Records.map(({ body }) => body), requestId, end });
      });
    },
  });
  poller.start();
  async function send(...bodies: readonly string[]): Promise<void> {
    for (const Body of bodies) {
      visible.push({ MessageId: `id-${Body}`, ReceiptHandle: `h-${Body}`, Body, MD5OfBody: '' });
    }
    arrived();
    await settle();
  }
  return {
    ...{ clock, presence, visible, removed, receives, invocations, results, poller, send },
    checks: () => checks,
    async end(index: number, outcome: InvocationOutcome) {
      invocations[index]?.end(outcome);
      await settle();
    },
  };
}

const letters = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`);

describe('a batch', () => {
  it('is invoked with what one long poll received, and removed when the function succeeds', async () => {
    const { send, invocations, receives, removed, end, poller } = setUp();
    await settle();
    expect(receives).toEqual([{ messagesMax: 10, waitSeconds: 20 }]);
    await send('a', 'b');
    expect(invocations.map(({ bodies }) => bodies)).toEqual([['a', 'b']]);
    expect(removed).toEqual([]);
    await end(0, OK);
    expect(removed).toEqual([['a', 'b']]);
    expect(poller.lastError()).toBeNull();
  });

  it('keeps the messages that the function reports', async () => {
    const { send, removed, end, poller } = setUp();
    await send('a', 'b', 'c');
    const payload = '{"batchItemFailures":[{"itemIdentifier":"id-b"}]}';
    await end(0, { kind: 'answered', payload });
    expect(removed).toEqual([['a', 'c']]);
    expect(poller.lastError()).toBe('1 of a batch failed');
  });

  it('keeps every message of a failed invocation, and clears the error with the next good one', async () => {
    const { send, removed, end, poller } = setUp();
    await send('a', 'b');
    await end(0, FAILED);
    expect(removed).toEqual([]);
    expect(poller.lastError()).toBe('E: no');
    await send('c');
    await end(1, OK);
    expect([removed, poller.lastError()]).toEqual([[['c']], null]);
  });

  it('is no larger than the mapping says', async () => {
    const { send, invocations } = setUp({ batchSize: 2 });
    await send('a', 'b', 'c');
    expect(invocations.map(({ bodies }) => bodies)).toEqual([['a', 'b'], ['c']]);
  });

  it('fills up within its window, and is removed ten at a time', async () => {
    const { send, invocations, clock, removed, end } = setUp({
      batchSize: 25,
      maximumBatchingWindowSeconds: 5,
    });
    await send(...letters(3));
    await clock.advance(4_000);
    await send(...letters(12));
    expect(invocations).toEqual([]);
    await clock.advance(1_000);
    expect(invocations.map(({ bodies }) => bodies.length)).toEqual([15]);
    await end(0, OK);
    expect(removed.map((some) => some.length)).toEqual([10, 5]);
  });

  it('is parted when its event would be too large for Lambda', async () => {
    const { send, invocations } = setUp();
    await send('a'.repeat(4_000_000), 'b'.repeat(4_000_000));
    expect(invocations.map(({ bodies }) => bodies.map(([first]) => first))).toEqual([['a'], ['b']]);
  });

  it('does not wait for its window when it is full', async () => {
    const { send, invocations } = setUp({ batchSize: 2, maximumBatchingWindowSeconds: 300 });
    await send('a', 'b');
    expect(invocations).toHaveLength(1);
  });
});

describe('a backlog', () => {
  it.each([
    [null, 5],
    [2, 2],
    [7, 7],
  ])('with concurrency %s is worked off by %i invocations at a time', async (maximum, at) => {
    const { send, invocations, end } = setUp({ batchSize: 1, maximumConcurrency: maximum });
    await send(...letters(10));
    expect(invocations).toHaveLength(at);
    await end(0, OK);
    expect(invocations).toHaveLength(at + 1);
    expect(new Set(invocations.map(({ requestId }) => requestId)).size).toBe(at + 1);
  });

  it('stays in the queue while all invocations are taken', async () => {
    const { send, visible } = setUp({ batchSize: 1 });
    await send(...letters(10));
    expect(visible).toHaveLength(5);
  });
});

describe('a Region that is down', () => {
  it('is not polled, and its wait for messages ends at once', async () => {
    const { presence, send, invocations, receives, visible } = setUp();
    await settle();
    presence.set(false);
    await send('a');
    expect(visible).toHaveLength(1);
    expect(receives).toHaveLength(1);
    presence.set(true);
    await settle();
    expect(invocations.map(({ bodies }) => bodies)).toEqual([['a']]);
  });

  it('keeps what it had in flight', async () => {
    const { presence, send, removed, end } = setUp();
    await send('a');
    presence.set(false);
    await end(0, { kind: 'crashed', reason: 'gone' });
    expect(removed).toEqual([]);
  });
});

describe('a call that fails', () => {
  it('is repeated soon after a fault', async () => {
    const { results, clock, poller, receives } = setUp();
    results.receive.push({ kind: 'failed', reason: 'ReceiveMessage: Internal failure' });
    await settle();
    expect(poller.lastError()).toBe('ReceiveMessage: Internal failure');
    await clock.advance(999);
    expect(receives).toHaveLength(1);
    await clock.advance(1);
    expect(receives).toHaveLength(2);
  });

  it('is repeated after a minute when the role does not allow it, beginning with the check', async () => {
    const refused = { kind: 'refused', reason: 'GetQueueAttributes: not authorized' } as const;
    const { clock, poller, receives, checks } = setUp({}, refused);
    await settle();
    expect(receives).toHaveLength(0);
    expect(poller.lastError()).toBe('GetQueueAttributes: not authorized');
    await clock.advance(59_999);
    expect(checks()).toBe(1);
    await clock.advance(1);
    expect([checks(), receives.length, poller.lastError()]).toEqual([2, 1, null]);
  });

  it('is told of and not repeated when it was a delete', async () => {
    const { results, send, removed, end, poller } = setUp();
    results.remove.push({ kind: 'failed', reason: 'DeleteMessageBatch: Rate exceeded' });
    await send('a');
    await end(0, OK);
    expect(removed).toHaveLength(1);
    expect(poller.lastError()).toBe('DeleteMessageBatch: Rate exceeded');
  });

  it('does not hold up a batch that has begun to fill', async () => {
    const { results, send, invocations, clock } = setUp({ maximumBatchingWindowSeconds: 5 });
    await settle();
    results.receive.push({ kind: 'failed', reason: 'fault' });
    await send('a');
    await clock.advance(0);
    expect(invocations).toHaveLength(1);
  });
});

it('polls nothing after it was stopped', async () => {
  const { poller, send, invocations } = setUp();
  await settle();
  await poller.stop();
  await send('a');
  expect(invocations).toEqual([]);
});
