import { expect, it } from 'vitest';
import { faultEpisodes } from '#sim/checkers/fault-episodes.ts';
import type { PlannedFault } from '#sim/faults/fault-spec.ts';

const isolated = (region: 'us-east-1' | 'us-east-2', atMs: number, forMs: number | null) =>
  ({ id: 'F1', region, atMs, forMs }) as const;

const paused = (process: 'sweep' | 'api') =>
  ({ id: 'F10', region: 'us-east-1', process, atMs: 0, forMs: 5 }) as const;

it.each<[string, readonly PlannedFault[], number]>([
  ['nothing', [], 0],
  ['a fault', [isolated('us-east-1', 0, 5)], 1],
  ['two that overlap', [isolated('us-east-1', 4, 5), isolated('us-east-1', 0, 5)], 1],
  ['one soon after the other', [isolated('us-east-1', 0, 5), isolated('us-east-1', 14, 5)], 1],
  ['one long after the other', [isolated('us-east-1', 0, 5), isolated('us-east-1', 16, 5)], 2],
  ['one after a permanent one', [isolated('us-east-1', 0, null), isolated('us-east-1', 90, 5)], 1],
  ['both Regions', [isolated('us-east-1', 0, 5), isolated('us-east-2', 1, 5)], 2],
  ['what both share', [{ id: 'F5', probability: 0.1, atMs: 0, forMs: 5 }], 2],
  ['what moves nothing', [{ id: 'F20', atMs: 0, forMs: 5 }], 0],
  ['a sweeper that is paused', [paused('sweep')], 0],
  ['an API that is paused', [paused('api')], 1],
])('counts %s', (_name, faults, count) => {
  expect(faultEpisodes(faults, { safetyMs: 100, gapMs: 10 })).toHaveLength(count);
});

it('ends with the last of its faults, at the heal at the latest', () => {
  const faults = [isolated('us-east-1', 0, 5), isolated('us-east-1', 3, 500)];
  expect(faultEpisodes(faults, { safetyMs: 100, gapMs: 10 })).toEqual([
    { region: 'us-east-1', fromMs: 0, toMs: 100, isShared: false },
  ]);
});
