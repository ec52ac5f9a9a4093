/** What a caller is told of a call without a result, through the client. */

import { describe, expect, it } from 'vitest';
import { createVirtualTime } from '../../support/virtual-time.ts';
import {
  type Behaviour,
  createClientWorld,
  EAST_1,
  EAST_2,
  fault,
  hang,
  problem,
  refuse,
  reset,
} from './client-world.ts';

const order = { transaction_id: 't-1', customer_id: 'c-1', amount: '10.50', currency: 'USD' };

describe('an answer that ends a payment', () => {
  it('is passed on whole', async () => {
    const declined = problem(402, 'payment_declined', {
      decline_reason: 'insufficient_funds',
      newer: 'kept',
    });
    const { client, seen, failure } = createClientWorld({}, { [EAST_1]: declined });
    const error = await failure(client.processPayment(order));
    expect(error).toMatchObject({
      name: 'HoldfastError',
      message: 'payment_declined: about payment_declined',
      code: 'payment_declined',
      outcome: 'declined',
      retry: 'never',
      status: 402,
      requestId: 'req-1',
      nextStep: 'Mend payment_declined.',
      declineReason: 'insufficient_funds',
      transactionId: 't-1',
      problem: { newer: 'kept' },
    });
    expect(error).not.toHaveProperty('gaveUp');
    expect(error.attempts).toEqual([
      { region: EAST_1, startedAfterMs: 0, tookMs: 0, status: 402, code: 'payment_declined' },
    ]);
    expect(seen).toHaveLength(1);
  });

  const rows: readonly [string, Behaviour, object][] = [
    [
      'a bad field',
      problem(400, 'invalid_amount', { field: 'amount' }),
      { code: 'invalid_amount', field: 'amount', outcome: 'not-charged', retry: 'never' },
    ],
    [
      'an id of another payment',
      problem(409, 'transaction_conflict'),
      { outcome: 'conflict', retry: 'never' },
    ],
    ['no right to it', problem(403, 'unauthorized'), { outcome: 'not-charged' }],
    [
      'a code that is newer than the client',
      problem(451, 'made_up_later'),
      { code: 'made_up_later', status: 451, outcome: 'not-charged', retry: 'never' },
    ],
    [
      'a 402 of somebody else',
      () => new Response('pay your proxy', { status: 402 }),
      { code: 'unexpected_answer', outcome: 'not-charged' },
    ],
    [
      'a redirect',
      () => new Response(null, { status: 307, headers: { location: 'https://x.test' } }),
      {
        code: 'unexpected_answer',
        status: 307,
        nextStep: "Check the endpoint's URL: it redirects, and a payment is not sent on.",
      },
    ],
  ];

  it.each(rows)('says what %s means, without another try', async (_name, behaviour, expected) => {
    const { client, seen, failure } = createClientWorld({}, { [EAST_1]: behaviour });
    expect(await failure(client.processPayment(order))).toMatchObject(expected);
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['a decline', problem(402, 'payment_declined'), 'declined'],
    ['a conflict', problem(409, 'transaction_conflict'), 'conflict'],
    ['no right to it', problem(403, 'unauthorized'), 'unknown'],
    ['a bad request', problem(400, 'bad_request'), 'unknown'],
  ])('after a try that may have charged, %s means %s', async (_name, behaviour, outcome) => {
    const { client, failure } = createClientWorld({}, { [EAST_1]: reset, [EAST_2]: behaviour });
    const error = await failure(client.processPayment(order));
    expect(error.outcome).toBe(outcome);
    expect(error.nextStep.includes('Repeat the request with the same ids')).toBe(
      outcome === 'unknown',
    );
  });
});

describe('a payment that is given up', () => {
  const rows: readonly [string, Behaviour, Behaviour, object][] = [
    [
      'nobody there',
      refuse,
      refuse,
      { code: 'no_answer', outcome: 'not-charged', retry: 'same-key', status: null },
    ],
    [
      'both unavailable',
      fault(503, 'unavailable'),
      fault(503, 'unavailable'),
      { code: 'unavailable', outcome: 'not-charged', retry: 'after-delay', status: 503 },
    ],
    ['both silent', hang, hang, { code: 'no_answer', outcome: 'unknown', retry: 'same-key' }],
    [
      'one that broke off, one dead',
      reset,
      refuse,
      { outcome: 'unknown', retry: 'same-key', gaveUp: 'tries' },
    ],
    [
      'one that knows no outcome, one unavailable',
      fault(503, 'outcome_unknown'),
      fault(503, 'unavailable'),
      { outcome: 'unknown', retry: 'same-key' },
    ],
    [
      'a proxy that finds nobody',
      () => new Response('Bad Gateway', { status: 502 }),
      refuse,
      { outcome: 'unknown' },
    ],
  ];

  it.each(rows)('with %s, says what is known', async (_name, first, second, expected) => {
    const { client, failure } = createClientWorld({}, { [EAST_1]: first, [EAST_2]: second });
    const error = await failure(client.processPayment(order));
    expect(error).toMatchObject({ transactionId: 't-1', ...expected });
    expect(error.attempts.length).toBeLessThanOrEqual(10);
    const last = error.attempts.at(-1);
    expect((last?.startedAfterMs ?? 0) + (last?.tookMs ?? 0)).toBeLessThanOrEqual(10_000);
  });

  it('ends at its deadline when both Regions hang', async () => {
    const { client, failure } = createClientWorld({}, { [EAST_1]: hang, [EAST_2]: hang });
    const error = await failure(client.processPayment(order));
    expect(error.gaveUp).toBe('deadline');
    expect(error.message).toBe(
      'no_answer: the deadline passed after 5 tries in us-east-1, us-east-2; the outcome is unknown',
    );
    const last = error.attempts.at(-1);
    expect((last?.startedAfterMs ?? 0) + (last?.tookMs ?? 0)).toBe(10_000);
  });

  it.each([
    [9_500, 2],
    [11_000, 1],
  ])('ends at its deadline when a busy process wakes after %i ms', async (wakesAfterMs, tries) => {
    const time = createVirtualTime();
    const { client, failure } = createClientWorld(
      { clock: time, sleep: (ms) => time.sleep(ms < 100 ? wakesAfterMs : ms) },
      { [EAST_1]: problem(429, 'too_many_requests'), [EAST_2]: hang },
    );
    const call = client.processPayment(order);
    call.catch(() => undefined);
    await time.run();
    const error = await failure(call);
    expect(error).toMatchObject({ gaveUp: 'deadline' });
    expect(error.attempts).toHaveLength(tries);
    const last = error.attempts.at(-1);
    expect((last?.startedAfterMs ?? 0) + (last?.tookMs ?? 0)).toBeLessThanOrEqual(10_000);
  });

  it("keeps the last try's error as its cause", async () => {
    const { client, failure } = createClientWorld({}, { [EAST_1]: refuse, [EAST_2]: refuse });
    const error = await failure(client.processPayment(order));
    expect(error.cause).toBeInstanceOf(TypeError);
    expect((error.cause as Error).message).toBe('fetch failed');
  });

  it('says nothing of money when it was a read', async () => {
    const { client, failure } = createClientWorld({}, { [EAST_1]: hang, [EAST_2]: reset });
    expect(await failure(client.getPayment('t-1'))).toMatchObject({ outcome: 'read' });
  });
});

describe('a payment that is aborted', () => {
  it('is unknown when a try was under way', async () => {
    const { client, time } = createClientWorld({}, { [EAST_1]: hang });
    const abort = new AbortController();
    const call = client.processPayment(order, { signal: abort.signal });
    const caught = call.catch((error: unknown) => error);
    await time.run(500);
    abort.abort();
    expect(await caught).toMatchObject({
      code: 'aborted',
      gaveUp: 'aborted',
      outcome: 'unknown',
      attempts: [{ region: EAST_1, tookMs: 500, status: null, code: 'aborted' }],
    });
  });

  it('is not charged when nothing was sent', async () => {
    const { client, seen, failure } = createClientWorld();
    const signal = AbortSignal.abort();
    const error = await failure(client.processPayment(order, { signal }));
    expect(error).toMatchObject({ code: 'aborted', outcome: 'not-charged', attempts: [] });
    expect(seen).toEqual([]);
  });
});
