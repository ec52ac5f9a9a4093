import { describe, expect, it } from 'vitest';
import { createAskTraffic } from '#ops/routing/ask-traffic.ts';

function answering(status: number, body: string) {
  const urls: string[] = [];
  const ask = createAskTraffic({
    timeoutMs: 1_000,
    fetch: async (url) => {
      urls.push(url instanceof Request ? url.url : url.toString());
      return new Response(body, { status });
    },
  });
  return { ask, urls };
}

describe('createAskTraffic', () => {
  it.each([
    [200, '{"status":"healthy"}', 'here'],
    [503, '{"code":"traffic_elsewhere"}', 'elsewhere'],
    [503, '{"code":"unavailable"}', 'unhealthy'],
    [502, '<h1>bad gateway</h1>', 'unhealthy'],
    [503, 'null', 'unhealthy'],
  ])('takes %i %s for %s', async (status, body, expected) => {
    expect(await answering(status, body).ask('https://api.example')).toBe(expected);
  });

  it('takes no answer for unreachable', async () => {
    const refuse = async (): Promise<never> => {
      throw new TypeError('fetch failed');
    };
    const ask = createAskTraffic({ timeoutMs: 1_000, fetch: refuse });
    expect(await ask('https://api.example')).toBe('unreachable');
  });

  it('asks under the base URL, with or without a slash at its end', async () => {
    const { ask, urls } = answering(200, '');
    await ask('https://api.example/prod/');
    await ask('https://api.example/prod');
    expect(new Set(urls)).toEqual(new Set(['https://api.example/prod/health/traffic']));
  });
});
