import { describe, expect, it } from 'vitest';

import { createTokenBucket } from '#twin/region/api/token-bucket.ts';

function bucketAt(ratePerSecond: number, burst: number) {
  const clock = { nowMs: 5_000 };
  const bucket = createTokenBucket(ratePerSecond, burst, () => clock.nowMs);
  const takeAll = () => {
    let taken = 0;
    while (taken < 1_000 && bucket.take()) taken += 1;
    return taken;
  };
  return { clock, takeAll };
}

describe('createTokenBucket', () => {
  it('lets a whole burst through at once, then nothing', () => {
    const { takeAll } = bucketAt(10, 20);
    expect(takeAll()).toBe(20);
    expect(takeAll()).toBe(0);
  });

  it('fills at its rate', () => {
    const { clock, takeAll } = bucketAt(10, 20);
    takeAll();
    clock.nowMs += 500;
    expect(takeAll()).toBe(5);
  });

  it('gathers parts of a token over many short intervals', () => {
    const { clock, takeAll } = bucketAt(10, 20);
    takeAll();
    let taken = 0;
    for (let step = 0; step < 40; step += 1) {
      clock.nowMs += 25;
      taken += takeAll();
    }
    expect(taken).toBe(10);
  });

  it('holds no more than the burst after a long pause', () => {
    const { clock, takeAll } = bucketAt(10, 20);
    clock.nowMs += 3_600_000;
    expect(takeAll()).toBe(20);
  });

  it('lets nothing through when rate and burst are 0', () => {
    const { clock, takeAll } = bucketAt(0, 0);
    clock.nowMs += 60_000;
    expect(takeAll()).toBe(0);
  });
});
