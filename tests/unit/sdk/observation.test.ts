import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '#contract/errors.ts';
import { type Made, type Meaning, mayHaveTakenEffect, meaningOf } from '#sdk/observation.ts';

const answer = (status: number, code: string | null = null): Made => ({
  kind: 'answered',
  region: 'us-east-1',
  status,
  code,
  retryAfterMs: null,
});
const silence = (because: 'refused' | 'broken' | 'timeout'): Made => ({
  kind: 'no-answer',
  region: 'us-east-1',
  because,
});

describe('what a try means', () => {
  const rows: readonly [string, Made, Meaning, effect: boolean][] = [
    ['200', answer(200), 'final', false],
    ['202', answer(202), 'final', false],
    ['a redirect', answer(307), 'final', false],
    ['400', answer(400, 'invalid_amount'), 'final', false],
    ['402', answer(402, 'payment_declined'), 'final', false],
    ['403', answer(403, 'unauthorized'), 'final', false],
    ['404', answer(404, 'payment_not_found'), 'final', false],
    ['408', answer(408), 'fault', true],
    ['409', answer(409, 'transaction_conflict'), 'final', false],
    ['409 of a payment under way', answer(409, 'payment_still_open'), 'busy', false],
    ['425', answer(425), 'busy', false],
    ['429', answer(429, 'too_many_requests'), 'busy', false],
    ['500', answer(500, 'internal_error'), 'fault', true],
    ['502 without a body', answer(502), 'fault', true],
    ['503 outcome_unknown', answer(503, 'outcome_unknown'), 'fault', true],
    ['503 unavailable', answer(503, 'unavailable'), 'fault', false],
    ['503 region_not_active', answer(503, 'region_not_active'), 'not-active', false],
    ['503 with a code of its own', answer(503, 'made_up_later'), 'fault', true],
    ['504', answer(504, 'gateway_timeout'), 'fault', true],
    ['a refused connection', silence('refused'), 'fault', false],
    ['a broken connection', silence('broken'), 'fault', true],
    ['silence', silence('timeout'), 'hung', true],
  ];

  it.each(rows)('%s', (_name, observation, meaning, effect) => {
    expect(meaningOf(observation)).toBe(meaning);
    expect(mayHaveTakenEffect(observation)).toBe(effect);
  });

  it('retries what the catalogue advises to retry, and nothing else', () => {
    const codes = Object.keys(ERRORS) as ErrorCode[];
    const retried = codes.filter(
      (code) => meaningOf(answer(ERRORS[code].status, code)) !== 'final',
    );
    expect(retried).toEqual(codes.filter((code) => ERRORS[code].retry !== 'never'));
  });
});
