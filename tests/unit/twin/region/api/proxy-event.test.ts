import { describe, expect, it } from 'vitest';

import { buildProxyEvent } from '#twin/region/api/proxy-event.ts';
import { CONTEXT, requestOf } from './request-fixture.ts';

function eventOf(rawHeaders: readonly string[], body: Buffer | string, more: object = {}) {
  const request = requestOf('POST', '/prod/process', rawHeaders, body);
  return JSON.parse(
    buildProxyEvent({
      request,
      body: request.body ?? Buffer.alloc(0),
      context: CONTEXT,
      resource: '/process',
      path: '/process',
      query: null,
      pathParameters: null,
      binary: false,
      accessKeyId: null,
      ...more,
    }),
  );
}

describe('buildProxyEvent', () => {
  it('has every field of payload format 1.0, null where there is nothing', () => {
    expect(eventOf([], '')).toEqual({
      resource: '/process',
      path: '/process',
      httpMethod: 'POST',
      headers: expect.any(Object),
      multiValueHeaders: expect.any(Object),
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      requestContext: {
        resourcePath: '/process',
        httpMethod: 'POST',
        extendedRequestId: CONTEXT.extendedRequestId,
        requestTime: '09/Apr/2015:12:34:56 +0000',
        requestTimeEpoch: 1_428_582_896_000,
        path: '/prod/process',
        accountId: '123456789012',
        protocol: 'HTTP/1.1',
        stage: 'prod',
        domainPrefix: 'abc123',
        domainName: 'abc123.execute-api.us-east-1.amazonaws.com',
        requestId: CONTEXT.requestId,
        apiId: 'abc123',
        identity: expect.objectContaining({
          sourceIp: '192.0.2.1',
          userAgent: 'agent/1',
          accessKey: null,
          user: null,
        }),
      },
      body: null,
      isBase64Encoded: false,
    });
  });

  it("keeps the names' casing, all values in one map and the last in the other", () => {
    const event = eventOf(['X-Mixed-Case', 'a', 'x-mixed-case', 'b', 'Accept', '*/*'], '');
    expect(event.headers).toMatchObject({ 'X-Mixed-Case': 'b', Accept: '*/*' });
    expect(event.headers).not.toHaveProperty('x-mixed-case');
    expect(event.multiValueHeaders).toMatchObject({ 'X-Mixed-Case': ['a', 'b'], Accept: ['*/*'] });
  });

  it('drops what concerns the connection', () => {
    const event = eventOf(
      ['Connection', 'close', 'Content-Length', '2', 'Expect', '100-continue'],
      '{}',
    );
    expect(Object.keys(event.headers).sort()).toEqual([
      'X-Amzn-Trace-Id',
      'X-Forwarded-For',
      'X-Forwarded-Proto',
    ]);
  });

  it('adds the caller to the addresses that the request was forwarded for', () => {
    const event = eventOf(['x-forwarded-for', '10.0.0.1'], '');
    expect(event.headers['X-Forwarded-For']).toBe('10.0.0.1, 192.0.2.1');
  });

  it('keeps a header called __proto__ as a header', () => {
    expect(Object.keys(eventOf(['__proto__', 'x'], '').headers)).toContain('__proto__');
  });

  it('decodes text as UTF-8, with a replacement for what is not', () => {
    expect(eventOf([], 'é').body).toBe('é');
    expect(eventOf([], Buffer.from([0x61, 0xff])).body).toBe('a\ufffd');
  });

  it('encodes a binary body as base64', () => {
    expect(eventOf([], Buffer.from([0, 255]), { binary: true })).toMatchObject({
      body: 'AP8=',
      isBase64Encoded: true,
    });
    expect(eventOf([], '', { binary: true })).toMatchObject({ body: null, isBase64Encoded: false });
  });
});
