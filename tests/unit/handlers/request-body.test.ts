import { describe, expect, it } from 'vitest';
import { BODY_MAX_BYTES, readBody } from '#handlers/request-body.ts';

const code = (result: ReturnType<typeof readBody>) =>
  result.kind === 'refused' ? result.fault.code : 'text';

describe('readBody', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/problem+json',
    ' application/json ',
  ])('accepts the content type %s', (contentType) => {
    expect(readBody({ body: '{}', headers: { 'Content-Type': contentType } })).toEqual({
      kind: 'text',
      text: '{}',
    });
  });

  it.each([
    '',
    'json',
    'text/json',
    'text/plain',
    'application/jsonx',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('rejects the content type %s', (contentType) => {
    expect(code(readBody({ body: '{}', headers: { 'content-type': contentType } }))).toBe(
      'unsupported_media_type',
    );
  });

  it('takes a direct invocation with only a body for JSON', () => {
    expect(readBody({ body: '{"a":1}' })).toEqual({ kind: 'text', text: '{"a":1}' });
  });

  it.each([[null], [undefined], ['']])('rejects the empty body %s', (body) => {
    expect(code(readBody(body === undefined ? {} : { body }))).toBe('invalid_json');
  });

  it('decodes base64', () => {
    const body = Buffer.from('{"a":"é"}').toString('base64');
    expect(readBody({ body, isBase64Encoded: true })).toEqual({ kind: 'text', text: '{"a":"é"}' });
  });

  it.each([
    ['not base64', '{}!'],
    ['base64 cut short', 'eyJ'],
    ['base64 of no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]).toString('base64')],
    ['base64 of a surrogate in UTF-8', Buffer.from([0xed, 0xa0, 0x80]).toString('base64')],
  ])('rejects %s', (_name, body) => {
    expect(code(readBody({ body, isBase64Encoded: true }))).toBe('invalid_encoding');
  });

  it('counts bytes, not characters, plain and in base64', () => {
    const fits = 'é'.repeat(BODY_MAX_BYTES / 2);
    const over = `${fits}a`;
    expect(code(readBody({ body: fits }))).toBe('text');
    expect(code(readBody({ body: over }))).toBe('body_too_large');
    const encode = (text: string) => Buffer.from(text).toString('base64');
    expect(code(readBody({ body: encode(fits), isBase64Encoded: true }))).toBe('text');
    expect(code(readBody({ body: encode(over), isBase64Encoded: true }))).toBe('body_too_large');
    expect(code(readBody({ body: 'A'.repeat(6_000_000), isBase64Encoded: true }))).toBe(
      'body_too_large',
    );
  });
});
