import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { probeEndpoint } from '#twin/routing/probe-endpoint.ts';

const limits = { connectTimeoutMs: 4_000, responseTimeoutMs: 2_000 };
const servers: Server[] = [];

async function serverWith(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test.each([
  { status: 200, passed: true },
  { status: 204, passed: true },
  { status: 302, passed: true },
  { status: 400, passed: false },
  { status: 404, passed: false },
  { status: 503, passed: false },
])('judges HTTP $status as passed: $passed', async ({ status, passed }) => {
  const url = await serverWith((_request, response) => {
    response.writeHead(status).end();
  });
  const result = await probeEndpoint(url, limits, new AbortController().signal);
  expect(result).toEqual({ passed, detail: `HTTP ${status}` });
});

test('fails when nothing listens', async () => {
  const url = await serverWith(() => {});
  const [server] = servers.splice(0);
  await new Promise((resolve) => server?.close(resolve));
  const result = await probeEndpoint(url, limits, new AbortController().signal);
  expect(result).toEqual({ passed: false, detail: 'connection refused' });
});

test('fails when the connection stands but no status comes in time', async () => {
  const url = await serverWith(() => {});
  const short = { ...limits, responseTimeoutMs: 20 };
  const result = await probeEndpoint(url, short, new AbortController().signal);
  expect(result).toEqual({ passed: false, detail: 'no answer within 20 ms' });
});

test('passes on the status alone, though the body never ends', async () => {
  const url = await serverWith((_request, response) => {
    response.writeHead(200).write('{');
  });
  const result = await probeEndpoint(url, limits, new AbortController().signal);
  expect(result.passed).toBe(true);
});

test('fails when it is aborted', async () => {
  const url = await serverWith(() => {});
  const abort = new AbortController();
  const check = probeEndpoint(url, limits, abort.signal);
  abort.abort();
  expect((await check).passed).toBe(false);
});
