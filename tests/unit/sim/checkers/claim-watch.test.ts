import { describe, expect, it } from 'vitest';
import { ClaimWatch } from '#sim/checkers/claim-watch.ts';
import type { RegionName } from '#sim/faults/fault-spec.ts';
import type { System } from '#sim/system.ts';

const EAST_1 = 'us-east-1';
const EAST_2 = 'us-east-2';
const SAFETY_MS = 200_000;

type Move = readonly [atMs: number, active: RegionName];
interface Said {
  readonly atMs: number;
  readonly isHere: boolean;
  readonly tookMs?: number;
  readonly life?: number;
}

/** What us-east-1 breaks by saying so while traffic moves. */
function brokenBy(
  moves: readonly Move[],
  said: readonly Said[],
  consistency: 'strong' | 'eventual' = 'eventual',
): readonly string[] {
  const told: string[] = [];
  const world = { nowMs: 0 };
  const control = { entries: [] as unknown[], appendedAtMs: [] as number[] };
  const watch = new ClaimWatch(
    {
      ...{ world, control },
      plan: { topology: { consistency, policy: 'active-passive' }, safetyMs: SAFETY_MS },
      violate: (invariant: number, message: string) => void told.push(`${invariant}: ${message}`),
    } as unknown as System,
    EAST_1,
  );
  const left = [...moves];
  for (const { atMs, isHere, tookMs = 10, life = 1 } of said) {
    for (let [move] = left; move !== undefined && move[0] <= atMs; [move] = left) {
      control.entries.push({ active: [move[1]] });
      control.appendedAtMs.push(move[0]);
      left.shift();
    }
    world.nowMs = atMs;
    watch.said(isHere, atMs - tookMs, life);
  }
  watch.settled();
  return told;
}

const here = (atMs: number, more: Partial<Said> = {}): Said => ({ atMs, isHere: true, ...more });
const elsewhere = (atMs: number): Said => ({ atMs, isHere: false });
const LEFT: Move = [10_000, EAST_2];
const BACK: Move = [90_000, EAST_1];

describe('a Region that says that traffic belongs there', () => {
  it('is taken at its word where it does, or did until just now', () => {
    expect(brokenBy([], [here(5_000)])).toEqual([]);
    expect(brokenBy([LEFT], [here(5_000), here(30_000), elsewhere(31_000)])).toEqual([]);
    expect(brokenBy([LEFT, BACK], [elsewhere(20_000), here(100_000)])).toEqual([]);
  });

  it('should have heard by then', () => {
    const found = '6: us-east-1 says that traffic belongs there, 20001 ms after epoch 1';
    expect(brokenBy([LEFT], [here(30_001)])).toEqual([found]);
    expect(brokenBy([LEFT, [20_000, EAST_2]], [here(30_001)])).toEqual([found]);
  });

  it('may be cut off, where a strong table refuses it', () => {
    expect(brokenBy([LEFT], [here(190_000)], 'strong')).toEqual([]);
  });

  it('may not take back what it knew, unless it began anew', () => {
    const found = '6: us-east-1 says that traffic belongs there, and knew better since epoch 1';
    expect(brokenBy([LEFT], [elsewhere(11_000), here(12_000)], 'strong')).toEqual([found]);
    expect(brokenBy([LEFT], [elsewhere(11_000), here(12_000, { life: 2 })], 'strong')).toEqual([]);
    // What it said before the move was about something else.
    expect(brokenBy([LEFT], [elsewhere(9_000), here(12_000)], 'strong')).toEqual([]);
  });

  it('is not heard after a pause', () => {
    expect(brokenBy([LEFT], [here(190_000, { tookMs: 2_001 })])).toEqual([]);
  });
});

describe('a Region in the end', () => {
  it('knows where traffic belongs', () => {
    const end = SAFETY_MS + 5_000;
    expect(brokenBy([LEFT], [elsewhere(end)], 'strong')).toEqual([]);
    expect(brokenBy([LEFT], [here(end)], 'strong')).toEqual([
      '6: us-east-1 says in the end that traffic belongs there: the log sends it to us-east-2',
    ]);
    expect(brokenBy([], [elsewhere(end)], 'strong')).toEqual([
      '13: us-east-1 says in the end that traffic belongs elsewhere: the log sends it to us-east-1',
    ]);
  });

  it('is given the time to hear', () => {
    expect(brokenBy([], [elsewhere(SAFETY_MS + 4_999)], 'strong')).toEqual([]);
    expect(brokenBy([], [], 'strong')).toEqual([]);
  });
});
