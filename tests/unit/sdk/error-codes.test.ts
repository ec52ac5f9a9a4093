import { expect, it } from 'vitest';
import { ERRORS } from '#contract/errors.ts';
import { adviceFor, SERVER_CODES } from '#sdk/error-codes.ts';

it('has every code of the catalogue, with its retry advice', () => {
  const catalogue = Object.entries(ERRORS).map(([code, { retry }]) => [code, retry]);
  expect(SERVER_CODES).toEqual(Object.fromEntries(catalogue));
});

it.each([
  [500, 'same-key'],
  [408, 'same-key'],
  [429, 'after-delay'],
  [425, 'after-delay'],
  [418, 'never'],
])('judges an unknown code by its status: %i', (status, advice) => {
  expect(adviceFor(status, 'made_up_later')).toBe(advice);
  expect(adviceFor(status, 'toString')).toBe(advice);
});
