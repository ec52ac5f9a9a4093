import { describe, expect, it } from 'vitest';
import type { HoldfastClient } from '#sdk/index.ts';
import {
  createClientWorld,
  EAST_1,
  EAST_2,
  fault,
  hang,
  json,
  paid,
  problem,
  refuse,
  reset,
} from './client-world.ts';

const order = { transaction_id: 't-1', customer_id: 'c-1', amount: '10.50', currency: 'USD' };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a payment', () => {
  it('is sent as the API wants it, and its answer comes back whole', async () => {
    const { client, seen, settle } = createClientWorld();
    const result = await settle(client.processPayment(order));
    expect(result).toEqual({
      kind: 'ok',
      status: 200,
      body: {
        message: 'Payment processed successfully',
        transaction_id: 't-1',
        timestamp: 1_700_000_000,
      },
      attempts: [{ region: EAST_1, startedAfterMs: 0, tookMs: 0, status: 200, code: null }],
      region: EAST_1,
      requestId: 'req-1',
      transactionId: 't-1',
    });
    expect(seen[0]).toMatchObject({ method: 'POST', path: '/process', redirect: 'manual' });
    expect(seen[0]?.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual(order);
  });

  it('gets an id when it has none, and keeps it through all tries and Regions', async () => {
    const { client, seen, settle } = createClientWorld(
      {},
      {
        [EAST_1]: fault(503, 'outcome_unknown'),
        [EAST_2]: (request) => (request.atMs < 3_000 ? reset(request) : paid(request)),
      },
    );
    const { transaction_id: _none, ...withoutId } = order;
    const { transactionId, attempts } = await settle(client.processPayment(withoutId));
    expect(transactionId).toMatch(UUID);
    expect(attempts.length).toBeGreaterThan(3);
    expect(new Set(seen.map(({ region }) => region))).toEqual(new Set([EAST_1, EAST_2]));
    expect(new Set(seen.map(({ body }) => body)).size).toBe(1);
    expect(seen[0]?.body).toContain(transactionId);
  });

  it('goes to the other Region within the same millisecond when one is dead', async () => {
    const { client, settle } = createClientWorld({}, { [EAST_1]: refuse });
    const result = await settle(client.processPayment(order));
    expect(result.region).toBe(EAST_2);
    expect(result.attempts).toEqual([
      { region: EAST_1, startedAfterMs: 0, tookMs: 0, status: null, code: 'refused' },
      { region: EAST_2, startedAfterMs: 0, tookMs: 0, status: 200, code: null },
    ]);
  });

  it('loses one timeout to a Region that hangs, and the payments after it none', async () => {
    const { client, seen, settle } = createClientWorld({}, { [EAST_1]: hang });
    const first = await settle(client.processPayment(order));
    expect(first.attempts.map(({ tookMs }) => tookMs)).toEqual([2_000, 0]);
    expect(seen[0]?.signal?.aborted).toBe(true);
    const second = await settle(client.processPayment({ ...order, transaction_id: 't-2' }));
    expect(second.attempts.map(({ region }) => region)).toEqual([EAST_2]);
  });

  it('goes back to a Region that is healed', async () => {
    const { client, time, settle, behave } = createClientWorld({}, { [EAST_1]: hang });
    await settle(client.processPayment(order));
    behave({});
    const soon = await settle(client.processPayment({ ...order, transaction_id: 't-2' }));
    expect(soon.region).toBe(EAST_2);
    await time.run(time.nowMs() + 10_000);
    const later = await settle(client.processPayment({ ...order, transaction_id: 't-3' }));
    expect(later.region).toBe(EAST_1);
  });

  it('survives an outage of both Regions that is shorter than its deadline', async () => {
    const untilHealed = fault(503, 'unavailable');
    const { client, settle } = createClientWorld(
      {},
      {
        [EAST_1]: (request) => (request.atMs < 4_000 ? untilHealed(request) : paid(request)),
        [EAST_2]: (request) => (request.atMs < 4_000 ? untilHealed(request) : paid(request)),
      },
    );
    const { attempts } = await settle(client.processPayment(order));
    expect(attempts.at(-1)?.status).toBe(200);
    expect(attempts.at(-1)?.startedAfterMs).toBeLessThan(6_000);
  });

  it('finds the Region that may write', async () => {
    const { client, settle } = createClientWorld({}, { [EAST_1]: fault(503, 'region_not_active') });
    const results = [];
    for (const id of ['t-1', 't-2', 't-3', 't-4']) {
      results.push(await settle(client.processPayment({ ...order, transaction_id: id })));
    }
    expect(results.map(({ region }) => region)).toEqual([EAST_2, EAST_2, EAST_2, EAST_2]);
    expect(results.at(-1)?.attempts).toHaveLength(2);
  });

  it('does not believe a success that is not the answer to it', async () => {
    const pages = [
      new Response('<html>Sign in</html>', { status: 200 }),
      json(200, { message: 'Payment processed successfully', transaction_id: 't-9', timestamp: 1 }),
      new Response(null, { status: 204 }),
    ];
    for (const page of pages) {
      const { client, settle } = createClientWorld({}, { [EAST_1]: () => page });
      const result = await settle(client.processPayment(order));
      expect(result.region).toBe(EAST_2);
      expect(result.attempts[0]?.code).toBe('broken');
    }
  });

  it('does not read an answer without end', async () => {
    let chunks = 0;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => {
            chunks += 1;
            controller.enqueue(new Uint8Array(65_536));
          },
        }),
      );
    const { client, settle } = createClientWorld({}, { [EAST_1]: endless });
    const result = await settle(client.processPayment(order));
    expect(chunks).toBeLessThan(30);
    expect(result.attempts.map(({ code }) => code)).toEqual(['broken', null]);
  });

  it('shares what calls at once learn', async () => {
    const { client, seen, settle } = createClientWorld({}, { [EAST_1]: hang });
    const ids = Array.from({ length: 20 }, (_, index) => `t-${index}`);
    const calls = ids.map((id) => client.processPayment({ ...order, transaction_id: id }));
    const results = await settle(Promise.all(calls));
    expect(results.map(({ transactionId }) => transactionId)).toEqual(ids);
    const before = seen.length;
    await settle(client.processPayment(order));
    expect(seen.slice(before).map(({ region }) => region)).toEqual([EAST_2]);
  });
});

describe('waiting', () => {
  const firstWait = async (headers: Record<string, string>): Promise<number | undefined> => {
    const busy = problem(429, 'too_many_requests', {}, headers);
    const { client, settle } = createClientWorld({}, { [EAST_1]: busy });
    const { attempts } = await settle(client.processPayment(order));
    return attempts[1]?.startedAfterMs;
  };

  it.each([
    ['seconds', { 'retry-after': '2' }, 2_050],
    [
      "a date, by the answer's own clock",
      {
        'retry-after': 'Wed, 21 Oct 2015 07:28:03 GMT',
        date: 'Wed, 21 Oct 2015 07:28:00 GMT',
      },
      3_050,
    ],
    ['a date without a clock', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 50],
    ['nonsense', { 'retry-after': '-1' }, 50],
    ['an hour', { 'retry-after': '3600' }, 5_050],
  ])('follows a Retry-After of %s', async (_name, headers, expectedMs) => {
    expect(await firstWait(headers)).toBe(expectedMs);
  });
});

describe('the other methods', () => {
  const calls: readonly [
    string,
    (client: HoldfastClient) => Promise<{ body: object; transactionId: string }>,
    { method: string; path: string; body: object | null },
  ][] = [
    [
      'acceptPayment',
      (client) => client.acceptPayment(order),
      { method: 'POST', path: '/payments', body: order },
    ],
    [
      'refundPayment',
      (client) => client.refundPayment({ transaction_id: 'a/b ü', refund_id: 'r-1', amount: 5 }),
      {
        method: 'POST',
        path: '/payments/a%2Fb%20%C3%BC/refunds',
        body: { refund_id: 'r-1', amount: 5 },
      },
    ],
    [
      'getPayment',
      (client) => client.getPayment('t-1'),
      { method: 'GET', path: '/payments/t-1', body: null },
    ],
  ];

  it.each(calls)('%s asks the API for it', async (_name, call, expected) => {
    const { client, seen, settle } = createClientWorld(
      {},
      {
        [EAST_1]: refuse,
        [EAST_2]: ({ path, body }) => {
          const id = decodeURIComponent(path.split('/')[2] ?? '') || null;
          const { transaction_id = id } = JSON.parse(body ?? '{}') as { transaction_id?: string };
          return json(body === null ? 200 : 202, { transaction_id, newer: 'kept' });
        },
      },
    );
    const result = await settle(call(client));
    expect(result.body).toMatchObject({ transaction_id: result.transactionId, newer: 'kept' });
    expect(seen.map(({ region }) => region)).toEqual([EAST_1, EAST_2]);
    const { method, path, body } = seen[1] ?? {};
    expect({ method, path, body: JSON.parse(body ?? 'null') as unknown }).toEqual(expected);
  });

  it('refundPayment gives the refund an id and keeps it', async () => {
    const { client, seen, failure } = createClientWorld({}, { [EAST_1]: reset, [EAST_2]: reset });
    const error = await failure(client.refundPayment({ transaction_id: 't-1' }));
    expect(error).toMatchObject({ outcome: 'unknown', transactionId: 't-1' });
    expect(error.refundId).toMatch(UUID);
    expect(new Set(seen.map(({ body }) => body))).toEqual(
      new Set([JSON.stringify({ refund_id: error.refundId })]),
    );
  });
});

describe('health', () => {
  it.each([
    [
      'healthy',
      () => json(200, { status: 'healthy' }),
      { kind: 'healthy', status: 200, code: null },
    ],
    [
      'unavailable',
      fault(503, 'unavailable'),
      { kind: 'unhealthy', status: 503, code: 'unavailable' },
    ],
    ['dead', refuse, { kind: 'unhealthy', status: null, code: 'refused' }],
    ['silent', hang, { kind: 'unhealthy', status: null, code: 'timeout', tookMs: 2_000 }],
    [
      'somebody else',
      () => json(200, { status: 'up' }),
      { kind: 'unhealthy', status: 200, code: null },
    ],
  ] as const)('says that a Region is %s, asking it once', async (_name, behaviour, expected) => {
    const { client, seen, settle } = createClientWorld({}, { [EAST_2]: behaviour });
    const health = await settle(client.health(EAST_2));
    expect(health).toMatchObject({ region: EAST_2, ...expected });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /health']);
  });

  it('leaves the breakers as they are', async () => {
    const { client, settle, behave } = createClientWorld({}, { [EAST_1]: hang });
    await settle(client.health(EAST_1));
    behave({});
    expect((await settle(client.processPayment(order))).region).toBe(EAST_1);
  });

  it('is not asked for when it is aborted before', async () => {
    const { client, seen, settle } = createClientWorld();
    const health = await settle(client.health(EAST_1, { signal: AbortSignal.abort() }));
    expect(health).toMatchObject({ kind: 'unhealthy', code: 'aborted' });
    expect(seen).toEqual([]);
  });

  it('rejects a Region that it does not have', async () => {
    const { client } = createClientWorld();
    await expect(client.health('eu-west-1')).rejects.toThrow(
      'no endpoint for eu-west-1; there are us-east-1, us-east-2',
    );
  });
});
