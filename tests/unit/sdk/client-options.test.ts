import { describe, expect, it } from 'vitest';
import { readOptions } from '#sdk/client-options.ts';
import { createHoldfastClient, type HoldfastClientOptions } from '#sdk/index.ts';
import { createClientWorld } from './client-world.ts';

const endpoints = [
  { region: 'us-east-1', url: 'https://a.example.com/prod/' },
  { region: 'us-east-2', url: 'http://127.0.0.1:8082' },
];

describe('the options', () => {
  it('are completed', () => {
    const { policy, urls } = readOptions({ endpoints, maxTries: 4 });
    expect(policy).toEqual({
      regions: ['us-east-1', 'us-east-2'],
      totalDeadlineMs: 10_000,
      perTryTimeoutMs: 2_000,
      maxTries: 4,
      breakerFaults: 3,
      breakerCooldownMs: 10_000,
    });
    expect([...urls.values()]).toEqual(['https://a.example.com/prod', 'http://127.0.0.1:8082']);
  });

  const withUrl = (url: unknown) => ({ endpoints: [{ region: 'us-east-1', url }] });
  const rows: readonly [string, unknown, string][] = [
    ['none', undefined, 'takes an object of options, not undefined'],
    ['a misspelt one', { endpoints, maxRetries: 3 }, 'no option "maxRetries"; there are endpoints'],
    ['no endpoint', { endpoints: [] }, 'endpoints is empty'],
    ['an endpoint without a name', { endpoints: [{ url: 'https://a' }] }, 'endpoints[0].region'],
    ['an endpoint twice', { endpoints: [endpoints[0], endpoints[0]] }, 'is there twice'],
    [
      'a misspelt endpoint',
      { endpoints: [{ region: 'a', uri: 'https://a' }] },
      'endpoints[0] has no option "uri"',
    ],
    ['no URL', withUrl(undefined), 'endpoints[0].url: use a URL such as'],
    ['another scheme', withUrl('ftp://a.example.com'), 'use a URL such as'],
    ['plain http', withUrl('http://a.example.com'), 'use https'],
    ['credentials', withUrl('https://u:secret@a.example.com'), 'leave the credentials out'],
    ['a query', withUrl('https://a.example.com/?'), 'leave out the query'],
    ['no tries', { endpoints, maxTries: 0 }, 'maxTries is 0; use a whole number from 1 to 1000'],
    ['half a fault', { endpoints, breakerFaults: 1.5 }, 'breakerFaults is 1.5'],
    ['a deadline in words', { endpoints, totalDeadlineMs: '10s' }, 'totalDeadlineMs is "10s"'],
    ['an endless deadline', { endpoints, totalDeadlineMs: 2 ** 31 }, 'from 1 to 2147483647'],
    [
      'a try that outlasts its call',
      { endpoints, totalDeadlineMs: 1_000 },
      'perTryTimeoutMs (2000) is above totalDeadlineMs (1000)',
    ],
    ['a fetch that is none', { endpoints, fetch: 'undici' }, 'fetch must be a function'],
    ['a clock that is none', { endpoints, clock: null }, 'clock must have a function nowMs'],
  ];

  it.each(rows)('rejects %s', (_name, options, message) => {
    const create = () => createHoldfastClient(options as HoldfastClientOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it('never quote a URL, which may hold a secret', () => {
    expect(() => readOptions(withUrl('https://u:secret@a.example.com') as never)).toThrow(
      /^(?!.*secret@).*$/,
    );
  });
});

describe('the options of a call', () => {
  const order = { transaction_id: 't-1', customer_id: 'c-1', amount: '10.50', currency: 'USD' };

  it.each([
    ['a misspelt one', { timeout: 1 }, 'a call has no option "timeout"'],
    ['a deadline of nothing', { totalDeadlineMs: 0 }, 'totalDeadlineMs is 0'],
    ['a signal that is none', { signal: {} }, 'signal must be an AbortSignal'],
  ])('rejects %s, sending nothing', async (_name, options, message) => {
    const { client, seen } = createClientWorld();
    await expect(client.processPayment(order, options as never)).rejects.toThrow(message);
    expect(seen).toEqual([]);
  });

  it('shorten one call', async () => {
    const { client, failure } = createClientWorld(
      {},
      { 'us-east-1': () => 'hang', 'us-east-2': () => 'hang' },
    );
    const error = await failure(client.processPayment(order, { totalDeadlineMs: 600 }));
    expect(error.attempts.map(({ region, tookMs }) => `${region} ${tookMs}`)).toEqual([
      'us-east-1 300',
      'us-east-2 300',
    ]);
  });
});
