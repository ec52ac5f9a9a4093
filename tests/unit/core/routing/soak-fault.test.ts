import { describe, expect, it } from 'vitest';
import type { Presence } from '#core/routing/presence.ts';
import { soakFault } from '#core/routing/soak-fault.ts';

const EAST_1 = 'us-east-1';
const NOW = 1_700_000_000_000;

/** Ages before now, milliseconds. */
function beatOf(ageMs: number, healthySinceMs: number | null): Presence {
  return {
    ...{ region: EAST_1, apiUrl: 'https://one.example/', policy: 'active-passive', beat: 4 },
    ...{ serving: healthySinceMs !== null, atEpochMs: NOW - ageMs },
    healthySinceEpochMs: healthySinceMs === null ? null : NOW - healthySinceMs,
    followedEpoch: 0,
    peerHealthy: null,
    peerSilence: null,
    peerHealthyNow: null,
    moveAge: null,
  };
}

describe('soakFault', () => {
  it.each([
    ['healthy for a minute at its last beat', beatOf(5_000, 65_000), null],
    ['healthy for a second less', beatOf(5_000, 64_000), '59 s only'],
    ['healthy since a time to come', beatOf(5_000, -30_000), '0 s only'],
    ['heard of 90 s ago', beatOf(90_000, 900_000), null],
    ['heard of longer ago', beatOf(91_000, 900_000), 'last heard of 91 s ago'],
    ['of a clock 90 s ahead', beatOf(-90_000, 900_000), null],
    ['of a clock further ahead', beatOf(-91_000, 900_000), 'last heard of 91 s ago'],
    ['not healthy', beatOf(5_000, null), 'not healthy by its own account'],
    ['never heard of', undefined, 'never been heard of'],
  ])('of a Region %s', (_name, beat, text) => {
    const fault = soakFault(EAST_1, beat, NOW);
    if (text === null) expect(fault).toBeNull();
    else expect(fault).toContain(text);
  });
});
