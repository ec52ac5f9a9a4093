import { describe, expect, it } from 'vitest';
import { createMoveAge } from '#core/routing/move-age.ts';

/** A stopwatch that is set by hand, and an account on it. */
function open() {
  const time = { nowMs: 1_000 };
  return { time, age: createMoveAge({ elapsedMs: () => time.nowMs }) };
}

describe('the age of a move', () => {
  it('is counted from when it was seen first', () => {
    const { time, age } = open();
    expect(age.account()).toBeNull();
    expect(age.forMs(3)).toBe(0);
    time.nowMs += 400.5;
    expect(age.forMs(3)).toBe(400.5);
    expect(age.account()).toEqual({ epoch: 3, forMs: 400 });
  });

  it('goes on from what another process had seen, where that is more', () => {
    const { time, age } = open();
    age.takeOver({ epoch: 3, forMs: 45_000 });
    time.nowMs += 5_000;
    expect(age.forMs(3)).toBe(50_000);
    age.takeOver({ epoch: 3, forMs: 20_000 });
    expect(age.forMs(3)).toBe(50_000);
    age.takeOver({ epoch: 3, forMs: 70_000 });
    expect(age.account()).toEqual({ epoch: 3, forMs: 70_000 });
    age.takeOver(null);
    expect(age.account()).toEqual({ epoch: 3, forMs: 70_000 });
  });

  it('begins anew with the next move, and takes nothing over of one before', () => {
    const { time, age } = open();
    age.takeOver({ epoch: 3, forMs: 45_000 });
    expect(age.forMs(4)).toBe(0);
    time.nowMs += 1_000;
    age.takeOver({ epoch: 3, forMs: 90_000 });
    expect(age.forMs(4)).toBe(1_000);
    // Who has heard of a newer one can't say how old this one is.
    expect(age.forMs(3)).toBe(0);
    expect(age.account()).toEqual({ epoch: 4, forMs: 1_000 });
  });
});
