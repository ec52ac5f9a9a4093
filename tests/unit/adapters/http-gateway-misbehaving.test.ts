import type { RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import {
  charge,
  deadline,
  gatewayWorld,
  type RawServer,
  rawServer,
  refund,
} from './gateway-world.ts';

let server: RawServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

async function against(listener: RequestListener) {
  server = await rawServer(listener);
  return { world: gatewayWorld(server.url), requests: server.requests };
}

const JSON_HEADERS = { 'content-type': 'application/json' };
const DONE = JSON.stringify({ id: 'ch_1', status: 'succeeded' });
const FOUND = {
  ...{ id: 'ch_1', status: 'succeeded', customer_id: 'c-1' },
  ...{ amount_minor: '1050', currency: 'USD' },
};
const FOUND_REFUND = { id: 're_1', status: 'succeeded', amount_minor: '50', charge_key: 'k-1' };

function answer(response: ServerResponse, status: number, body: string, headers = JSON_HEADERS) {
  response.writeHead(status, headers).end(body);
}

describe('an answer to a charge that is not the contract’s', () => {
  const huge = JSON.stringify({ id: 'ch_1', status: 'succeeded', more: 'x'.repeat(70_000) });
  const rows: readonly (readonly [string, (response: ServerResponse) => void])[] = [
    [
      'half an answer',
      (r) =>
        r.writeHead(200, { ...JSON_HEADERS, 'content-length': 99 }).write(DONE, () => r.destroy()),
    ],
    ['no answer', (r) => r.destroy()],
    ['garbage instead of HTTP', (r) => r.socket?.end('garbage\r\n\r\n')],
    ['no JSON', (r) => answer(r, 200, '<h1>ok</h1>')],
    ['JSON under another name', (r) => r.writeHead(200, { 'content-type': 'text/html' }).end(DONE)],
    ['no object', (r) => answer(r, 200, '"succeeded"')],
    ['null', (r) => answer(r, 200, 'null')],
    ['no id', (r) => answer(r, 200, '{"status":"succeeded"}')],
    ['an id with a line feed', (r) => answer(r, 200, '{"id":"ch\\n1","status":"succeeded"}')],
    ['a status of its own', (r) => answer(r, 200, '{"id":"ch_1","status":"pending"}')],
    [
      'a decline code with success',
      (r) => answer(r, 200, '{"id":"ch_1","status":"succeeded","decline_code":"no"}'),
    ],
    ['more than 64 KiB', (r) => answer(r, 200, huge)],
    [
      'more than 64 KiB once unpacked',
      (r) => r.writeHead(200, { ...JSON_HEADERS, 'content-encoding': 'gzip' }).end(gzipSync(huge)),
    ],
    ['an endless body', (r) => endless(r)],
    ['202', (r) => answer(r, 202, DONE)],
    ['204', (r) => r.writeHead(204).end()],
    [
      '101',
      (r) =>
        r.socket?.end(
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
        ),
    ],
    ['a redirect', (r) => r.writeHead(307, { location: '/elsewhere' }).end()],
    ['408', (r) => answer(r, 408, '{}')],
    ['500', (r) => answer(r, 500, DONE)],
    ['502', (r) => answer(r, 502, '<h1>Bad gateway</h1>')],
    ['504', (r) => answer(r, 504, '')],
  ];

  it.each(rows)('%s: is unknown, and not repeated', async (_name, reply) => {
    const { world, requests } = await against((_request, response) => reply(response));
    await expect(world.gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(requests).toEqual(['POST /charges']);
  });

  it.each(rows)('%s: tells nothing to a look-up, which is repeated', async (_name, reply) => {
    let calls = 0;
    const { world } = await against((_request, response) => {
      calls += 1;
      if (calls === 1) reply(response);
      else answer(response, 200, JSON.stringify(FOUND));
    });
    expect(await world.gateway.findCharge('k-1', deadline)).toEqual({
      kind: 'charged',
      chargeId: 'ch_1',
      customerId: 'c-1',
      amountMinor: 1_050n,
      currency: 'USD',
    });
    expect(calls).toBe(2);
  });

  function endless(response: ServerResponse): void {
    response.writeHead(200, JSON_HEADERS);
    const more = (): void => {
      while (!response.destroyed && response.write(' '.repeat(16_384)));
    };
    response.on('drain', more);
    more();
  }
});

describe('a look-up that does not say what it found', () => {
  const amounts: readonly (readonly [string, unknown])[] = [
    ['none', undefined],
    ['null', null],
    ['a number', 1_050],
    ['zero', '0'],
    ['below zero', '-1050'],
    ['decimals', '10.50'],
    ['a leading zero', '01050'],
    ['an exponent', '1e3'],
    ['hexadecimal', '0x41a'],
    ['a blank', '1050 '],
    ['a line feed', '1050\n'],
    ['nothing in it', ''],
    ['19 digits', '1'.repeat(19)],
  ];

  /** The gateway's answer is always this one, until the time is up. */
  async function looksUp(what: 'charge' | 'refund', body: object) {
    const { world } = await against((_request, response) =>
      answer(response, 200, JSON.stringify(body)),
    );
    const { gateway } = world;
    const found = what === 'charge' ? gateway.findCharge : gateway.findRefund;
    return found('k-1', deadline);
  }
  const unclear = (what: string) => ({
    code: 'unavailable',
    message: `gateway ${what} look-up: HTTP 200 with an answer that is not the contract's`,
  });

  it.each(amounts)('has told nothing: an amount of %s', async (_name, amount) => {
    const charged = looksUp('charge', { ...FOUND, amount_minor: amount });
    await expect(charged).rejects.toMatchObject(unclear('charge'));
    await server?.close();
    const refunded = looksUp('refund', { ...FOUND_REFUND, amount_minor: amount });
    await expect(refunded).rejects.toMatchObject(unclear('refund'));
  });

  it.each([undefined, null, 840, '', 'usd', 'US', 'USDT', 'USD '])(
    'has told nothing: the currency %j',
    async (currency) => {
      const found = looksUp('charge', { ...FOUND, currency });
      await expect(found).rejects.toMatchObject(unclear('charge'));
    },
  );

  it.each([undefined, null, 7, ''])('has told nothing: the customer %j', async (customer) => {
    const found = looksUp('charge', { ...FOUND, customer_id: customer });
    await expect(found).rejects.toMatchObject(unclear('charge'));
  });

  it.each([undefined, null, 1, '', 'k 1', 'k-1\n', 'x'.repeat(256)])(
    'has told nothing: the charge key %j',
    async (key) => {
      const found = looksUp('refund', { ...FOUND_REFUND, charge_key: key });
      await expect(found).rejects.toMatchObject(unclear('refund'));
    },
  );

  it('is clear all the same when it was declined: nothing moved', async () => {
    const declined = { id: 'x_1', status: 'declined', decline_code: 'expired_card' };
    const result = { kind: 'declined', reason: 'expired_card' };
    expect(await looksUp('charge', declined)).toEqual(result);
    await server?.close();
    expect(await looksUp('refund', declined)).toEqual(result);
  });

  it('needs no more than it, and says of a refund whose it is', async () => {
    expect(await looksUp('refund', FOUND_REFUND)).toEqual({
      kind: 'refunded',
      amountMinor: 50n,
      chargeKey: 'k-1',
    });
  });
});

describe('a key that was under way and turns out to be', () => {
  async function moved(what: 'charge' | 'refund', found: object) {
    const { world } = await against((request, response) =>
      request.method === 'POST'
        ? answer(response, 409, '{}')
        : answer(response, 200, JSON.stringify(found)),
    );
    return what === 'charge'
      ? world.gateway.charge(charge('k-1'), deadline)
      : world.gateway.refund(refund('r-1', 'k-1'), deadline);
  }

  it('the own one has moved the money', async () => {
    expect(await moved('charge', FOUND)).toEqual({ kind: 'charged', chargeId: 'ch_1' });
    await server?.close();
    expect(await moved('refund', FOUND_REFUND)).toEqual({ kind: 'refunded' });
  });

  it.each([
    ['another amount', 'charge', { ...FOUND, amount_minor: '9900' }],
    ['another currency', 'charge', { ...FOUND, currency: 'EUR' }],
    ['another customer', 'charge', { ...FOUND, customer_id: 'c-2' }],
    ['another amount', 'refund', { ...FOUND_REFUND, amount_minor: '9900' }],
    ['another charge', 'refund', { ...FOUND_REFUND, charge_key: 'k-2' }],
  ] as const)('%s of a %s is an internal error', async (_name, what, found) => {
    await expect(moved(what, found)).rejects.toMatchObject({
      code: 'internal_error',
      message: `gateway ${what}: the key belongs to another charge`,
    });
  });
});

describe('an answer that says that nothing happened', () => {
  it.each([400, 404, 405, 410, 413, 415, 418])('%d: is never repeated', async (status) => {
    const { world, requests } = await against((_request, response) =>
      answer(response, status, '{}'),
    );
    await expect(world.gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'internal_error',
      message: expect.stringContaining(`HTTP ${status}`),
    });
    expect(requests).toHaveLength(1);
  });

  it.each([429, 503])('%d: is repeated', async (status) => {
    const { world, requests } = await against((_request, response) =>
      requests.length < 3 ? answer(response, status, 'busy') : answer(response, 201, DONE),
    );
    expect(await world.gateway.charge(charge('k-1'), deadline)).toMatchObject({ kind: 'charged' });
    expect(requests).toHaveLength(3);
  });

  it('403: is a refusal of the secret', async () => {
    const { world } = await against((_request, response) => answer(response, 403, '{}'));
    await expect(world.gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'internal_error',
      message: 'gateway charge: refused our secret (HTTP 403)',
    });
  });
});

describe('a decline', () => {
  it.each([
    ['card_expired', 'card_expired'],
    ['Sorry, Mr. Smith', 'declined'],
    ['x'.repeat(65), 'declined'],
    [undefined, 'declined'],
    [7, 'declined'],
  ])('with the code %s has the reason %s', async (code, reason) => {
    const body = JSON.stringify({ id: 'ch_1', status: 'declined', decline_code: code });
    const { world } = await against((_request, response) => answer(response, 201, body));
    const result = await world.gateway.charge(charge('k-1'), deadline);
    expect(result).toEqual({ kind: 'declined', reason });
  });

  it('takes a null decline code of a success for none', async () => {
    const body = '{"id":"ch_1","status":"succeeded","decline_code":null}';
    const { world } = await against((_request, response) => answer(response, 200, body));
    expect(await world.gateway.charge(charge('k-1'), deadline)).toMatchObject({ kind: 'charged' });
  });
});

it('follows no redirect of a look-up', async () => {
  const { world, requests } = await against((_request, response) => {
    response.writeHead(302, { location: '/stolen' }).end();
  });
  await expect(world.gateway.findCharge('k-1', deadline)).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(new Set(requests)).toEqual(new Set(['GET /charges?key=k-1']));
});

it('puts nothing of the secret, the key, the customer or the body into an error', async () => {
  const replies: ((response: ServerResponse) => void)[] = [
    (r) => answer(r, 500, 'my-customer my-key sk_test_51'),
    (r) => answer(r, 200, 'my-customer my-key sk_test_51'),
    (r) => answer(r, 422, 'my-customer my-key sk_test_51'),
    (r) => r.destroy(),
  ];
  for (const reply of replies) {
    const { world } = await against((_request, response) => reply(response));
    const error = await world.gateway
      .charge(charge('my-key', 'my-customer'), deadline)
      .catch((thrown: unknown) => thrown as Error);
    const { message, cause } = error as Error;
    expect(`${message} ${String(cause)}`).not.toMatch(/my-customer|my-key|sk_test/);
    await server?.close();
  }
});

describe('a request that fails', () => {
  const failing = (error: unknown) =>
    gatewayWorld('http://127.0.0.1:1', { wire: () => Promise.reject(error as Error) });
  const fault = (code: string, syscall?: string) =>
    Object.assign(new Error('secret text'), {
      code,
      ...(syscall === undefined ? {} : { syscall }),
    });

  it.each([
    ['a name that does not resolve', fault('ENOTFOUND', 'getaddrinfo')],
    ['a resolver that does not answer', fault('EAI_AGAIN', 'getaddrinfo')],
    ['a time-out of connecting', fault('ETIMEDOUT', 'connect')],
    ['no route to connect', fault('EHOSTUNREACH', 'connect')],
    ['an expired certificate', fault('CERT_HAS_EXPIRED')],
    [
      'every address refused',
      new AggregateError([fault('ECONNREFUSED', 'connect'), fault('ETIMEDOUT', 'connect')]),
    ],
  ])('by %s has charged nothing', async (_name, cause) => {
    const { gateway, sleeps } = failing(cause);
    await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(sleeps.length).toBeGreaterThan(1);
  });

  it.each([
    ['a reset', fault('ECONNRESET', 'read')],
    ['a broken pipe', fault('EPIPE', 'write')],
    ['a route lost on the way', fault('EHOSTUNREACH', 'read')],
    ['what is no HTTP', fault('HPE_INVALID_CONSTANT')],
    [
      'one address refused and one reset',
      new AggregateError([fault('ECONNREFUSED'), fault('ECONNRESET')]),
    ],
    ['no reason', new AggregateError([])],
    ['something that is no error', 'x'],
  ])('by %s is unknown', async (_name, cause) => {
    const { gateway, sleeps } = failing(cause);
    await expect(gateway.charge(charge('k-1'), deadline)).rejects.toMatchObject({
      code: 'outcome_unknown',
    });
    expect(sleeps).toEqual([]);
  });
});
