import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock, systemSleep } from '#sdk/system.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('sleeps as long as it is told to', async () => {
  const startedAtMs = systemClock.nowMs();
  const slept = systemSleep(2_000).then(() => systemClock.nowMs() - startedAtMs);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await slept).toBe(2_000);
});

it('wakes when its signal is aborted, and leaves no timer behind', async () => {
  const abort = new AbortController();
  const slept = systemSleep(2_000, abort.signal);
  expect(vi.getTimerCount()).toBe(1);
  abort.abort();
  await slept;
  expect(vi.getTimerCount()).toBe(0);
});

it('does not begin to sleep when its signal is aborted already', async () => {
  await systemSleep(2_000, AbortSignal.abort());
  expect(vi.getTimerCount()).toBe(0);
});
