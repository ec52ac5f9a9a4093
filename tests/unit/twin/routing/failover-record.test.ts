import { expect, test } from 'vitest';
import { chooseRegion } from '#twin/routing/failover-record.ts';

test.each([
  { healthy: ['us-east-1', 'us-east-2'], chosen: 'us-east-1' },
  { healthy: ['us-east-1'], chosen: 'us-east-1' },
  { healthy: ['us-east-2'], chosen: 'us-east-2' },
  { healthy: [], chosen: 'us-east-1' },
])('answers $chosen when healthy are $healthy', ({ healthy, chosen }) => {
  const regions = ['us-east-1', 'us-east-2'];
  expect(chooseRegion(regions, (region) => healthy.some((name) => name === region))).toBe(chosen);
});

test('rejects a record without Regions', () => {
  expect(() => chooseRegion([], () => true)).toThrow('at least one Region');
});
