import { describe, expect, it } from 'vitest';

import { createRouter } from '#twin/region/api/router.ts';

const router = createRouter(
  [
    ['GET', '/'],
    ['POST', '/process'],
    ['GET', '/payments/{transaction_id}'],
    ['GET', '/payments/latest'],
    ['GET', '/customers/{customer_id}/payments'],
    ['ANY', '/files/{proxy+}'],
    ['DELETE', '/files/{proxy+}'],
    ['GET', '/files/{name}/meta'],
  ].map(([httpMethod = '', path = '']) => ({ httpMethod, path, target: `${httpMethod} ${path}` })),
);

describe('createRouter', () => {
  it.each([
    ['GET', '/', 'GET /', null],
    ['POST', '/process', 'POST /process', null],
    ['POST', '/process/', 'POST /process', null],
    ['GET', '/payments/tx%201', 'GET /payments/{transaction_id}', { transaction_id: 'tx%201' }],
    ['GET', '/payments/latest', 'GET /payments/latest', null],
    [
      'GET',
      '/customers/c-1/payments',
      'GET /customers/{customer_id}/payments',
      { customer_id: 'c-1' },
    ],
    ['PUT', '/files/a/b/c', 'ANY /files/{proxy+}', { proxy: 'a/b/c' }],
    ['DELETE', '/files/a', 'DELETE /files/{proxy+}', { proxy: 'a' }],
    ['GET', '/files/a/meta', 'GET /files/{name}/meta', { name: 'a' }],
    ['GET', '/files/a/other', 'ANY /files/{proxy+}', { proxy: 'a/other' }],
  ])('leads %s %s to %s', (httpMethod, path, target, parameters) => {
    const match = router.match(httpMethod, path);
    expect(match?.target).toBe(target);
    expect(match?.rawPathParameters && { ...match.rawPathParameters }).toEqual(parameters);
  });

  it.each([
    ['GET', '/process'],
    ['HEAD', '/payments/latest'],
    ['POST', '/nothing'],
    ['GET', '/payments'],
    ['GET', '/payments//'],
    ['GET', '/payments/a/b'],
    ['GET', '/PROCESS'],
    ['GET', '/files/'],
  ])('leads %s %s nowhere', (httpMethod, path) => {
    expect(router.match(httpMethod, path)).toBeNull();
  });

  it('keeps a parameter called __proto__ as a parameter', () => {
    const odd = createRouter([{ httpMethod: 'GET', path: '/{__proto__}', target: 1 }]);
    expect(Object.entries(odd.match('GET', '/x')?.rawPathParameters ?? {})).toEqual([
      ['__proto__', 'x'],
    ]);
  });

  it.each([
    ['/a/{x+}/b', 'must be the last segment'],
    ['/b/{y}', '{y} and {x} stand at the same level'],
  ])('rejects the resource %s', (path, message) => {
    const entries = ['/b/{x}', path].map((one) => ({ httpMethod: 'GET', path: one, target: 0 }));
    expect(() => createRouter(entries)).toThrow(message);
  });
});
