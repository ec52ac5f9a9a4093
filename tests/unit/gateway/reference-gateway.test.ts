import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BEHAVES } from '#gateway/behaviour.ts';
import {
  type EffectHook,
  type ReferenceGateway,
  type ReferenceGatewayOptions,
  startReferenceGateway,
} from '#gateway/reference-gateway.ts';

const errors: unknown[] = [];
let server: ReferenceGateway;

async function restart(more: Partial<ReferenceGatewayOptions> = {}): Promise<void> {
  await server?.close();
  server = await startReferenceGateway({
    port: 0,
    clock: { nowEpochMs: () => 1_000 },
    random: () => 0.5,
    onError: (error) => errors.push(error),
    ...more,
  });
}

beforeEach(() => restart());
afterEach(async () => {
  await server.close();
  const defects = errors.splice(0);
  if (defects.length > 0) throw new AggregateError(defects, 'the gateway has defects');
});

const BODY = { amount_minor: '1050', currency: 'USD', customer_id: 'c-1' };

interface Call {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A request that is right unless `call` says otherwise. An empty header is left out. */
async function call(method: string, path: string, { headers, body }: Call = {}) {
  const all = {
    authorization: 'Bearer any',
    'idempotency-key': 'k-1',
    'content-type': 'application/json',
    ...headers,
  };
  const response = await fetch(server.url + path, {
    method,
    headers: Object.entries(all).filter(([, value]) => value !== ''),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const charge = (more: Call = {}) => call('POST', '/charges', { body: BODY, ...more });
const look = () => call('GET', '/charges?key=k-1');

describe('the contract', () => {
  it('answers 201, then 200 with the same result', async () => {
    expect(await look()).toMatchObject({ status: 404 });
    const first = await charge();
    expect(first).toEqual({
      status: 201,
      body: { id: expect.stringMatching(/^ch_/), status: 'succeeded' },
    });
    expect(await charge()).toEqual({ ...first, status: 200 });
    expect(await look()).toEqual({
      status: 200,
      body: { ...first.body, amount_minor: '1050', currency: 'USD', customer_id: 'c-1' },
    });
  });

  it('rejects the key with another body', async () => {
    await charge();
    expect(await charge({ body: { ...BODY, amount_minor: '1' } })).toMatchObject({ status: 422 });
    expect(await look()).toMatchObject({ body: { amount_minor: '1050' } });
  });

  it('answers 409 while the first request is under way', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    await restart({
      beforeEffect: () => {
        arrive();
        return released;
      },
    });
    const first = charge();
    await arrived;
    expect(await charge()).toMatchObject({ status: 409 });
    expect(await look()).toMatchObject({ status: 409 });
    release();
    expect(await first).toMatchObject({ status: 201 });
  });

  it('refunds what was charged', async () => {
    await charge();
    const body = { amount_minor: '50', currency: 'USD', charge_key: 'k-1' };
    expect(await call('POST', '/refunds', { body })).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^re_/), status: 'succeeded' },
    });
    expect(await call('GET', '/refunds?key=k-1')).toEqual({
      status: 200,
      body: {
        id: expect.stringMatching(/^re_/),
        status: 'succeeded',
        amount_minor: '50',
        charge_key: 'k-1',
      },
    });
  });

  it('says of a decline too what was asked for', async () => {
    await charge({ body: { ...BODY, customer_id: 'decline-7' } });
    expect(await look()).toMatchObject({
      body: { status: 'declined', amount_minor: '1050', currency: 'USD' },
    });
  });

  it.each([
    ['no key', { headers: { 'idempotency-key': '' } }, 400],
    ['no JSON type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['no JSON', { body: '{' }, 400],
    ['null', { body: 'null' }, 400],
    ['an amount that is a number', { body: { ...BODY, amount_minor: 1_050 } }, 400],
    ['an amount of zero', { body: { ...BODY, amount_minor: '0' } }, 400],
    ['an amount with decimals', { body: { ...BODY, amount_minor: '10.50' } }, 400],
    ['no customer', { body: { ...BODY, customer_id: '' } }, 400],
    ['a small currency', { body: { ...BODY, currency: 'usd' } }, 400],
    ['a body that is too large', { body: { ...BODY, more: 'x'.repeat(20_000) } }, 413],
    ['no secret', { headers: { authorization: '' } }, 401],
    ['a web page', { headers: { origin: 'http://127.0.0.1' } }, 403],
  ])('rejects %s', async (_name, more, status) => {
    expect(await charge(more)).toMatchObject({ status, body: { error: expect.any(String) } });
    expect(server.ledger.view().charges).toEqual([]);
  });

  it.each([
    ['GET', '/charges', 400],
    ['GET', '/', 404],
    ['GET', '//', 404],
    ['DELETE', '/charges', 405],
  ])('rejects %s %s', async (method, path, status) => {
    expect(await call(method, path)).toMatchObject({ status });
  });

  it('rejects a name that was rebound to this machine', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { host: 'evil.example.com' };
      httpRequest(`${server.url}/control/ledger`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('takes the one secret only, where there is one', async () => {
    await restart({ secret: 'sk_1' });
    expect(await charge()).toMatchObject({ status: 401 });
    expect(await charge({ headers: { authorization: 'Bearer sk_1' } })).toMatchObject({
      status: 201,
    });
    server.setSecret('sk_2');
    expect(await charge({ headers: { authorization: 'Bearer sk_1' } })).toMatchObject({
      status: 401,
    });
  });
});

describe('behaviour', () => {
  const put = (body: unknown) => call('PUT', '/control/behaviour', { body });

  it('is replaced as a whole', async () => {
    expect(await put({ declineRate: 0.2, lateRate: 1, lateMs: 5 })).toMatchObject({ status: 200 });
    expect(await put({ hangRate: 0.1 })).toEqual({
      status: 200,
      body: { ...BEHAVES, hangRate: 0.1 },
    });
    expect(await call('GET', '/control/behaviour')).toMatchObject({ body: { hangRate: 0.1 } });
  });

  it.each([
    [{ declineRate: 1.1 }],
    [{ declineRate: -0.1 }],
    [{ declineRate: '1' }],
    [{ lateRate: 0.5 }],
    [{ lateMs: 600_001 }],
    [{ toString: 1 }],
    [[]],
    [null],
  ])('rejects %j', async (body) => {
    expect(await put(body)).toMatchObject({ status: 400, body: { error: expect.any(String) } });
    expect(await call('GET', '/control/behaviour')).toMatchObject({ body: BEHAVES });
  });

  it('draws with the rate', async () => {
    server.setBehaviour({ declineRate: 0.5 });
    expect(await charge()).toMatchObject({ body: { status: 'succeeded' } });
    server.setBehaviour({ declineRate: 0.51 });
    expect(await charge({ headers: { 'idempotency-key': 'k-2' } })).toMatchObject({
      body: { status: 'declined', decline_code: 'insufficient_funds' },
    });
  });

  it('declines unlucky customers', async () => {
    const body = { ...BODY, customer_id: 'decline-7' };
    expect(await charge({ body })).toMatchObject({ body: { status: 'declined' } });
  });

  it.each([
    [{ unavailableRate: 1 }, 503],
    [{ errorRate: 1 }, 500],
  ])('of %o has no effect', async (behaviour, status) => {
    server.setBehaviour(behaviour);
    expect(await charge()).toMatchObject({ status });
    expect(await look()).toMatchObject({ status: 404 });
  });

  it('of a cut connection has its effect', async () => {
    server.setBehaviour({ failAfterChargeRate: 1 });
    await expect(charge()).rejects.toThrow('fetch failed');
    expect(await look()).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    server.setBehaviour({});
    expect(await charge()).toMatchObject({ status: 200 });
  });

  it('of failing look-ups leaves charges alone', async () => {
    server.setBehaviour({ lookUpErrorRate: 1 });
    expect(await charge()).toMatchObject({ status: 201 });
    expect(await look()).toMatchObject({ status: 500 });
  });

  it.each([
    ['hanging', { hangRate: 1 }, 0],
    ['late', { lateRate: 1, lateMs: 600_000 }, 1],
  ])('of a %s answer ends with the server', async (_name, behaviour, charges) => {
    const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
    // The draw is the moment at which the request hangs.
    const random = () => {
      setImmediate(arrive);
      return 0;
    };
    await restart({ random, behaviour });
    const end = charge().then(
      () => 'answered',
      () => 'cut',
    );
    await arrived;
    await server.close();
    expect(await end).toBe('cut');
    expect(server.ledger.view().charges).toHaveLength(charges);
  });
});

describe('hooks', () => {
  const seen: string[] = [];
  const note =
    (moment: string): EffectHook =>
    async (what, key) => {
      const effects = server.ledger.view().charges.length;
      seen.push(`${moment} ${what} ${key}: ${effects}`);
    };

  it('come before and after the effect, once for a key', async () => {
    await restart({ beforeEffect: note('before'), afterEffect: note('after') });
    await charge();
    await charge();
    expect(seen).toEqual(['before charge k-1: 0', 'after charge k-1: 1']);
  });

  it('that reject destroy the connection, before: without effect, after: with it', async () => {
    const fail = () => Promise.reject(new Error('the Region is gone'));
    await restart({ beforeEffect: fail });
    await expect(charge()).rejects.toThrow('fetch failed');
    expect(await look()).toMatchObject({ status: 404 });
    await restart({ afterEffect: fail });
    await expect(charge()).rejects.toThrow('fetch failed');
    expect(await look()).toMatchObject({ status: 200 });
  });
});

it('names the port that it can’t have', async () => {
  const second = startReferenceGateway({
    port: server.port,
    clock: { nowEpochMs: () => 0 },
    random: () => 0,
  });
  await expect(second).rejects.toThrow(`127.0.0.1:${server.port} (EADDRINUSE)`);
});

it('outlives a client that goes away in the middle of its body', async () => {
  const socket = connect(server.port, '127.0.0.1');
  const head = [
    'POST /charges HTTP/1.1',
    'Host: 127.0.0.1',
    'Authorization: Bearer x',
    'Idempotency-Key: k-1',
    'Content-Type: application/json',
    'Content-Length: 100',
  ];
  await new Promise<void>((resolve) =>
    socket.write(`${head.join('\r\n')}\r\n\r\n{`, () => resolve()),
  );
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.resetAndDestroy();
  await closed;
  expect(await charge()).toMatchObject({ status: 201 });
});
