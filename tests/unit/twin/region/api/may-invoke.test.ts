import { describe, expect, it } from 'vitest';

import { mayInvoke } from '#twin/region/api/may-invoke.ts';

const PRINCIPAL = 'apigateway.amazonaws.com';
const SOURCE = 'arn:aws:execute-api:us-east-1:123456789012:abc/prod/POST/process';

function allowed(sourceArn: string | null, principal = PRINCIPAL): boolean {
  return mayInvoke({ permissions: [{ principal, sourceArn }] }, PRINCIPAL, SOURCE);
}

describe('mayInvoke', () => {
  it.each([
    [null],
    [SOURCE],
    ['arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/process'],
    ['arn:aws:execute-api:us-east-1:123456789012:abc/*'],
    ['arn:aws:execute-api:*:*:abc/prod/POST/process'],
    ['arn:aws:execute-api:us-east-?:123456789012:abc/prod/P*/process'],
  ])('lets %s invoke', (sourceArn) => {
    expect(allowed(sourceArn)).toBe(true);
  });

  it.each([
    ['arn:aws:execute-api:us-east-2:123456789012:abc/*/POST/process'],
    ['arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/process'],
    ['arn:aws:execute-api:us-east-1:123456789012:abc/*/POST/proces'],
    ['arn:aws:execute-api:us-east-1:123456789012:abd/*/POST/process'],
    // A * does not reach over a colon.
    ['arn:*:abc/prod/POST/process'],
    ['arn:aws:execute-api:us-east-1:123456789012:abc/prod/POST/process.'],
  ])('rejects %s', (sourceArn) => {
    expect(allowed(sourceArn)).toBe(false);
  });

  it('rejects another principal, and a function without permissions', () => {
    expect(allowed(null, 'sns.amazonaws.com')).toBe(false);
    expect(mayInvoke({ permissions: [] }, PRINCIPAL, SOURCE)).toBe(false);
  });

  it('takes any principal where the permission says *', () => {
    expect(allowed(null, '*')).toBe(true);
  });
});
