import { request as httpRequest } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ControlServer, startControlServer } from '#twin/control/control-server.ts';
import type { TwinController } from '#twin/control/twin-status.ts';
import { FaultRequestError } from '#twin/faults/fault.ts';
import { QueueRequestError } from '#twin/messaging/queue-request-error.ts';
import { twinStatus } from './twin-status-fixture.ts';

const pageDirectory = fileURLToPath(new URL('../../../../src/console', import.meta.url));
const errors: unknown[] = [];
const calls: unknown[] = [];
let server: ControlServer;
let url: string;

const controller: TwinController = {
  status: async () => twinStatus(),
  async inject(request) {
    calls.push(request);
    if (request.region === 'mars') throw new FaultRequestError('No Region "mars" here.');
    if (request.kind === 'kill') throw new Error('secret detail');
    return { ...request, id: 'f-1', sinceEpochMs: 1_767_225_600_000 };
  },
  async heal(region, faultId) {
    calls.push(['heal', region, ...(faultId === undefined ? [] : [faultId])]);
    return { healed: [], restarted: [] };
  },
  duplicateDeliveries(region, queueName, on) {
    calls.push(['duplicates', region, queueName, on]);
    if (queueName === 'nothing') throw new QueueRequestError('No queue nothing here.');
  },
};

beforeAll(async () => {
  server = await startControlServer({
    port: 0,
    controller,
    pageDirectory,
    onError: (error) => errors.push(error),
  });
  url = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  errors.length = 0;
  calls.length = 0;
});

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/faults`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

function postDuplicates(queue: string, body: string): Promise<Response> {
  return fetch(`${url}/queues/us-east-1/${queue}/duplicates`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
}

describe('the API', () => {
  test('tells the status', async () => {
    const answer = await fetch(`${url}/status`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual(twinStatus());
  });

  test('says that it lives', async () => {
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' });
  });

  test('injects a fault and answers 201 with it', async () => {
    const fault = { region: 'us-east-1', kind: 'latency', latencyMs: 400 };
    const answer = await post(JSON.stringify(fault));
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ ...fault, id: 'f-1', sinceEpochMs: 1_767_225_600_000 });
    expect(calls).toEqual([fault]);
  });

  test.each([
    { path: '/faults', region: undefined },
    { path: '/faults/us-east-2', region: 'us-east-2' },
  ])('heals by DELETE $path', async ({ path, region }) => {
    const answer = await fetch(url + path, { method: 'DELETE' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ healed: [], restarted: [] });
    expect(calls).toEqual([['heal', region]]);
  });

  test.each([
    { path: '/faults?id=fault-3', called: ['heal', undefined, 'fault-3'] },
    { path: '/faults/us-east-2?id=fault-3', called: ['heal', 'us-east-2', 'fault-3'] },
  ])('heals one fault by DELETE $path', async ({ path, called }) => {
    expect((await fetch(url + path, { method: 'DELETE' })).status).toBe(200);
    expect(calls).toEqual([called]);
  });

  test.each(['?fault=fault-3', '?id=fault-3&id=fault-4'])(
    'rejects a DELETE with %s, and heals nothing',
    async (query) => {
      const answer = await fetch(`${url}/faults${query}`, { method: 'DELETE' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        code: 'invalid_fault',
        detail: expect.stringMatching(/id=fault-3/),
      });
      expect(calls).toEqual([]);
    },
  );

  test('rejects a fault that makes no sense with the reason', async () => {
    const answer = await post('{"region":"mars","kind":"freeze"}');
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      code: 'invalid_fault',
      detail: 'No Region "mars" here.',
      status: 400,
    });
  });

  test.each([true, false])('turns duplicate deliveries of a queue %j', async (on) => {
    const answer = await postDuplicates('work', JSON.stringify({ on }));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ region: 'us-east-1', queue: 'work', duplicates: on });
    expect(calls).toEqual([['duplicates', 'us-east-1', 'work', on]]);
  });

  test('rejects duplicate deliveries of a queue that is not there with the reason', async () => {
    const answer = await postDuplicates('nothing', '{"on":true}');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'invalid_queue_request',
      detail: 'No queue nothing here.',
    });
  });

  test.each(['', '{}', '[]', 'null', '{"on":1}'])('rejects duplicates by %j', async (body) => {
    const answer = await postDuplicates('work', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_queue_request' });
    expect(calls).toEqual([]);
  });

  test.each(['', '{', '[]', 'null', '"x"'])('rejects the body %j', async (body) => {
    expect((await post(body)).status).toBe(400);
    expect(calls).toEqual([]);
  });

  test('tells nothing internal of a defect, but reports it', async () => {
    const answer = await post('{"region":"us-east-1","kind":"kill"}');
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(errors).toEqual([new Error('secret detail')]);
  });

  test('rejects a body above 16 KiB with 413', async () => {
    const answer = await post(`"${'x'.repeat(20_000)}"`);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'body_too_large' });
  });
});

describe('methods and paths', () => {
  test.each([
    { method: 'PUT', path: '/faults', allow: 'POST, DELETE, OPTIONS' },
    { method: 'GET', path: '/faults', allow: 'POST, DELETE, OPTIONS' },
    { method: 'POST', path: '/status', allow: 'GET, HEAD, OPTIONS' },
    { method: 'DELETE', path: '/', allow: 'GET, HEAD, OPTIONS' },
    { method: 'GET', path: '/faults/us-east-1', allow: 'DELETE, OPTIONS' },
  ])('rejects $method $path with 405 and says what is allowed', async ({ method, path, allow }) => {
    const headers = method === 'POST' ? { 'content-type': 'application/json' } : {};
    const answer = await fetch(url + path, { method, headers });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test('answers OPTIONS without letting other origins in', async () => {
    const answer = await fetch(`${url}/faults`, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('allow')).toBe('POST, DELETE, OPTIONS');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('answers HEAD as GET without the body', async () => {
    const answer = await fetch(`${url}/status`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100);
  });

  test.each(['/nothing', '/faults/UPPER', '/console.ts', '/package.json', '/.git/config'])(
    'rejects %s with 404',
    async (path) => {
      expect((await fetch(url + path)).status).toBe(404);
    },
  );
});

describe('who may call', () => {
  /** `fetch` lets nobody choose Host. */
  function raw(headers: Record<string, string>, path = '/status', method = 'GET'): Promise<number> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({ port: server.port, method, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  test('rejects a name that was rebound to loopback', async () => {
    expect(await raw({ host: `evil.example:${server.port}` })).toBe(403);
  });

  test('rejects a path that climbs out of the page folder', async () => {
    expect(await raw({ host: 'localhost' }, '/../../package.json')).toBe(404);
    expect(await raw({ host: 'localhost' }, '/%2e%2e/%2e%2e/package.json')).toBe(404);
  });

  test('rejects what a page elsewhere can send, before anything happens', async () => {
    const origin = 'http://evil.example';
    expect((await post('{"region":"us-east-1","kind":"freeze"}', { origin })).status).toBe(403);
    expect(await raw({ host: 'localhost', origin }, '/faults', 'DELETE')).toBe(403);
    const plain = await post('{"region":"us-east-1","kind":"freeze"}', {
      'content-type': 'text/plain',
    });
    expect(plain.status).toBe(415);
    expect(calls).toEqual([]);
  });
});

describe('the page', () => {
  test.each([
    { path: '/', type: 'text/html; charset=utf-8' },
    { path: '/console.js', type: 'text/javascript; charset=utf-8' },
    { path: '/theme.css', type: 'text/css; charset=utf-8' },
    { path: '/icon.svg', type: 'image/svg+xml' },
  ])('offers $path as $type, locked down', async ({ path, type }) => {
    const answer = await fetch(url + path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
  });

  test('rejects a folder without a page', async () => {
    const folder = fileURLToPath(new URL('.', import.meta.url));
    await expect(
      startControlServer({ port: 0, controller, pageDirectory: folder, onError: () => {} }),
    ).rejects.toThrow('has no index.html');
  });
});

test('rejects a port that is taken, and names it', async () => {
  await expect(
    startControlServer({ port: server.port, controller, pageDirectory, onError: () => {} }),
  ).rejects.toThrow(`the control server cannot listen on 127.0.0.1:${server.port} (EADDRINUSE)`);
});
