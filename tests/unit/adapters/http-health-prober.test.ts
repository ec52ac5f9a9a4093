import { describe, expect, it } from 'vitest';
import { createHealthProber } from '#adapters/http-health-prober.ts';
import { rawServer } from './gateway-world.ts';

const soon = { atEpochMs: 10_000 };

/** A prober of a Region that answers as told; each reading of the stopwatch is 7 ms after the last. */
function proberOf(answer: () => Promise<Response>) {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  let readings = 0;
  const probe = createHealthProber({
    timeoutMs: 2_000,
    clock: { nowEpochMs: () => 0 },
    monotonicMs: () => (readings += 1) * 7,
    fetch: async (url, init) => {
      asked.push({ url: url instanceof Request ? url.url : url.toString(), init });
      return answer();
    },
  });
  return { probe, asked };
}

describe('createHealthProber', () => {
  it.each([
    [200, 'served'],
    [204, 'served'],
    [404, 'refused'],
    [503, 'refused'],
  ])('takes HTTP %s for %s', async (status, kind) => {
    const { probe } = proberOf(async () => new Response(null, { status }));
    expect(await probe('https://one.example', soon)).toEqual({ kind, latencyMs: 7 });
  });

  it.each(['https://one.example', 'https://one.example/', 'https://one.example//'])(
    'asks the health path below %s',
    async (url) => {
      const { probe, asked } = proberOf(async () => new Response('{}'));
      await probe(url, soon);
      expect(asked).toMatchObject([
        { url: 'https://one.example/health', init: { redirect: 'error' } },
      ]);
    },
  );

  it('makes a connection for each probe: a kept one says nothing of the Region', async () => {
    const connections = new Set<object>();
    const { url, close } = await rawServer(({ socket }, response) => {
      connections.add(socket);
      response.end('{}');
    });
    const { fetch } = globalThis;
    const clock = { nowEpochMs: () => 0 };
    const probe = createHealthProber({ timeoutMs: 2_000, clock, monotonicMs: () => 0, fetch });
    try {
      for (let count = 1; count <= 3; count += 1) {
        expect(await probe(url, soon)).toMatchObject({ kind: 'served' });
        expect(connections.size).toBe(count);
      }
    } finally {
      await close();
    }
  });

  it('finds a Region unreachable that refuses the connection or breaks off its answer', async () => {
    const refusing = proberOf(async () => {
      throw new TypeError('fetch failed');
    });
    expect(await refusing.probe('https://one.example', soon)).toEqual({ kind: 'unreachable' });
    const broken = proberOf(
      async () =>
        new Response(
          new ReadableStream({
            start: (controller) => controller.error(new Error('cut')),
          }),
        ),
    );
    expect(await broken.probe('https://one.example', soon)).toEqual({ kind: 'unreachable' });
  });

  it('asks nothing after the deadline', async () => {
    const { probe, asked } = proberOf(async () => new Response('{}'));
    expect(await probe('https://one.example', { atEpochMs: 0 })).toEqual({ kind: 'unreachable' });
    expect(asked).toEqual([]);
  });
});
