import { describe, expect, it } from 'vitest';
import { AppError } from '#core/app-error.ts';
import type { Deadline } from '#core/ports.ts';
import { createVerifyFollowUp } from '#core/routing/verify-follow-up.ts';

type Answer = { readonly processed: boolean; readonly reason: string | null } | Error;
const THROUGH: Answer = { processed: true, reason: null };
const BUSY: Answer = { processed: false, reason: 'unavailable: no table' };

/** The last of `answers` again and again; each takes a second, and nothing else takes time but sleep. */
function world(...answers: readonly Answer[]) {
  let now = 0;
  const asked: { readonly epoch: number; readonly atMs: number; readonly leftMs: number }[] = [];
  const ask = async (epoch: number, { atEpochMs }: Deadline) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push({ epoch, atMs: now, leftMs: atEpochMs - now });
    now += 1_000;
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  };
  const sleep = async (ms: number) => void (now += ms);
  const clock = { nowEpochMs: () => now };
  const { name, run } = createVerifyFollowUp(
    { attemptMs: 8_000, spareMs: 6_000 },
    { ask, clock, sleep },
  );
  return { name, asked, nowMs: () => now, verify: (atEpochMs: number) => run(7, { atEpochMs }) };
}

describe('the step "verify"', () => {
  it('is done with the first payment that goes through', async () => {
    const { name, verify, asked } = world(THROUGH);
    expect(await verify(60_000)).toBe('a payment of our own went through');
    expect(name).toBe('verify');
    expect(asked).toEqual([{ epoch: 7, atMs: 0, leftMs: 8_000 }]);
  });

  it('pauses, and tries three times', async () => {
    const { verify, asked } = world(BUSY, new AppError('unavailable', 'no answer'), THROUGH);
    await expect(verify(60_000)).resolves.toContain('went through');
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 2_000, 4_000]);
  });

  it('gives no attempt more than what is left beside the steps after it', async () => {
    const { verify, asked } = world(BUSY);
    await expect(verify(15_000)).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked.map(({ leftMs }) => leftMs)).toEqual([8_000, 7_000, 5_000]);
  });

  it.each([
    [8_999, [2_999], 'unavailable: no table'],
    [9_000, [3_000, 1_000], 'unavailable: no table'],
    [6_999, [], 'no time left to try'],
  ])('stops with %d ms when the rest belongs to the steps after it', async (ms, left, reason) => {
    const { verify, asked, nowMs } = world(BUSY);
    await expect(verify(ms)).rejects.toThrow(reason);
    expect(asked.map(({ leftMs }) => leftMs)).toEqual(left);
    expect(ms - nowMs()).toBeGreaterThanOrEqual(6_000);
  });

  it.each([
    [{ processed: false, reason: 'conflict' }, 'conflict'],
    [new AppError('outcome_unknown', 'no answer'), 'no answer'],
  ])('rejects with the last reason: %s', async (last, reason) => {
    const { verify, asked } = world(BUSY, BUSY, last);
    await expect(verify(60_000)).rejects.toMatchObject({
      code: 'unavailable',
      message: `a payment of our own did not go through: ${reason}`,
    });
    expect(asked).toHaveLength(3);
  });

  it('passes on a defect at once', async () => {
    const { verify, asked } = world(new TypeError('a defect'));
    await expect(verify(60_000)).rejects.toThrow('a defect');
    expect(asked).toHaveLength(1);
  });
});
