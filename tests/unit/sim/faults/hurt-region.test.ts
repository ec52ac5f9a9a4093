import { expect, it } from 'vitest';
import type { Fault } from '#sim/faults/fault-spec.ts';
import { hurtRegionOf } from '#sim/faults/hurt-region.ts';

const region = 'us-east-2';

it.each<Fault>([
  { id: 'F1', region },
  { id: 'F2', region, direction: 'in' },
  { id: 'F4', region },
  { id: 'F8', region, factor: 20 },
  { id: 'F10', region, process: 'api' },
  { id: 'F11', region, process: 'health' },
  { id: 'F12', region, extraMs: 900 },
  { id: 'F13', region, probability: 0.5 },
  { id: 'F15', region, probability: 0.9 },
])('$id hurts its Region', (fault) => {
  expect(hurtRegionOf(fault)).toBe(region);
});

it.each<Fault>([
  // Two of three are a quorum.
  { id: 'F3', region },
  { id: 'F5', probability: 0.2 },
  { id: 'F9', region, process: 'api', probability: 0.05 },
  { id: 'F10', region, process: 'sweep' },
  { id: 'F12', region, extraMs: 60 },
  { id: 'F15', region, probability: 0.1 },
  { id: 'F21', region, probability: 1 },
  { id: 'F26', copies: 3 },
])('$id hurts no Region', (fault) => {
  expect(hurtRegionOf(fault)).toBeNull();
});
