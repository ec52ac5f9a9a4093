import { describe, expect, it } from 'vitest';
import { gatewayUrlFault } from '#contract/gateway-url.ts';

describe('the base URL of a gateway', () => {
  it.each([
    'https://pay.example.com',
    'https://pay.example.com/v1/',
    'https://pay.example.com:8443',
    'http://127.0.0.1:8090',
    'http://localhost:8090',
    'http://[::1]:8090',
  ])('may be %s', (url) => {
    expect(gatewayUrlFault(url)).toBeNull();
  });

  it.each([
    ['', 'use a URL such as'],
    ['pay.example.com', 'use a URL such as'],
    ['ftp://pay.example.com', 'use a URL such as'],
    ['http://pay.example.com', 'use https'],
    ['http://127.0.0.1.example.com', 'use https'],
    ['http://localhost.example.com', 'use https'],
    ['http://10.0.0.1', 'use https'],
    ['https://user@pay.example.com', 'credentials'],
    ['https://:secret@pay.example.com', 'credentials'],
    ['https://pay.example.com/?', 'query'],
    ['https://pay.example.com/?a=b', 'query'],
    ['https://pay.example.com/#', 'fragment'],
  ])('rejects %j', (url, mend) => {
    expect(gatewayUrlFault(url)).toContain(mend);
  });

  it('repeats nothing of it: it may carry a secret', () => {
    expect(gatewayUrlFault('https://user:hunter2@pay.example.com')).not.toContain('hunter2');
  });
});
