import { describe, expect, it } from 'vitest';
import { credentialScope } from '#twin/endpoint/credential-scope.ts';

const SIGNED = 'SignedHeaders=host;x-amz-date, Signature=abc';

describe('credentialScope', () => {
  it.each([
    [
      'with a space after the comma',
      `Credential=AKID/20260101/us-east-1/dynamodb/aws4_request, ${SIGNED}`,
    ],
    ['without one', `Credential=AKID/20260101/us-east-1/dynamodb/aws4_request,${SIGNED}`],
  ])('reads the Authorization header %s', (_name, text) => {
    expect(credentialScope(`AWS4-HMAC-SHA256 ${text}`, '/')).toEqual({
      accessKeyId: 'AKID',
      region: 'us-east-1',
      service: 'dynamodb',
    });
  });

  it('reads a presigned address', () => {
    const query =
      'Action=Publish&X-Amz-Credential=AKID%2F20260101%2Fus-east-2%2Fsns%2Faws4_request';
    expect(credentialScope(undefined, `/?${query}`)).toEqual({
      accessKeyId: 'AKID',
      region: 'us-east-2',
      service: 'sns',
    });
  });

  it.each([
    ['no header and no query', undefined, '/'],
    ['a query without a credential', undefined, '/?Action=Publish'],
    ['another scheme', 'Bearer token', '/'],
    ['a scope cut short', 'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1', '/'],
    ['an empty Region', 'AWS4-HMAC-SHA256 Credential=AKID/20260101//sqs/aws4_request', '/'],
    ['another end', 'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/sqs/aws5_request', '/'],
    [
      'a scope too long',
      'AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/sqs/aws4_request/x',
      '/',
    ],
  ])('rejects %s', (_name, authorization, url) => {
    expect(credentialScope(authorization, url)).toBeNull();
  });
});
