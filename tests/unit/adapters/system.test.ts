import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStopwatch } from '#adapters/system.ts';

describe('createStopwatch', () => {
  const MINUTE_MS = 60_000;
  it.each([
    ['both clocks go on', 1_000, 1_000, 1_000],
    ['the wall clock is set back an hour', -60 * MINUTE_MS + 1_000, 1_000, 1_000],
    [
      'the wall clock is set forward an hour',
      60 * MINUTE_MS + 1_000,
      1_000,
      60 * MINUTE_MS + 1_000,
    ],
    ['the process was frozen and the monotonic clock with it', 5 * MINUTE_MS, 3, 5 * MINUTE_MS],
    ['no clock moved', 0, 0, 0],
  ])('when %s', (_name, wallByMs, monotonicByMs, elapsedMs) => {
    let [wall, monotonic] = [1_700_000_000_000, 500];
    const stopwatch = createStopwatch(
      () => wall,
      () => monotonic,
    );
    wall += wallByMs;
    monotonic += monotonicByMs;
    expect(stopwatch.elapsedMs()).toBe(elapsedMs);
    expect(stopwatch.elapsedMs()).toBe(elapsedMs);
  });

  it('never goes back and never misses what either clock saw, however often it is read', () => {
    const move = fc.record({ wall: fc.integer(), monotonic: fc.nat(), isRead: fc.boolean() });
    fc.assert(
      fc.property(fc.array(move), (moves) => {
        let [wall, monotonic] = [0, 0];
        const stopwatch = createStopwatch(
          () => wall,
          () => monotonic,
        );
        let before = 0;
        for (const { wall: byMs, monotonic: onMs, isRead } of moves) {
          wall += byMs;
          monotonic += onMs;
          if (!isRead) continue;
          const elapsed = stopwatch.elapsedMs();
          expect(elapsed).toBeGreaterThanOrEqual(before);
          before = elapsed;
        }
        expect(stopwatch.elapsedMs()).toBeGreaterThanOrEqual(Math.max(monotonic, wall));
      }),
    );
  });
});
