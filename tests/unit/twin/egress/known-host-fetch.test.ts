import { describe, expect, it } from 'vitest';
import { createKnownHostFetch, EGRESS_HEADER } from '#twin/egress/known-host-fetch.ts';

/** What the original `fetch` is asked for. */
function setUp() {
  const asked: Request[] = [];
  const raw: unknown[] = [];
  const known = createKnownHostFetch(
    async (input, init) => {
      raw.push([input, init]);
      asked.push(new Request(input, init));
      return new Response('ok');
    },
    {
      region: 'us-east-1',
      hosts: ['us-east-2.api.example.com'],
      forwarder: 'http://127.0.0.1:8083',
    },
  );
  return { known, asked, raw };
}

describe('createKnownHostFetch', () => {
  it('sends a request for a known host to the forwarder, and says who asks for what', async () => {
    const { known, asked } = setUp();
    await known('https://us-east-2.api.example.com/process?dry=1', {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    const [request] = asked;
    expect(request?.url).toBe('http://127.0.0.1:8083/process?dry=1');
    expect(request?.method).toBe('POST');
    expect(await request?.text()).toBe('{}');
    expect(request?.headers.get('content-type')).toBe('application/json');
    expect(request?.headers.get(EGRESS_HEADER)).toBe('us-east-1 us-east-2.api.example.com');
  });

  it('keeps the members of a Request, its signal among them', async () => {
    const { known, asked } = setUp();
    const leaving = new AbortController();
    const request = new Request('https://US-EAST-2.api.example.com/health', {
      ...{ method: 'PUT', body: 'x', signal: leaving.signal },
      headers: { 'x-own': '1' },
    });
    await known(request);
    expect(asked[0]?.url).toBe('http://127.0.0.1:8083/health');
    expect(asked[0]?.method).toBe('PUT');
    expect(await asked[0]?.text()).toBe('x');
    expect(asked[0]?.headers.get('x-own')).toBe('1');
    expect(asked[0]?.headers.get(EGRESS_HEADER)).toBe('us-east-1 us-east-2.api.example.com');
    leaving.abort();
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it.each([
    'https://gateway.example.com/charges',
    'http://127.0.0.1:8090/charges',
    'http://us-east-2.api.example.com/health',
    'https://us-east-2.api.example.com:8443/health',
  ])('leaves %s as it is', async (url) => {
    const { known, raw } = setUp();
    const init = { method: 'GET' };
    await known(new URL(url), init);
    expect(raw).toEqual([[new URL(url), init]]);
  });

  it('leaves what is no address to the original', async () => {
    const { known } = setUp();
    await expect(known('no address')).rejects.toThrow(TypeError);
  });
});
