import { describe, expect, it } from 'vitest';
import { crossSiteReason } from '#twin/endpoint/loopback-guard.ts';

describe('crossSiteReason', () => {
  it.each([
    [undefined, undefined],
    [undefined, '127.0.0.1:4566'],
    [undefined, 'localhost'],
    [undefined, 'twin.localhost:80'],
    [undefined, '[::1]:4566'],
    ['http://localhost:3000', 'localhost:4566'],
    ['http://127.0.0.1:3000', '127.0.0.1:4566'],
    ['http://[::1]:3000', '127.0.0.1:4566'],
  ])('lets origin %s to host %s pass', (origin, host) => {
    expect(crossSiteReason(origin, host)).toBeNull();
  });

  it.each([
    ['https://evil.example', '127.0.0.1:4566'],
    ['null', '127.0.0.1:4566'],
    ['http://localhost.evil.example', '127.0.0.1:4566'],
    ['http://127.0.0.1.evil.example', '127.0.0.1:4566'],
    [undefined, 'evil.example:4566'],
    [undefined, '127.0.0.1.evil.example'],
    [undefined, 'notlocalhost'],
  ])('rejects origin %s to host %s', (origin, host) => {
    expect(crossSiteReason(origin, host)).toMatch(/refused/);
  });
});
