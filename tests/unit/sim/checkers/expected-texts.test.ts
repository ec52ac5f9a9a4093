import { expect, it } from 'vitest';
import { amountText, chargeKey, refundKey } from '#sim/checkers/expected-texts.ts';
import { fastHash } from '#sim/kernel/fast-hash.ts';

it.each([
  [1_050n, 'USD', '10.50'],
  [5n, 'USD', '0.05'],
  [100n, 'USD', '1.00'],
  [500n, 'JPY', '500'],
  [1n, 'BHD', '0.001'],
  [12_345n, 'UYW', '1.2345'],
])('writes %d of %s as %s', (amountMinor, currency, text) => {
  expect(amountText(amountMinor, currency)).toBe(text);
});

it('names charges and refunds at the bank', () => {
  expect(chargeKey('a/1 é')).toBe('a%2F1%20%C3%A9');
  expect(refundKey('a/1', 'r#1')).toBe('a%2F1/refunds/r%231');
  expect(chargeKey('x'.repeat(255))).toBe('x'.repeat(255));
  expect(chargeKey('x'.repeat(256))).toBe(`sha256:${fastHash('x'.repeat(256))}`);
});
