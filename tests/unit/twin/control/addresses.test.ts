import { expect, test } from 'vitest';
import { addressesOf, portsFrom } from '#twin/control/addresses.ts';

test('counts every port up from the base port', () => {
  expect(addressesOf(portsFrom(9_000, ['us-east-1', 'us-east-2']))).toEqual({
    entry: 'http://127.0.0.1:9000',
    regions: { 'us-east-1': 'http://127.0.0.1:9001', 'us-east-2': 'http://127.0.0.1:9002' },
    aws: 'http://127.0.0.1:9003',
    control: 'http://127.0.0.1:9004',
    dns: '127.0.0.1:9005',
  });
});

test.each([1_023, 65_531, 8_080.5, Number.NaN])('rejects the base port %s', (port) => {
  expect(() => portsFrom(port, ['us-east-1'])).toThrow('from 1024 to 65530');
});

test.each([{ regions: [] }, { regions: ['a', 'b', 'c'] }])('rejects $regions', ({ regions }) => {
  expect(() => portsFrom(8_080, regions)).toThrow('one or two Regions');
});
