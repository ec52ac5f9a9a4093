/** The REST API of a real Region process: HTTP as callers, good and bad, speak it. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import type { RegionProcess } from '#twin/region/region-process.ts';
import { createFixture, type Fixture } from './region-fixture.ts';

const LENGTH = `
export const handler = async (event) => ({
  statusCode: 200,
  headers: { 'content-type': 'text/plain' },
  body: String(event.body?.length ?? 0),
});`;

const NO_FAULTS = { latencyMs: 0, errorRate: 0, throttleRate: 0 };

let fixture: Fixture;
let region: RegionProcess;

beforeAll(async () => {
  fixture = createFixture(
    { length: LENGTH },
    {
      method: {
        validator: { body: false, parameters: true },
        requestParameters: { 'method.request.header.Content-Type': true },
      },
      api: {
        gatewayResponses: {
          MISSING_AUTHENTICATION_TOKEN: {
            statusCode: '404',
            headers: { 'x-request-id': 'mapped' },
            templates: { 'application/json': '{"id":"$context.requestId"}' },
          },
        },
      },
    },
  );
  region = await fixture.spawn();
});
afterEach(() => region.setApiFaults(NO_FAULTS));
afterAll(() => fixture.dispose());

function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
  return fetch(`http://127.0.0.1:${region.apiPort}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', ...headers },
    body: new Uint8Array(Buffer.from(body)),
  });
}

/** Sends bytes as they are; gives back all that comes until the Region closes the connection. */
function raw(...chunks: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(region.apiPort ?? 0, '127.0.0.1', () => {
      for (const chunk of chunks) socket.write(chunk);
    });
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      received += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

const POST_HEAD = 'POST /length HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n';

describe("a Region's REST API", () => {
  it("answers an unknown path with the template's gateway response", async () => {
    const response = await post('/prod/nothing', '');
    expect(response.status).toBe(404);
    expect(response.headers.get('x-request-id')).toBe('mapped');
    expect(response.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException');
    expect(await response.json()).toEqual({ id: response.headers.get('x-amzn-requestid') });
  });

  it('rejects a request without the header that its validator requires', async () => {
    const response = await fetch(`http://127.0.0.1:${region.apiPort}/length`);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      message: 'Missing required request parameters: [Content-Type]',
    });
  });

  it('takes a body that Lambda takes, and rejects longer ones with 413', async () => {
    const five = await post('/length', Buffer.alloc(5_000_000, 'a'));
    expect([five.status, await five.text()]).toEqual([200, '5000000']);
    const seven = await post('/length', Buffer.alloc(7_000_000, 'a'));
    expect([seven.status, await seven.json()]).toEqual([413, { message: 'Request Too Long' }]);
    const eleven = await post('/length', Buffer.alloc(11_000_000, 'a'));
    expect([eleven.status, await eleven.json()]).toEqual([
      413,
      { message: 'HTTP content length exceeded 10485760 bytes.' },
    ]);
    expect((await post('/length', 'ok')).status).toBe(200);
  });

  it('rejects headers over the limit', async () => {
    const response = await post('/length', '', { 'x-long': 'a'.repeat(10_300) });
    expect(response.status).toBe(431);
    expect(response.headers.get('x-amzn-requestid')).not.toBeNull();
    expect(await raw(`${POST_HEAD}X: ${'a'.repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('lets a caller that expects 100 continue, and tells it of a body too long to send', async () => {
    const expecting = `${POST_HEAD}Connection: close\r\nExpect: 100-continue\r\n`;
    const whole = await raw(`${expecting}Content-Length: 2\r\n\r\n`, 'ab');
    expect(whole).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    const tooLong = await raw(`${expecting}Content-Length: 99999999\r\n\r\n`);
    expect(tooLong).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('answers pipelined requests in their order', async () => {
    const one = `${POST_HEAD}Content-Length: 1\r\n\r\na`;
    const two = `${POST_HEAD}Connection: close\r\nContent-Length: 2\r\n\r\nab`;
    const bodies = (await raw(one + two)).match(/\r\n\r\n\d/g);
    expect(bodies).toEqual(['\r\n\r\n1', '\r\n\r\n2']);
  });

  it.each([
    ['garbage', '\x16\x03\x01\x02\x00garbage\r\n\r\n'],
    ['a request without a host', 'POST /length HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', `${POST_HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['a length and chunks', `${POST_HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na`],
    ['a chunk without a length', `${POST_HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ])('rejects %s with 400 and serves on', async (_, bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await post('/length', 'ok')).status).toBe(200);
  });

  it('reads a chunked body and an absolute request target', async () => {
    const chunked = POST_HEAD.replace('/length', 'http://proxy.example/prod/length');
    const answer = await raw(
      `${chunked}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`,
    );
    expect(answer).toMatch(/\r\n\r\n5$/);
  });

  it('serves on after callers that go away half way', async () => {
    for (const bytes of ['POST /len', `${POST_HEAD}Content-Length: 9\r\n\r\nabc`]) {
      await new Promise<void>((resolve) => {
        const socket = connect(region.apiPort ?? 0, '127.0.0.1', () => {
          socket.write(bytes, () => socket.destroy());
        });
        socket.on('close', () => resolve());
      });
    }
    region.setApiFaults({ ...NO_FAULTS, latencyMs: 50 });
    await new Promise<void>((resolve) => {
      const abandoned = request({ port: region.apiPort, path: '/length', method: 'POST' });
      abandoned.on('error', () => resolve());
      abandoned.end('abc', () => abandoned.destroy(new Error('gone')));
    });
    region.setApiFaults(NO_FAULTS);
    expect((await post('/length', 'ok')).status).toBe(200);
    expect(fixture.exits).toEqual([]);
  });

  it('injects faults while they are set', async () => {
    region.setApiFaults({ ...NO_FAULTS, errorRate: 1 });
    await vi.waitFor(async () => expect((await post('/length', '')).status).toBe(500));
    region.setApiFaults({ ...NO_FAULTS, throttleRate: 1 });
    await vi.waitFor(async () => expect((await post('/length', '')).status).toBe(429));
    region.setApiFaults(NO_FAULTS);
    await vi.waitFor(async () => expect((await post('/length', '')).status).toBe(200));
  });
});
