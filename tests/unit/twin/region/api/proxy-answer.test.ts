import { describe, expect, it } from 'vitest';

import { mapProxyAnswer } from '#twin/region/api/proxy-answer.ts';

function map(output: unknown, acceptsBinary = false) {
  return mapProxyAnswer(JSON.stringify(output), acceptsBinary);
}

describe('mapProxyAnswer', () => {
  it('takes status, headers and body as they are', () => {
    const output = { statusCode: 201, headers: { 'content-type': 'text/plain' }, body: 'ok' };
    expect(map(output)).toEqual({
      kind: 'answer',
      answer: { status: 201, headers: ['content-type', 'text/plain'], body: 'ok' },
    });
  });

  it('says JSON where the function names no content type', () => {
    expect(map({ statusCode: 204 })).toEqual({
      kind: 'answer',
      answer: { status: 204, headers: ['Content-Type', 'application/json'], body: '' },
    });
  });

  it('merges single and multi value headers, a pair that is in both once', () => {
    const output = {
      statusCode: '200',
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      headers: { 'set-cookie': 'a=1', 'x-on': true, 'content-type': 'a/b' },
    };
    expect(map(output)).toMatchObject({
      answer: {
        headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'x-on', 'true', 'content-type', 'a/b'],
      },
    });
  });

  it('sends headers that are its own under another name, and no framing', () => {
    const headers = { Date: 'then', 'content-length': '99', 'transfer-encoding': 'chunked' };
    expect(map({ statusCode: 200, headers: { ...headers, 'content-type': 'a/b' } })).toMatchObject({
      answer: {
        headers: [
          'x-amzn-Remapped-Date',
          'then',
          'x-amzn-Remapped-content-length',
          '99',
          'content-type',
          'a/b',
        ],
      },
    });
  });

  it('decodes a base64 body for a caller that accepts binary, and only then', () => {
    const output = { statusCode: 200, body: 'AP8=', isBase64Encoded: true };
    expect(map(output, true)).toMatchObject({ answer: { body: Buffer.from([0, 255]) } });
    expect(map(output, false)).toMatchObject({ answer: { body: 'AP8=' } });
    expect(map({ ...output, body: '{}' }, true)).toEqual({ kind: 'not-base64' });
  });

  it.each([
    ['null', null, 'not an object'],
    ['text', 'hello', 'not an object'],
    ['an array', [], 'not an object'],
    ['no statusCode', {}, 'statusCode'],
    ['a fraction as statusCode', { statusCode: 200.5 }, 'statusCode'],
    ['statusCode 1xx', { statusCode: 100 }, 'statusCode'],
    ['statusCode 600', { statusCode: 600 }, 'statusCode'],
    ['words as statusCode', { statusCode: 'OK' }, 'statusCode'],
    ['true as statusCode', { statusCode: true }, 'statusCode'],
    ['an object as body', { statusCode: 200, body: { a: 1 } }, 'body'],
    ['a number as body', { statusCode: 200, body: 7 }, 'body'],
    ['an unknown field', { statusCode: 200, cookies: [] }, '"cookies"'],
    ['a number as header', { statusCode: 200, headers: { 'retry-after': 1 } }, '"retry-after"'],
    ['a list as headers', { statusCode: 200, headers: [] }, 'headers'],
    ['a line break in a header', { statusCode: 200, headers: { a: 'b\r\nc: d' } }, '"a"'],
    ['a space in a header name', { statusCode: 200, headers: { 'a b': 'c' } }, '"a b"'],
    ['words as isBase64Encoded', { statusCode: 200, isBase64Encoded: 'yes' }, 'isBase64Encoded'],
  ])('rejects %s', (_, output, reason) => {
    expect(map(output)).toEqual({ kind: 'malformed', reason: expect.stringContaining(reason) });
  });
});
