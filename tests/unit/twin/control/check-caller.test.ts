import { describe, expect, test } from 'vitest';
import { checkCaller } from '#twin/control/check-caller.ts';

const json = { 'content-type': 'application/json' };

describe('checkCaller', () => {
  test.each([
    { method: 'GET', headers: { host: '127.0.0.1:8084' } },
    { method: 'GET', headers: { host: 'localhost:8084' } },
    { method: 'GET', headers: { host: '[::1]:8084' } },
    { method: 'DELETE', headers: { host: 'localhost:8084', origin: 'http://localhost:8084' } },
    { method: 'POST', headers: { host: '127.0.0.1:8084', ...json } },
    {
      method: 'POST',
      headers: { host: '127.0.0.1:8084', 'content-type': 'Application/JSON; charset=utf-8' },
    },
  ])('lets $method with $headers in', ({ method, headers }) => {
    expect(checkCaller(method, headers)).toBeNull();
  });

  test.each([
    { why: 'without Host', method: 'GET', headers: {} },
    { why: 'with a rebound name', method: 'GET', headers: { host: 'evil.example:8084' } },
    {
      why: 'with a loopback-like name',
      method: 'GET',
      headers: { host: '127.0.0.1.evil.example' },
    },
    { why: 'with another address', method: 'GET', headers: { host: '10.0.0.1:8084' } },
    {
      why: 'from another page',
      method: 'DELETE',
      headers: { host: '127.0.0.1:8084', origin: 'http://evil.example' },
    },
    {
      why: 'from a page on another port',
      method: 'DELETE',
      headers: { host: '127.0.0.1:8084', origin: 'http://127.0.0.1:3000' },
    },
    {
      why: 'from a sandboxed frame',
      method: 'POST',
      headers: { host: '127.0.0.1:8084', origin: 'null', ...json },
    },
  ])('rejects a request $why with 403', ({ method, headers }) => {
    expect(checkCaller(method, headers)).toMatchObject({ status: 403, code: 'forbidden_caller' });
  });

  test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'rejects a POST of %s with 415',
    (contentType) => {
      const headers = { host: '127.0.0.1:8084', 'content-type': contentType };
      expect(checkCaller('POST', headers)).toMatchObject({ status: 415 });
    },
  );
});
