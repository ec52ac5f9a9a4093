import { expect, it } from 'vitest';
import { regionPresence } from '#twin/events/region-presence.ts';
import type { RegionCondition } from '#twin/faults/fault.ts';

it.each<[RegionCondition, boolean]>([
  ['up', true],
  ['isolated', true],
  ['frozen', false],
  ['dead', false],
  ['killed', false],
])('a Region that is %s serves its own queues and rules: %s', (condition, serves) => {
  const network = { conditionOf: () => condition, onChange: () => () => undefined };
  expect(regionPresence(network, 'us-east-1').isServing()).toBe(serves);
});
