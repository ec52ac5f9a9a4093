import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '#contract/errors.ts';
import { bodyTextOf, type CoreAnswer } from '#core/answers.ts';
import { GATEWAY_TIMEOUT, NO_FUNCTION, responseOf } from '#sim/region/api-response.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];
const RETRYABLE = CODES.filter((code) => ERRORS[code].retry !== 'never');

describe('responseOf', () => {
  it.each(CODES)('says of %s what its answer says', (code) => {
    const refused: CoreAnswer = { kind: 'refused', fault: { code } };
    const { status } = ERRORS[code];
    for (let times = 0; times < 2; times += 1) {
      const response = responseOf(refused);
      expect(response).toMatchObject({ status, code, body: bodyTextOf(refused, '') });
    }
  });

  it('keeps clients away for a second after what may be retried, and says nothing else of time', () => {
    const asked = CODES.filter(
      (code) => responseOf({ kind: 'refused', fault: { code } }).retryAfterMs === 1_000,
    );
    expect(asked).toEqual(RETRYABLE);
    expect(asked.length).toBeGreaterThan(3);
    const answer = { kind: 'ok', status: 200, body: { status: 'healthy' } } as const;
    expect(responseOf(answer)).toEqual({
      ...{ status: 200, code: null, retryAfterMs: null },
      body: '{"status":"healthy"}',
    });
  });

  it('repeats no details of another answer', () => {
    const field = { kind: 'refused', fault: { code: 'missing_field', field: 'a' } } as const;
    const other = { kind: 'refused', fault: { code: 'missing_field', field: 'b' } } as const;
    const plain = { kind: 'refused', fault: { code: 'missing_field' } } as const;
    const bodies = [field, plain, other].map((answer) => responseOf(answer).body);
    expect(bodies).toEqual([field, plain, other].map((answer) => bodyTextOf(answer, '')));
    expect(new Set(bodies).size).toBe(3);
  });
});

it('without a function the service in front says that it may have had its effect', () => {
  expect(NO_FUNCTION).toMatchObject({ status: 500, code: 'internal_error', retryAfterMs: 1_000 });
  expect(GATEWAY_TIMEOUT).toMatchObject({ status: 504, code: 'gateway_timeout' });
});
