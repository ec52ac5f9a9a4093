import { describe, expect, it } from 'vitest';
import { createDnsClient } from '#ops/drill/load/dns-client.ts';
import { createRetryingClient, TRY_TIMEOUT_MS } from '#ops/drill/load/retrying-client.ts';
import {
  createPost,
  type PostPayment,
  paymentNumber,
  type SendPayment,
} from '#ops/drill/load/send-payment.ts';
import { startLoad } from '#ops/drill/load/start-load.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';
import { EAST_1, EAST_2 } from './drill-world-fixture.ts';

const payment = paymentNumber(0, 'drill-x');
const answered = { outcome: 'ok', status: 200, fault: null, region: EAST_1 } as const;
const ok: SendPayment = async () => ({ ...answered, timestampEpochSeconds: 1, text: '{}' });

describe('startLoad', () => {
  it('begins payments when they are due, though none is ever answered', async () => {
    const time = createVirtualTime();
    const never: SendPayment = () => new Promise(() => undefined);
    const load = startLoad({
      ...{ ratePerSecond: 3, prefix: 'drill-x', sleep: time.sleep },
      clients: { dns: [never], pinned: [never], retrying: [never] },
      clock: { nowEpochMs: () => time.nowMs() },
    });
    await time.run(9_999);
    expect(load.sent()).toHaveLength(30);
    expect(load.events()).toEqual([]);
  });

  it('begins no more than it may, and lets only some kinds take turns', async () => {
    const time = createVirtualTime();
    const load = startLoad({
      ...{ ratePerSecond: 5, prefix: 'drill-x', sleep: time.sleep, paymentsMax: 4 },
      ...{ turns: ['retrying', 'dns'], clients: { dns: [ok], pinned: [ok], retrying: [ok] } },
      clock: { nowEpochMs: () => time.nowMs() },
    });
    await time.run(20_000);
    expect(load.events().map(({ client }) => client)).toEqual([
      ...['retrying', 'dns', 'retrying', 'dns'],
    ]);
  });

  it('lets the kinds take turns, and the clients of a kind', async () => {
    const time = createVirtualTime();
    const asked: string[] = [];
    const as = (name: string): SendPayment => {
      return (one) => (asked.push(name), ok(one));
    };
    const load = startLoad({
      ...{ ratePerSecond: 1, prefix: 'drill-x', sleep: time.sleep },
      clients: { dns: [as('dns-1'), as('dns-2')], pinned: [as('pinned')], retrying: [as('sdk')] },
      clock: { nowEpochMs: () => time.nowMs() },
    });
    await time.run(5_500);
    expect(asked).toEqual(['dns-1', 'pinned', 'sdk', 'dns-2', 'pinned', 'sdk']);
    expect(load.acknowledged()).toHaveLength(6);
    const ids = new Set(load.events().map(({ transactionId }) => transactionId));
    expect(ids.size).toBe(6);
  });

  it('waits for what it began when it stops, and begins no more', async () => {
    const time = createVirtualTime();
    const slow: SendPayment = async (one) => (await time.sleep(5_000), ok(one));
    const load = startLoad({
      ...{ ratePerSecond: 1, prefix: 'drill-x', sleep: time.sleep },
      clients: { dns: [slow], pinned: [slow], retrying: [slow] },
      clock: { nowEpochMs: () => time.nowMs() },
    });
    await time.run(2_500);
    const stopped = load.stop();
    await time.run();
    await stopped;
    expect(load.sent()).toHaveLength(3);
    expect(load.events().map(({ endedAtEpochMs }) => endedAtEpochMs)).toEqual([
      5_000, 6_000, 7_000,
    ]);
  });
});

describe('a DNS client', () => {
  const posted: string[] = [];
  const post: PostPayment = async ({ region }) => {
    posted.push(region);
    return { ...answered, region, timestampEpochSeconds: 1, text: '{}' };
  };

  function clientOver(answers: readonly (string | null)[], pinned: boolean, now: () => number) {
    let asked = 0;
    posted.length = 0;
    const resolve = async () => {
      const region = answers[asked] ?? null;
      asked += 1;
      if (region === null) throw new Error('no DNS');
      return { region, url: `http://${region}`, ttlMs: 2_000 };
    };
    return createDnsClient({ resolve, post, pinned, nowMs: now });
  }

  it('keeps an answer for its TTL', async () => {
    let now = 0;
    const send = clientOver([EAST_1, EAST_2], false, () => now);
    for (now of [0, 1_999, 2_000]) await send(payment);
    expect(posted).toEqual([EAST_1, EAST_1, EAST_2]);
  });

  it('keeps its first answer for ever when it ignores the TTL', async () => {
    let now = 0;
    const send = clientOver([EAST_1, EAST_2], true, () => now);
    for (now of [0, 1_000_000]) await send(payment);
    expect(posted).toEqual([EAST_1, EAST_1]);
  });

  it('goes on with its last answer while DNS has none', async () => {
    let now = 0;
    const send = clientOver([EAST_1, null, EAST_2], false, () => now);
    for (now of [0, 3_000, 6_000]) await send(payment);
    expect(posted).toEqual([EAST_1, EAST_1, EAST_2]);
  });

  it('fails where it never had one', async () => {
    const send = clientOver([], false, () => 0);
    expect(await send(payment)).toMatchObject({ outcome: 'failed', fault: 'dns', region: null });
  });
});

describe('createPost', () => {
  const address = { url: 'http://127.0.0.1:1', region: EAST_1 };
  const answering = (status: number, body: string) =>
    createPost(1_000, async () => new Response(body, { status }));

  it('takes 200 with a timestamp for an acknowledgement', async () => {
    const body = '{"timestamp":17}';
    expect(await answering(200, body)(address, payment)).toEqual({
      ...answered,
      timestampEpochSeconds: 17,
      text: body,
    });
  });

  it.each([
    [200, 'not JSON', 'HTTP 200'],
    [200, '{}', 'HTTP 200'],
    [503, '{"code":"unavailable"}', 'unavailable'],
    [502, '', 'HTTP 502'],
  ])('takes %d %s for a failure', async (status, body, fault) => {
    const answer = await answering(status, body)(address, payment);
    expect(answer).toMatchObject({ outcome: 'failed', status, fault, timestampEpochSeconds: null });
  });

  it('names what broke the connection', async () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const post = createPost(1_000, () =>
      Promise.reject(new TypeError('fetch failed', { cause: refused })),
    );
    expect(await post(address, payment)).toMatchObject({ status: null, fault: 'ECONNREFUSED' });
  });
});

describe('a retrying client', () => {
  const apiUrls = { [EAST_1]: 'http://127.0.0.1:1', [EAST_2]: 'http://127.0.0.1:2' };
  const facts = { regions: [EAST_1, EAST_2], apiUrls } as const;

  it('is served by the other Region when its own refuses the connection', async () => {
    const bodies: string[] = [];
    const send = createRetryingClient(facts, {
      fetch: async (input, init) => {
        bodies.push(init?.body as string);
        if ((input as string).startsWith(apiUrls[EAST_1])) {
          const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
          throw new TypeError('fetch failed', { cause: refused });
        }
        const { transactionId } = payment;
        return Response.json({ transaction_id: transactionId, message: 'm', timestamp: 17 });
      },
    });
    expect(await send(payment)).toMatchObject({
      outcome: 'ok',
      region: EAST_2,
      timestampEpochSeconds: 17,
    });
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toEqual(JSON.parse(payment.body));
  });

  it('says with what it gave up', async () => {
    const send = createRetryingClient(facts, {
      fetch: async () => Response.json({ code: 'unavailable' }, { status: 503 }),
      maxTries: 1,
    });
    expect(await send(payment)).toMatchObject({ outcome: 'failed', status: 503, region: EAST_1 });
  });

  it('gives a Region less time for a try than its callers have', () => {
    expect(TRY_TIMEOUT_MS).toBeLessThan(2_000);
  });
});
