import { afterEach, describe, expect, it, vi } from 'vitest';

import type { ApiObservation } from '#twin/cloudwatch/service-metrics.ts';
import type { ApiAnswer } from '#twin/region/api/api-request.ts';
import { createRestApi, INTEGRATION_TIMEOUT_MS } from '#twin/region/api/rest-api.ts';
import type { InvocationOutcome } from '#twin/region/lambda/invocation.ts';
import type { FunctionModel, RestApiModel } from '#twin/region-model.ts';
import { apiOf, EPOCH_MS, FUNCTION, methodOf, regionOf, requestOf } from './request-fixture.ts';

const OK: InvocationOutcome = { kind: 'answered', payload: '{"statusCode":200,"body":"done"}' };

function setUp(
  more: {
    api?: Partial<RestApiModel>;
    fn?: Partial<FunctionModel>;
    outcome?: InvocationOutcome;
  } = {},
) {
  const events: string[] = [];
  const failures: string[] = [];
  const sleeps: number[] = [];
  const clock = { nowMs: 0 };
  const dice = { next: 0.5 };
  const api = createRestApi({
    api: apiOf(more.api),
    region: regionOf([{ ...FUNCTION, ...more.fn }]),
    invoke(_, event) {
      events.push(event);
      return Promise.resolve(more.outcome ?? OK);
    },
    logFailure: (_, status, reason) => failures.push(`${status} ${reason}`),
    epochMs: () => EPOCH_MS,
    monotonicMs: () => clock.nowMs,
    random: () => dice.next,
    sleep(delayMs) {
      sleeps.push(delayMs);
      return Promise.resolve();
    },
  });
  return { api, events, failures, sleeps, clock, dice };
}

function headerOf(answer: ApiAnswer, name: string): string | undefined {
  const index = answer.headers.findIndex((text) => text.toLowerCase() === name);
  return index === -1 ? undefined : answer.headers[index + 1];
}

function messageOf(answer: ApiAnswer): unknown {
  return (JSON.parse(String(answer.body)) as { message: unknown }).message;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('createRestApi', () => {
  it.each(['/process', '/prod/process', '/process/'])('serves POST %s', async (path) => {
    const { api, events } = setUp();
    const answer = await api.serve(requestOf('POST', path, [], 'x'));
    expect(answer).toMatchObject({ status: 200, body: 'done' });
    const event = JSON.parse(events[0] ?? '') as { path: string; requestContext: { path: string } };
    expect(event.path).toBe(path.replace('/prod', ''));
    expect(event.requestContext.path).toBe(path);
  });

  it('puts both request ids on every answer', async () => {
    const { api } = setUp();
    for (const path of ['/process', '/nowhere']) {
      const answer = await api.serve(requestOf('POST', path));
      expect(headerOf(answer, 'x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
      expect(headerOf(answer, 'x-amz-apigw-id')).toMatch(/^[0-9a-f]{15}=$/);
    }
  });

  it('prefers the stage where a path can be read both ways', async () => {
    const methods = ['/prod', '/prod/process', '/process', '/'].map((path) => methodOf({ path }));
    const { api, events } = setUp({ api: { methods } });
    for (const path of ['/prod/process', '/prod', '/prod/prod/process', '/prod/']) {
      await api.serve(requestOf('POST', path));
    }
    const resources = events.map((event) => (JSON.parse(event) as { resource: string }).resource);
    expect(resources).toEqual(['/process', '/', '/prod/process', '/']);
  });

  it('reads a path that only begins like the stage as a path', async () => {
    const { api } = setUp({ api: { methods: [methodOf({ path: '/production' })] } });
    expect((await api.serve(requestOf('POST', '/production'))).status).toBe(200);
  });

  it.each([
    ['an unknown path', 'POST', '/nowhere'],
    ['an unknown path of the stage', 'POST', '/prod/nowhere'],
    ['a method that the resource does not have', 'GET', '/process'],
    ['HEAD', 'HEAD', '/process'],
    ['another stage', 'POST', '/dev/process'],
  ])('rejects %s as a missing authentication token', async (_, method, path) => {
    const { api, events } = setUp();
    const answer = await api.serve(requestOf(method, path));
    expect(answer.status).toBe(403);
    expect(messageOf(answer)).toBe('Missing Authentication Token');
    expect(events).toEqual([]);
  });

  it('hands path parameters on percent-encoded, as they stand in the path', async () => {
    const methods = [methodOf({ httpMethod: 'GET', path: '/payments/{transaction_id}' })];
    const { api, events } = setUp({ api: { methods } });
    await api.serve(requestOf('GET', '/payments/a%2Fb%2520c'));
    expect(JSON.parse(events[0] ?? '')).toMatchObject({
      path: '/payments/a%2Fb%2520c',
      resource: '/payments/{transaction_id}',
      pathParameters: { transaction_id: 'a%2Fb%2520c' },
    });
  });

  it.each(['%', '%zz', '%ff'])('leaves a path parameter that is %s to the function', async (id) => {
    const methods = [methodOf({ httpMethod: 'GET', path: '/payments/{id}' })];
    const { api, events } = setUp({ api: { methods } });
    expect((await api.serve(requestOf('GET', `/payments/${id}`))).status).toBe(200);
    expect(JSON.parse(events[0] ?? '')).toMatchObject({ pathParameters: { id } });
  });

  it('rejects a malformed query', async () => {
    const methods = [methodOf({ httpMethod: 'GET', path: '/payments/{id}' })];
    const { api, events } = setUp({ api: { methods } });
    const answer = await api.serve(requestOf('GET', '/payments/ok?a=%zz'));
    expect([answer.status, headerOf(answer, 'x-amzn-errortype')]).toEqual([
      400,
      'BadRequestException',
    ]);
    expect(events).toEqual([]);
  });

  it('rejects headers over the limit and takes those at it', async () => {
    const { api } = setUp();
    // "POST /process HTTP/1.1" is 22 bytes.
    const at = await api.serve(requestOf('POST', '/process', ['x', 'a'.repeat(10_240 - 22)]));
    const over = await api.serve(requestOf('POST', '/process', ['x', 'a'.repeat(10_240 - 21)]));
    expect([at.status, over.status]).toEqual([200, 431]);
  });

  it('rejects a body that was too long to read', async () => {
    const { api, events } = setUp();
    const answer = await api.serve(requestOf('POST', '/process', [], null));
    expect([answer.status, messageOf(answer)]).toEqual([
      413,
      'HTTP content length exceeded 10485760 bytes.',
    ]);
    expect(events).toEqual([]);
  });

  it('throttles by the stage, unknown paths not counted', async () => {
    const { api, clock } = setUp({ api: { throttling: { rateLimit: 1, burstLimit: 2 } } });
    const statuses: number[] = [];
    for (const path of ['/nowhere', '/process', '/process', '/process']) {
      statuses.push((await api.serve(requestOf('POST', path))).status);
    }
    clock.nowMs += 1_000;
    statuses.push((await api.serve(requestOf('POST', '/process'))).status);
    expect(statuses).toEqual([403, 200, 200, 429, 200]);
  });

  it('rejects an unsigned request to an AWS_IAM method and names the key of a signed one', async () => {
    const { api, events } = setUp({
      api: { methods: [methodOf({ authorizationType: 'AWS_IAM' })] },
    });
    const scope = 'AKIAEXAMPLE/20260101/us-east-1/execute-api/aws4_request';
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const signed = ['Authorization', authorization, 'X-Amz-Date', '20260101T000000Z'];
    expect((await api.serve(requestOf('POST', '/process'))).status).toBe(403);
    expect((await api.serve(requestOf('POST', '/process', signed))).status).toBe(200);
    expect(JSON.parse(events[0] ?? '')).toMatchObject({
      requestContext: { identity: { accessKey: 'AKIAEXAMPLE' } },
    });
  });

  it('rejects a request without what its validator requires, blank included', async () => {
    const method = methodOf({
      validator: { body: false, parameters: true },
      requestParameters: {
        'method.request.header.X-Tenant': true,
        'method.request.querystring.limit': true,
        'method.request.querystring.cursor': false,
      },
    });
    const { api } = setUp({ api: { methods: [method] } });
    const missing = await api.serve(requestOf('POST', '/process?limit=', ['x-tenant', ' ']));
    expect([missing.status, messageOf(missing)]).toEqual([
      400,
      'Missing required request parameters: [X-Tenant, limit]',
    ]);
    const whole = await api.serve(requestOf('POST', '/process?limit=1', ['x-tenant', 'a']));
    expect(whole.status).toBe(200);
  });

  it.each([
    [
      'the function threw',
      { kind: 'function-error', errorType: 'TypeError', errorMessage: 'secret' },
      502,
    ],
    ['the function timed out', { kind: 'timed-out', timeoutMs: 3_000 }, 502],
    ['its environment ended', { kind: 'crashed', reason: 'secret' }, 502],
    ['the answer is malformed', { kind: 'answered', payload: '{"body":"secret"}' }, 502],
    ['Lambda throttled it', { kind: 'throttled', reservedConcurrency: 5 }, 500],
    ['the event is too large', { kind: 'request-too-large', sizeBytes: 7_000_000 }, 413],
  ] as const)('says nothing of why when %s, and logs it', async (_, outcome, status) => {
    const { api, failures } = setUp({ outcome });
    const answer = await api.serve(requestOf('POST', '/process'));
    expect(answer.status).toBe(status);
    expect(String(answer.body)).not.toContain('secret');
    expect(failures).toHaveLength(1);
  });

  it('rejects the call where the function has no permission for the method', async () => {
    const { api, failures, events } = setUp({ fn: { permissions: [] } });
    const answer = await api.serve(requestOf('POST', '/process'));
    expect([answer.status, messageOf(answer)]).toEqual([500, 'Internal server error']);
    expect(failures[0]).toContain('AWS::Lambda::Permission');
    expect(events).toEqual([]);
  });

  it('answers 504 when the integration has not answered in 29 s', async () => {
    vi.useFakeTimers();
    const never = new Promise<InvocationOutcome>(() => undefined);
    const api = createRestApi({
      api: apiOf(),
      region: regionOf(),
      invoke: () => never,
      logFailure: () => undefined,
      epochMs: () => EPOCH_MS,
      monotonicMs: () => 0,
      random: () => 0.5,
      sleep: () => Promise.resolve(),
    });
    const pending = api.serve(requestOf('POST', '/process'));
    await vi.advanceTimersByTimeAsync(INTEGRATION_TIMEOUT_MS);
    const answer = await pending;
    expect([answer.status, messageOf(answer)]).toEqual([504, 'Endpoint request timed out']);
  });

  it('gives binary bodies as base64 and decodes binary answers for who accepts them', async () => {
    const payload = JSON.stringify({ statusCode: 200, body: 'AP8=', isBase64Encoded: true });
    const { api, events } = setUp({
      api: { binaryMediaTypes: ['application/octet-stream'] },
      outcome: { kind: 'answered', payload },
    });
    const type = 'application/octet-stream';
    const headers = ['Content-Type', type, 'Accept', type];
    const answer = await api.serve(requestOf('POST', '/process', headers, Buffer.from([1, 2])));
    expect(JSON.parse(events[0] ?? '')).toMatchObject({ body: 'AQI=', isBase64Encoded: true });
    expect(answer.body).toEqual(Buffer.from([0, 255]));
  });

  it('tells of each answer with its method and its times, faults included', async () => {
    const observed: ApiObservation[] = [];
    const clock = { nowMs: 0 };
    const api = createRestApi({
      api: apiOf(),
      region: regionOf([FUNCTION]),
      invoke() {
        clock.nowMs += 20;
        return Promise.resolve(OK);
      },
      logFailure: () => undefined,
      observe: (observation) => observed.push(observation),
      epochMs: () => EPOCH_MS,
      monotonicMs: () => clock.nowMs,
      random: () => 0,
      sleep(delayMs) {
        clock.nowMs += delayMs;
        return Promise.resolve();
      },
    });
    await api.serve(requestOf('POST', '/process'));
    await api.serve(requestOf('GET', '/nowhere'));
    api.setFaults({ latencyMs: 250, errorRate: 1, throttleRate: 0 });
    await api.serve(requestOf('POST', '/process'));
    const at = { atEpochMs: EPOCH_MS };
    const missed = { resource: null, integrationLatencyMs: null };
    const served = { httpMethod: 'POST', resource: '/process' };
    expect(observed).toEqual([
      { ...at, ...served, status: 200, latencyMs: 20, integrationLatencyMs: 20 },
      { ...at, ...missed, httpMethod: 'GET', status: 403, latencyMs: 0 },
      { ...at, ...served, status: 500, latencyMs: 250, integrationLatencyMs: null },
    ]);
  });

  it('injects latency, errors and throttling at their rates, and stops when told', async () => {
    const { api, sleeps, dice, events } = setUp();
    const status = async () => (await api.serve(requestOf('POST', '/process'))).status;
    api.setFaults({ latencyMs: 250, errorRate: 0.3, throttleRate: 0.2 });
    dice.next = 0.19;
    expect(await status()).toBe(429);
    dice.next = 0.29;
    expect(await status()).toBe(500);
    expect(events).toEqual([]);
    dice.next = 0.3;
    expect(await status()).toBe(200);
    expect(sleeps).toEqual([250, 250, 250]);
    api.setFaults({ latencyMs: 0, errorRate: 0, throttleRate: 0 });
    dice.next = 0;
    expect(await status()).toBe(200);
    expect(sleeps).toHaveLength(3);
  });
});
