import { describe, expect, it } from 'vitest';

import { checkIamAuthorization } from '#twin/region/api/check-iam-authorization.ts';

const DATE = '20260101T000000Z';
const SIGNATURE = 'a'.repeat(64);

function header(
  scope = 'AKIAEXAMPLE/20260101/us-east-1/execute-api/aws4_request',
  rest = `SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`,
) {
  return `AWS4-HMAC-SHA256 Credential=${scope}, ${rest}`;
}

describe('checkIamAuthorization', () => {
  it('lets a well-formed header in and names its access key', () => {
    expect(checkIamAuthorization(header(), DATE, 'us-east-1')).toEqual({
      kind: 'signed',
      accessKeyId: 'AKIAEXAMPLE',
    });
  });

  it('takes fields without spaces between them', () => {
    const compact = header().replaceAll(', ', ',');
    expect(checkIamAuthorization(compact, DATE, 'us-east-1').kind).toBe('signed');
  });

  it.each([
    ['no header', undefined, 'MISSING_AUTHENTICATION_TOKEN', undefined],
    ['a bearer token', 'Bearer abc', 'INVALID_SIGNATURE', 'IncompleteSignatureException'],
    [
      'no signature',
      header(undefined, 'SignedHeaders=host'),
      'INVALID_SIGNATURE',
      'IncompleteSignatureException',
    ],
    [
      'no credential',
      `AWS4-HMAC-SHA256 SignedHeaders=host, Signature=${SIGNATURE}`,
      'INVALID_SIGNATURE',
      'IncompleteSignatureException',
    ],
    [
      'a scope of four parts',
      header('AKIA/20260101/us-east-1/execute-api'),
      'INVALID_SIGNATURE',
      'IncompleteSignatureException',
    ],
    [
      'another Region',
      header('AKIA/20260101/us-east-2/execute-api/aws4_request'),
      'INVALID_SIGNATURE',
      undefined,
    ],
    [
      'another service',
      header('AKIA/20260101/us-east-1/s3/aws4_request'),
      'INVALID_SIGNATURE',
      undefined,
    ],
    [
      'a short signature',
      header(undefined, 'SignedHeaders=host, Signature=abc'),
      'INVALID_SIGNATURE',
      undefined,
    ],
  ])('rejects %s', (_, authorization, type, errorType) => {
    const check = checkIamAuthorization(authorization, DATE, 'us-east-1');
    if (check.kind !== 'refused') throw new Error('let in');
    expect(check.error.type).toBe(type);
    expect(check.error.errorType).toBe(errorType);
  });

  it('rejects a request without a date', () => {
    expect(checkIamAuthorization(header(), undefined, 'us-east-1').kind).toBe('refused');
  });
});
