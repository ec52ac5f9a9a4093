import { describe, expect, it } from 'vitest';
import { createTelemetry } from '#adapters/telemetry.ts';
import { ERRORS } from '#contract/errors.ts';
import { SCHEMAS } from '#contract/schemas.ts';
import { AppError } from '#core/app-error.ts';
import { InvariantError } from '#core/invariant.ts';
import { createApiHandler, type Route } from '#handlers/api-handler.ts';

const clock = { nowEpochMs: () => 0 };

function serve(route: Route) {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const telemetry = createTelemetry({ service: 's', region: 'r', clock, write });
  return { handler: createApiHandler('test', route, { telemetry, clock }), lines };
}

const event = { requestContext: { requestId: 'req-1' } };

describe('createApiHandler', () => {
  it('answers 200 with the request id in a header and nothing of it in the body', async () => {
    const { handler } = serve(async () => ({ kind: 'ok', body: { a: 1 } }));
    const answer = await handler(event);
    expect(answer).toMatchObject({ statusCode: 200, body: '{"a":1}' });
    expect(answer.headers['x-request-id']).toBe('req-1');
  });

  it.each(Object.keys(ERRORS) as (keyof typeof ERRORS)[])(
    'answers %s as a problem',
    async (code) => {
      const { handler } = serve(async () => ({ kind: 'refused', fault: { code } }));
      const answer = await handler(event);
      const body = SCHEMAS.Problem.parse(JSON.parse(answer.body));
      expect(answer.statusCode).toBe(ERRORS[code].status);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(body).toMatchObject({ error: ERRORS[code].error, code, request_id: 'req-1' });
      expect('retry-after' in answer.headers).toBe(ERRORS[code].retry !== 'never');
    },
  );

  it.each([
    ['a TypeError', new TypeError('arn:aws:dynamodb:secret'), 'internal_error', 500],
    ['a string', 'arn:aws:dynamodb:secret', 'internal_error', 500],
    ['an AppError', new AppError('outcome_unknown', 'put: secret'), 'outcome_unknown', 503],
    ['a broken invariant', new InvariantError('secret'), 'internal_error', 500],
  ])(
    'answers %s from the catalogue, with nothing internal',
    async (_name, thrown, code, status) => {
      const { handler } = serve(async () => {
        throw thrown;
      });
      const answer = await handler(event);
      expect(answer.statusCode).toBe(status);
      expect(JSON.parse(answer.body)).toMatchObject({ code, request_id: 'req-1' });
      expect(JSON.stringify(answer)).not.toMatch(/secret|arn:|at .*\.ts/);
    },
  );

  it('never logs the text of a foreign error', async () => {
    const { handler, lines } = serve(async () => {
      throw new Error('card 4111111111111111');
    });
    await handler(event);
    expect(lines.join('')).not.toContain('4111');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'ERROR', reason: 'Error' });
  });

  it('raises a metric for a broken invariant', async () => {
    const { handler, lines } = serve(async () => {
      throw new InvariantError('x');
    });
    await handler(event);
    expect(lines.join('')).toContain('"InvariantViolated":1');
  });

  it('takes the request id of Lambda when there is no API', async () => {
    const { handler } = serve(async () => ({ kind: 'ok', body: {} }));
    const answer = await handler({}, { awsRequestId: 'lambda-1' });
    expect(answer.headers['x-request-id']).toBe('lambda-1');
  });
});

describe('createApiHandler, counting requests', () => {
  /** The counted metrics of one request that took 12 ms. */
  async function countsOf(route: Route, counts = true): Promise<object> {
    let nowEpochMs = 1_000;
    const lines: Record<string, unknown>[] = [];
    const movingClock = { nowEpochMs: () => nowEpochMs };
    const telemetry = createTelemetry({
      service: 's',
      region: 'r',
      clock: movingClock,
      write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    const timed: Route = async (...args) => {
      nowEpochMs += 12;
      return route(...args);
    };
    await createApiHandler('test', timed, { telemetry, clock: movingClock, counts })(event);
    const counted = lines.filter((line) =>
      Object.keys(line).some((key) => /^Payment(sT|R|F|L)/.test(key)),
    );
    expect(counted.length).toBeLessThanOrEqual(1);
    const { _aws, service: _service, ...values } = counted[0] ?? {};
    return values;
  }
  const codes = Object.keys(ERRORS) as (keyof typeof ERRORS)[];
  const refused =
    (code: keyof typeof ERRORS): Route =>
    async () => ({ kind: 'refused', fault: { code } });
  const throwing =
    (thrown: Error): Route =>
    async () => {
      throw thrown;
    };
  const SUCCESS = { PaymentRequests: 1, PaymentFaults: 0, PaymentLatency: 12 };
  const FAULT = { PaymentRequests: 1, PaymentFaults: 1, PaymentLatency: 12 };

  it('counts a success with its latency', async () => {
    expect(await countsOf(async () => ({ kind: 'ok', body: {} }))).toEqual(SUCCESS);
    expect(await countsOf(async () => ({ kind: 'ok', status: 202, body: {} }))).toEqual(SUCCESS);
  });

  it.each(codes.filter((code) => ERRORS[code].status < 500))(
    'counts %s as no fault, and not towards the latency',
    async (code) => {
      expect(await countsOf(refused(code))).toEqual({ PaymentRequests: 1, PaymentFaults: 0 });
    },
  );

  it.each(codes.filter((code) => ERRORS[code].status >= 500))(
    'counts %s as a fault with its latency',
    async (code) => {
      expect(await countsOf(refused(code))).toEqual(FAULT);
    },
  );

  it.each([
    ['a TypeError', new TypeError('x')],
    ['an AppError', new AppError('unavailable', 'x')],
    ['a broken invariant', new InvariantError('x')],
  ])('counts %s that is thrown as a fault', async (_name, thrown) => {
    expect(await countsOf(throwing(thrown))).toEqual(FAULT);
  });

  it('counts what is the other Region’s to answer as neither request nor fault', async () => {
    const error = new AppError('region_not_active', 'another Region holds the lease');
    const route: Route = async () => ({ kind: 'refused', fault: { code: error.code }, error });
    expect(await countsOf(route)).toEqual({ PaymentsTurnedAway: 1 });
    expect(await countsOf(throwing(error))).toEqual({ PaymentsTurnedAway: 1 });
  });

  it.each([
    [
      'a lease that could not be asked for',
      new AppError('region_not_active', 'the lease can’t be renewed', {
        cause: new AppError('unavailable', 'UpdateItem: timed out'),
      }),
    ],
    [
      'a lease that was lost in the middle of a payment',
      new AppError('outcome_unknown', 'charge', {
        cause: new AppError('region_not_active', 'another Region holds the lease'),
      }),
    ],
  ])('counts %s as a fault', async (_name, error) => {
    const route: Route = async () => ({ kind: 'refused', fault: { code: error.code }, error });
    expect(await countsOf(route)).toEqual(FAULT);
  });

  it('counts no latency below 0 when the clock is set back meanwhile', async () => {
    let reads = 0;
    const lines: string[] = [];
    const backwards = { nowEpochMs: () => 1_000 - reads++ * 100 };
    const write = (line: string) => lines.push(line);
    const telemetry = createTelemetry({ service: 's', region: 'r', clock: backwards, write });
    const route: Route = async () => ({ kind: 'ok', body: {} });
    await createApiHandler('test', route, { telemetry, clock: backwards, counts: true })(event);
    expect(lines.join('')).toContain('"PaymentLatency":0');
  });

  it('counts nothing of a route that makes no money move', async () => {
    expect(await countsOf(async () => ({ kind: 'ok', body: {} }), false)).toEqual({});
  });
});
