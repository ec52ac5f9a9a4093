import { describe, expect, it } from 'vitest';
import { createAsyncInvoker, type FailedInvocation } from '#twin/events/async-invoker.ts';
import type { InvocationOutcome } from '#twin/region/lambda/invocation.ts';
import { manualClock, settle } from './manual-clock.ts';

const FAILED: InvocationOutcome = { kind: 'function-error', errorType: 'E', errorMessage: 'no' };
const THROTTLED: InvocationOutcome = { kind: 'throttled', reservedConcurrency: 1 };
const ANSWERED: InvocationOutcome = { kind: 'answered', payload: 'null' };
const INVOCATION = {
  region: 'us-east-1',
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:sweeper',
  event: '{}',
  requestId: 'same',
};

/** An invoker whose attempts end as listed, the last one over and over. */
function setUp(outcomes: readonly InvocationOutcome[], speed = 1, retriesMax = 2) {
  const clock = manualClock();
  const attempts: { readonly atMs: number; readonly requestId: string }[] = [];
  const reports: string[] = [];
  const exhausted: FailedInvocation[] = [];
  const region = { isServing: true };
  const invoker = createAsyncInvoker({
    async invoke({ requestId }) {
      attempts.push({ atMs: clock.nowEpochMs(), requestId });
      return outcomes[Math.min(attempts.length, outcomes.length) - 1] ?? ANSWERED;
    },
    isServing: () => region.isServing,
    clock,
    speed,
    retriesMaxOf: () => retriesMax,
    onExhausted: (failed) => exhausted.push(failed),
    report: (message) => reports.push(message),
  });
  return { clock, attempts, reports, exhausted, region, invoker };
}

describe('createAsyncInvoker', () => {
  it('invokes once what succeeds', async () => {
    const { clock, attempts, reports, invoker } = setUp([ANSWERED]);
    invoker.submit(INVOCATION);
    await clock.advance(600_000);
    expect(attempts).toHaveLength(1);
    expect(reports).toEqual([]);
  });

  it('tries again after one minute and after two more, then gives the event away and says so', async () => {
    const { clock, attempts, reports, exhausted, invoker } = setUp([FAILED]);
    invoker.submit(INVOCATION);
    await clock.advance(600_000);
    expect(exhausted).toEqual([{ ...INVOCATION, attempts: 3, outcome: FAILED }]);
    expect(attempts).toEqual([
      { atMs: 0, requestId: 'same' },
      { atMs: 60_000, requestId: 'same' },
      { atMs: 180_000, requestId: 'same' },
    ]);
    expect(reports).toEqual([
      'us-east-1 sweeper: an asynchronous event is given up, all 3 attempts failed: E: no',
    ]);
  });

  it('tries again as fast as schedules go, until an attempt succeeds', async () => {
    const { clock, attempts, reports, invoker } = setUp([FAILED, ANSWERED], 12);
    invoker.submit(INVOCATION);
    await clock.advance(600_000);
    expect(attempts.map(({ atMs }) => atMs)).toEqual([0, 5_000]);
    expect(reports).toEqual([]);
  });

  it.each([
    [0, 1],
    [1, 2],
  ])('tries again %i times where the template says so', async (retriesMax, attempts) => {
    const { clock, exhausted, invoker } = setUp([FAILED], 1, retriesMax);
    invoker.submit(INVOCATION);
    await clock.advance(600_000);
    expect(exhausted).toMatchObject([{ attempts }]);
  });

  it('puts off what is throttled, longer each time, and counts it as no attempt', async () => {
    const { clock, attempts, exhausted, invoker } = setUp([
      ...[THROTTLED, THROTTLED, THROTTLED, FAILED, THROTTLED, FAILED],
      FAILED,
    ]);
    invoker.submit(INVOCATION);
    await clock.advance(600_000);
    const seconds = [0, 1, 3, 7, 67, 68, 188];
    expect(attempts.map(({ atMs }) => atMs / 1_000)).toEqual(seconds);
    expect(exhausted).toMatchObject([{ attempts: 3, outcome: FAILED }]);
  });

  it('tries what is throttled every five minutes, and gives it away after six hours', async () => {
    const { clock, attempts, reports, exhausted, invoker } = setUp([THROTTLED]);
    invoker.submit(INVOCATION);
    await clock.advance(7 * 3_600_000);
    const lastMs = attempts.at(-1)?.atMs ?? 0;
    expect(lastMs - (attempts.at(-2)?.atMs ?? 0)).toBe(300_000);
    expect(lastMs).toBeGreaterThan(6 * 3_600_000 - 300_000);
    expect(lastMs).toBeLessThanOrEqual(6 * 3_600_000);
    expect(exhausted).toMatchObject([{ attempts: 0, outcome: THROTTLED }]);
    expect(reports).toEqual([expect.stringMatching(/given up, it was throttled for too long/)]);
  });

  it('gives nothing away when the Region went down with the last attempt', async () => {
    const { clock, exhausted, region, invoker } = setUp([FAILED], 1, 0);
    invoker.submit(INVOCATION);
    region.isServing = false;
    await clock.advance(0);
    expect(exhausted).toEqual([]);
  });

  it('does not try again in a Region that is down', async () => {
    const { clock, attempts, reports, exhausted, region, invoker } = setUp([FAILED]);
    invoker.submit(INVOCATION);
    await settle();
    region.isServing = false;
    await clock.advance(600_000);
    expect(attempts).toHaveLength(1);
    expect(exhausted).toEqual([]);
    expect(reports).toEqual([expect.stringMatching(/dropped, the Region is down/)]);
  });

  it('forgets what is due when it stops', async () => {
    const { clock, attempts, invoker } = setUp([FAILED]);
    invoker.submit(INVOCATION);
    await settle();
    invoker.stop();
    expect(clock.pending()).toBe(0);
    await clock.advance(600_000);
    expect(attempts).toHaveLength(1);
  });

  it('waits for nothing after an attempt that ends when it has stopped', async () => {
    const { clock, reports, invoker } = setUp([FAILED]);
    invoker.submit(INVOCATION);
    invoker.stop();
    await settle();
    expect(clock.pending()).toBe(0);
    expect(reports).toEqual([]);
  });
});
