/** Requests of functions to the APIs by public names: over the AWS endpoint's port, through the faults. */

import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiEgress, createApiEgress } from '#twin/egress/api-egress.ts';
import { createKnownHostFetch, EGRESS_HEADER } from '#twin/egress/known-host-fetch.ts';
import { type AwsEndpoint, createAwsEndpoint } from '#twin/endpoint/aws-endpoint.ts';
import type { FaultBoard } from '#twin/faults/fault.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import { createFixture } from '../region/region-fixture.ts';

const EAST = 'us-east-1';
const OHIO = 'us-east-2';
const GIVEN = `abc.execute-api.${OHIO}.amazonaws.com`;
const CUSTOM = `${OHIO}.api.example.com`;
const ABSENT = `${EAST}.api.example.com`;
const HOSTS = new Map([
  [GIVEN, { region: OHIO, stageName: 'prod', stageInPath: true }],
  [CUSTOM, { region: OHIO, stageName: 'prod', stageInPath: false }],
  [ABSENT, { region: EAST, stageName: 'prod', stageInPath: false }],
]);

let faults: FaultBoard;
let api: Server;
let egress: ApiEgress;
let endpoint: AwsEndpoint;
let forwarder: string;
let seen: { readonly url: string; readonly headers: IncomingMessage['headers'] }[];
/** Called when a request has reached the Region, before it answers. */
let onRequest: () => void;

beforeEach(async () => {
  faults = createFaultBoard({
    regions: [EAST, OHIO],
    witness: null,
    clock: { nowEpochMs: () => 0 },
    random: () => 0,
  });
  seen = [];
  onRequest = () => {};
  api = createServer((incoming, response) => void answer(incoming, response));
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  // Nothing listens at the port of the other one.
  const ports = { [OHIO]: (api.address() as AddressInfo).port, [EAST]: 1 };
  egress = createApiEgress({ hosts: HOSTS, network: faults, ports });
  endpoint = createAwsEndpoint({
    services: [],
    principals: new Map(),
    authorizer: { permits: () => ({ decision: 'allowed', source: null }) },
    faults,
    egress,
    regions: [EAST, OHIO],
    witness: null,
    now: () => 0,
    onRefusal: () => {},
    onServiceError: () => {},
  });
  forwarder = `http://127.0.0.1:${await endpoint.listen(0)}`;
});

afterEach(async () => {
  egress.stop();
  await endpoint.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
});

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  seen.push({ url: incoming.url ?? '', headers: incoming.headers });
  onRequest();
  response.writeHead(202, 'Taken', { 'x-own': ['1', '2'], 'content-type': 'text/plain' });
  response.end(`got ${incoming.method} ${Buffer.concat(chunks).toString()}`);
}

/** `fetch` as a function of us-east-1 has it. */
function functionFetch(url: string, init?: RequestInit): Promise<Response> {
  return createKnownHostFetch(fetch, { region: EAST, hosts: [...HOSTS.keys()], forwarder })(
    url,
    init,
  );
}

/** Whether nothing has come of `promise` when everything that is quick has. */
async function isHeld(promise: Promise<unknown>): Promise<boolean> {
  const held = new Promise((resolve) => setTimeout(resolve, 150, 'held'));
  const settled = promise.then(
    () => 'settled',
    () => 'settled',
  );
  return (await Promise.race([settled, held])) === 'held';
}

describe('a function that asks for an API', () => {
  it.each([
    ['the name that AWS gives', `https://${GIVEN}/prod/process?dry=1`],
    ['a custom domain name', `https://${CUSTOM}/process?dry=1`],
  ])('reaches it by %s, and the answer comes back unchanged', async (_name, url) => {
    const answer = await functionFetch(url, {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, answer.statusText]).toEqual([202, 'Taken']);
    expect(answer.headers.get('x-own')).toBe('1, 2');
    expect(await answer.text()).toBe('got POST {"a":1}');
    expect(seen).toHaveLength(1);
    expect(seen[0]?.url).toBe('/prod/process?dry=1');
    expect(seen[0]?.headers).toMatchObject({
      host: new URL(url).hostname,
      'content-type': 'application/json',
      'content-length': '7',
    });
    expect(seen[0]?.headers[EGRESS_HEADER]).toBeUndefined();
  });

  it('is refused where it leaves the stage out, as API Gateway does', async () => {
    const answer = await functionFetch(`https://${GIVEN}/process`, { method: 'POST', body: '{}' });
    expect([answer.status, await answer.text()]).toEqual([403, '{"message":"Forbidden"}']);
    expect(seen).toEqual([]);
  });

  it('loses the connection where nothing listens', async () => {
    await expect(functionFetch(`https://${ABSENT}/health`)).rejects.toThrow('fetch failed');
  });

  it('loses the connection to a Region that is killed, before and meanwhile', async () => {
    onRequest = () => {
      faults.inject({ region: OHIO, kind: 'kill' });
    };
    await expect(functionFetch(`https://${CUSTOM}/health`)).rejects.toThrow('fetch failed');
    await expect(functionFetch(`https://${CUSTOM}/health`)).rejects.toThrow('fetch failed');
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['is isolated', { region: EAST, kind: 'isolate' }],
    ['asks an isolated one', { region: OHIO, kind: 'isolate' }],
    ['asks a frozen one', { region: OHIO, kind: 'freeze' }],
    ['sends what is lost', { region: EAST, kind: 'partition', direction: 'out' }],
  ] as const)('waits while its Region %s', async (_name, fault) => {
    faults.inject(fault);
    const answer = functionFetch(`https://${CUSTOM}/health`);
    expect(await isHeld(answer)).toBe(true);
    expect(seen).toEqual([]);
    faults.heal();
    expect((await answer).status).toBe(202);
  });

  it('has an unknown outcome where only the answer is lost', async () => {
    faults.inject({ region: EAST, kind: 'partition', direction: 'in', peer: OHIO });
    const leaving = new AbortController();
    const answer = functionFetch(`https://${CUSTOM}/process`, { signal: leaving.signal });
    expect(await isHeld(answer)).toBe(true);
    expect(seen).toHaveLength(1);
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
  });

  it('reaches its own API while its Region is isolated', async () => {
    faults.inject({ region: OHIO, kind: 'isolate' });
    const own = createKnownHostFetch(fetch, { region: OHIO, hosts: [CUSTOM], forwarder });
    expect((await own(`https://${CUSTOM}/health`)).status).toBe(202);
  });
});

describe('everybody else', () => {
  it.each([
    ['a web page', { [EGRESS_HEADER]: `${EAST} ${CUSTOM}`, origin: 'https://evil.example' }],
    ['an unknown host', { [EGRESS_HEADER]: `${EAST} other.example.com` }],
    ['no caller', { [EGRESS_HEADER]: CUSTOM }],
    ['no header', {}],
  ])('is not passed on: %s', async (_name, headers) => {
    const outgoing = request(`${forwarder}/health`, { headers });
    outgoing.end();
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(403);
    expect(seen).toEqual([]);
  });
});

describe("a function's environment", () => {
  it('has a fetch that knows the names', async () => {
    const source = `
      const kept = fetch;
      export const handler = async () => {
        const answer = await kept('https://${CUSTOM}/health');
        return { statusCode: answer.status, body: await answer.text() };
      };`;
    const fixture = createFixture({ prober: source });
    try {
      const config = { ...fixture.config, awsEndpoint: forwarder, apiHosts: [CUSTOM] };
      const region = await fixture.spawn(config);
      const answer = await fetch(`http://127.0.0.1:${region.apiPort}/prober`);
      expect([answer.status, await answer.text()]).toEqual([202, 'got GET ']);
    } finally {
      await fixture.dispose();
    }
  });
});
