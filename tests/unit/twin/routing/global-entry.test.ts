import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { startDnsServer } from '#twin/routing/dns-server.ts';
import { type GlobalEntry, startGlobalEntry } from '#twin/routing/global-entry.ts';
import { createHealthChecker } from '#twin/routing/health-checker.ts';
import { planRouting } from '#twin/routing/plan-routing.ts';
import { ROUTING_PROFILES } from '#twin/routing/routing-profile.ts';
import { DOMAIN, regionalNameOf, routedRegions } from './routed-regions.ts';

/** A Regional name ends with `.<region>.amazonaws.com`. */
const OPTIONS = {
  port: 0,
  dnsPort: 0,
  name: DOMAIN,
  regionOf: (host: string) => host.split('.').at(-3) ?? '',
};

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function regionWith(listener: RequestListener): Promise<{ port: number; server: Server }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => stop(server));
  return { port: (server.address() as AddressInfo).port, server };
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** An entry in front of one Region, past DNS. */
async function entryTo(port: number, answerTimeoutMs = 29_000): Promise<GlobalEntry> {
  const endpoint = { host: regionalNameOf('us-east-1'), address: '127.0.0.1', port };
  const resolver = { cached: () => endpoint, resolve: async () => endpoint };
  const entry = await startGlobalEntry({ ...OPTIONS, answerTimeoutMs, resolver });
  cleanUps.push(() => entry.close());
  return entry;
}

test('follows the health checks through DNS to the other Region and back', async () => {
  const dead = new Set<string>();
  const names = ['us-east-1', 'us-east-2'];
  const ports = new Map<string, number>();
  for (const name of names) {
    const { port } = await regionWith((_request, response) => {
      response.writeHead(dead.has(name) ? 503 : 200).end(name);
    });
    ports.set(name, port);
  }
  // A TTL of nothing makes every request ask DNS, so no test has to wait one out.
  const ttlMaxSeconds = 0;
  const plan = planRouting(routedRegions(), (region) => ports.get(region) ?? 0, ttlMaxSeconds);
  const checker = createHealthChecker({
    targets: plan.checks.map((check) => ({
      check,
      locate: () => ({
        url: `http://127.0.0.1:${plan.index.follow(check.fullyQualifiedDomainName, choice)?.host.port}/health`,
      }),
    })),
    profile: { ...ROUTING_PROFILES.fast, checkersPerCheck: 1 },
  });
  const choice = {
    isHealthy: (id: string) => checker.healthOf(id)?.status === 'healthy',
    random: () => 0,
  };
  const zone = { index: plan.index, choice, ttlMaxSeconds };
  const dns = await startDnsServer({ port: 0, zone });
  cleanUps.push(() => dns.close());
  const entry = await startGlobalEntry({ ...OPTIONS, dnsPort: dns.port });
  cleanUps.push(() => entry.close());
  const ask = async () => {
    const answer = await fetch(`http://127.0.0.1:${entry.port}/`);
    return `${answer.status} ${answer.headers.get('x-holdfast-region')} ${await answer.text()}`;
  };
  const check = async (times: number) => {
    for (let count = 0; count < times; count += 1) await checker.tick();
  };

  expect(await ask()).toBe('200 us-east-1 us-east-1');
  dead.add('us-east-1');
  await check(2);
  expect(await ask()).toBe('503 us-east-1 us-east-1');
  await check(1);
  expect(await ask()).toBe('200 us-east-2 us-east-2');
  dead.delete('us-east-1');
  await check(3);
  expect(await ask()).toBe('200 us-east-1 us-east-1');
  dead.add('us-east-1').add('us-east-2');
  await check(3);
  expect(await ask()).toBe('503 us-east-1 us-east-1');
  expect(dns.queryCount()).toBe(5);
});

test('passes method, path, headers and body on byte for byte', async () => {
  const body = Buffer.from([0, 255, 10, 13, 128, 34]);
  const arrived = Promise.withResolvers<{ request: IncomingMessage; body: Buffer }>();
  const { port } = await regionWith((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      arrived.resolve({ request, body: Buffer.concat(chunks) });
      response.writeHead(207, 'Mixed', ['X-One', 'a', 'X-One', 'b', 'Content-Length', '6']);
      response.end(body);
    });
  });
  const entry = await entryTo(port);
  const outgoing = httpRequest({
    port: entry.port,
    method: 'PUT',
    path: '/a%2Fb/../c?x=1&x=2',
    headers: ['Host', 'api.example:99', 'X-Twice', '1', 'X-Twice', '2', 'Content-Length', '6'],
  });
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);

  const seen = await arrived.promise;
  expect(seen.request).toMatchObject({ method: 'PUT', url: '/a%2Fb/../c?x=1&x=2' });
  expect(seen.body).toEqual(body);
  const sent = seen.request.rawHeaders.join('|').toLowerCase();
  expect(sent).toContain('host|api.example:99');
  expect(sent).toContain('x-twice|1|x-twice|2');
  expect(sent).toContain('content-length|6');
  expect(sent).not.toContain('x-forwarded');
  expect(response.statusCode).toBe(207);
  expect(response.statusMessage).toBe('Mixed');
  expect(Buffer.concat(chunks)).toEqual(body);
  expect(response.rawHeaders.join('|')).toContain('X-One|a|X-One|b|Content-Length|6');
  expect(response.headers).toMatchObject({
    'x-holdfast-region': 'us-east-1',
    via: '1.1 twin-entry',
  });
});

test('streams a body of unknown length in both directions', async () => {
  const { port } = await regionWith((request, response) => request.pipe(response));
  const entry = await entryTo(port);
  const megabyte = Buffer.alloc(1_048_576, 'holdfast');
  const answer = await fetch(`http://127.0.0.1:${entry.port}/echo`, {
    method: 'POST',
    body: new Blob([megabyte]).stream(),
    duplex: 'half',
  } as RequestInit);
  expect(Buffer.from(await answer.arrayBuffer()).equals(megabyte)).toBe(true);
});

test('answers HEAD without a body and keeps its length', async () => {
  const { port } = await regionWith((_request, response) => {
    response.writeHead(200, { 'content-length': '20' }).end();
  });
  const entry = await entryTo(port);
  const answer = await fetch(`http://127.0.0.1:${entry.port}/`, { method: 'HEAD' });
  expect(answer.headers.get('content-length')).toBe('20');
});

test('answers 502 when the Region refuses the connection, and says how to go on', async () => {
  const { port, server } = await regionWith(() => {});
  await stop(server);
  const entry = await entryTo(port);
  const answer = await fetch(`http://127.0.0.1:${entry.port}/`, {
    method: 'POST',
    body: '{}',
    headers: { 'x-request-id': 'r-1' },
  });
  expect(answer.status).toBe(502);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(await answer.json()).toEqual({
    type: 'urn:twin:region-unreachable',
    title: 'us-east-1 did not answer',
    status: 502,
    error: 'us-east-1 did not answer',
    code: 'region_unreachable',
    detail:
      'The request may or may not have taken effect; retry it with the same idempotency key, here or directly at the other Region.',
    request_id: 'r-1',
  });
  expect(entry.counters()).toEqual({ requests: 1, failures: { region_unreachable: 1 } });
});

test('sends a request once though the Region breaks the connection, and answers 502', async () => {
  let arrivals = 0;
  const { port } = await regionWith((request) => {
    arrivals += 1;
    request.socket.destroy();
  });
  const entry = await entryTo(port);
  for (const method of ['POST', 'GET']) {
    const answer = await fetch(`http://127.0.0.1:${entry.port}/`, { method });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: 'region_unreachable' });
  }
  expect(arrivals).toBe(2);
});

test('answers 504 when no answer comes in time, and ends the Region’s side', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const { port } = await regionWith((request) => {
    closed = once(request.socket, 'close');
  });
  const entry = await entryTo(port, 30);
  const answer = await fetch(`http://127.0.0.1:${entry.port}/`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(504);
  expect(await answer.json()).toMatchObject({ code: 'region_timeout', status: 504 });
  await closed;
});

test('breaks the connection when the Region stops in the middle of its answer', async () => {
  const { port } = await regionWith((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half', () => response.destroy());
  });
  const entry = await entryTo(port);
  const answer = await fetch(`http://127.0.0.1:${entry.port}/`);
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow('terminated');
});

test('ends the Region’s side when the client goes away', async () => {
  const arrived = Promise.withResolvers<Socket>();
  const { port } = await regionWith((request) => {
    arrived.resolve(request.socket);
  });
  const entry = await entryTo(port);
  const client = connect(entry.port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const closed = once(await arrived.promise, 'close');
  client.destroy();
  await closed;
  expect(entry.counters().failures).toEqual({ client_gone: 1 });
});

test('rejects what cannot be passed on with 400', async () => {
  const { port } = await regionWith((_request, response) => response.end());
  const entry = await entryTo(port);
  const client = connect(entry.port, '127.0.0.1');
  client.write('OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of client) text += String(chunk);
  expect(text).toContain('HTTP/1.1 400');
  expect(text).toContain('bad_request');
});

test('answers 502 when the name cannot be resolved, without sending anything', async () => {
  const resolver = {
    cached: () => null,
    resolve: () => Promise.reject(new Error('no DNS')),
  };
  const entry = await startGlobalEntry({ ...OPTIONS, resolver });
  cleanUps.push(() => entry.close());
  const answer = await fetch(`http://127.0.0.1:${entry.port}/`);
  expect(answer.status).toBe(502);
  expect(await answer.json()).toMatchObject({ code: 'name_unresolved' });
});

test('rejects a port that is taken, and names it', async () => {
  const { port } = await regionWith(() => {});
  await expect(startGlobalEntry({ ...OPTIONS, port })).rejects.toThrow(
    `the global entry cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
  );
});
