/** Functions in a real Region process: environments, timeouts, crashes, logs, limits. */

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import type { RegionProcess } from '#twin/region/region-process.ts';
import { createFixture, type Fixture } from './region-fixture.ts';

const ECHO = `
import { parentPort } from 'node:worker_threads';
export const handler = async (event, context) => ({
  statusCode: 200,
  body: JSON.stringify({
    env: process.env,
    context: { ...context, remainingMs: context.getRemainingTimeInMillis() },
    event,
  }),
});`;

/** Says who it is; on request does what a function must not do. */
const UNRULY = `
import { appendFileSync, existsSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
const id = randomUUID();
if (process.env.BROKEN_FLAG !== undefined && existsSync(process.env.BROKEN_FLAG)) {
  throw new Error('broken on the second import');
}
const actions = {
  spin() { console.log('about to spin'); for (;;); },
  hang: () => new Promise(() => undefined),
  writeLater() {
    setInterval(() => appendFileSync(process.env.WITNESS, 'x'), 1);
    return new Promise(() => undefined);
  },
  exit() { console.log('last words'); process.exit(3); },
  uncaught() { setImmediate(() => { throw new RangeError('out of the blue'); }); return new Promise(() => undefined); },
  unhandled() { void Promise.reject(new Error('nobody waits')); return new Promise(() => undefined); },
  exhaust() { const kept = []; for (;;) kept.push(new Array(1e5).fill(Math.random())); },
  bigint: () => 1n,
  circular() { const a = {}; a.a = a; return a; },
  nothing: () => undefined,
  sync: () => { throw new TypeError('thrown'); },
  big: (bytes) => ({ statusCode: 200, body: 'x'.repeat(Number(bytes)) }),
  log(lines) { for (let n = 0; n < Number(lines); n += 1) console.log(JSON.stringify({ n })); },
};
export const handler = async (event) => {
  const { do: action, arg } = event.queryStringParameters ?? {};
  const result = action === undefined ? undefined : await actions[action](arg);
  if (['bigint', 'circular', 'big', 'nothing'].includes(action)) return result;
  return { statusCode: 200, body: id };
};`;

let fixture: Fixture;
let region: RegionProcess;
let witness = '';
let brokenFlag = '';

beforeAll(async () => {
  process.env['MACHINE_ONLY'] = 'must not leak';
  const sources = { echo: ECHO, unruly: UNRULY };
  fixture = createFixture(sources, { functions: { timeoutSeconds: 2, memoryMb: 64 } });
  witness = join(fixture.directory, 'witness');
  brokenFlag = join(fixture.directory, 'broken');
  const [echo, unruly] = fixture.config.model.functions;
  if (echo === undefined || unruly === undefined) throw new Error('no functions');
  const environment = { WITNESS: witness, BROKEN_FLAG: brokenFlag };
  const functions = [echo, { ...unruly, environment }];
  region = await fixture.spawn({
    ...fixture.config,
    model: { ...fixture.config.model, functions },
  });
});
afterAll(async () => {
  delete process.env['MACHINE_ONLY'];
  await fixture.dispose();
});

function call(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://127.0.0.1:${region.apiPort}${path}`, init);
}

/** The environment that serves now; waits until one does. */
function environmentId(): Promise<string> {
  return vi.waitFor(
    async () => {
      const response = await call('/unruly');
      expect(response.status).toBe(200);
      return response.text();
    },
    { timeout: 10_000 },
  );
}

function logOf(name: string): string {
  return readFileSync(join(fixture.config.logDirectory, `${name}.log`), 'utf8');
}

describe('a function in a Region', () => {
  it('is called with the proxy event and a context', async () => {
    const response = await call('/prod/echo?a=1&a=2', {
      method: 'POST',
      headers: { 'X-Custom': 'Value' },
      body: '{"é":1}',
    });
    expect(response.status).toBe(200);
    const { event, context } = (await response.json()) as Record<string, Record<string, unknown>>;
    expect(event).toMatchObject({
      path: '/echo',
      httpMethod: 'POST',
      body: '{"é":1}',
      isBase64Encoded: false,
      queryStringParameters: { a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      headers: { 'X-Custom': 'Value' },
      requestContext: { stage: 'prod', path: '/prod/echo', identity: { sourceIp: '127.0.0.1' } },
    });
    const requestId = response.headers.get('x-amzn-requestid');
    expect(context).toMatchObject({
      functionName: 'echo',
      awsRequestId: requestId,
      memoryLimitInMB: '64',
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:echo',
      logGroupName: '/aws/lambda/echo',
    });
    expect(context?.['remainingMs']).toBeGreaterThan(0);
    expect(context?.['remainingMs']).toBeLessThanOrEqual(2_000);
  });

  it("sees its own variables and credentials, and nothing of this machine's", async () => {
    const { env } = (await (await call('/echo')).json()) as { env: Record<string, string> };
    expect(env).toMatchObject({
      GREETING: 'hello from echo',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAecho',
      AWS_SESSION_TOKEN: 'token-echo',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    });
    for (const name of ['MACHINE_ONLY', 'HOME', 'PATH', 'USER', 'AWS_PROFILE', 'NODE_OPTIONS']) {
      expect(env).not.toHaveProperty(name);
    }
  });

  it('serves many invocations at once in one environment', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => call('/unruly')));
    const bodies = await Promise.all(ids.map((response) => response.text()));
    expect(new Set(bodies).size).toBe(1);
  });

  it('is ended with its environment when it times out, and writes nothing after', async () => {
    const before = await environmentId();
    const response = await call('/unruly?do=writeLater');
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ message: 'Internal server error' });
    const written = readFileSync(witness, 'utf8').length;
    expect(written).toBeGreaterThan(0);
    // Several calls later, each of them longer than the interval of the writes.
    for (let calls = 0; calls < 20; calls += 1) await call('/echo');
    expect(readFileSync(witness, 'utf8').length).toBe(written);
    expect(await environmentId()).not.toBe(before);
    expect(logOf('unruly')).toContain('Task timed out after 2.00 seconds');
  });

  it('is ended at its timeout even when it never yields; its log is kept', async () => {
    const before = await environmentId();
    expect((await call('/unruly?do=spin')).status).toBe(502);
    expect(await environmentId()).not.toBe(before);
    expect(logOf('unruly')).toContain('about to spin\n');
  });

  it.each(['exit', 'uncaught', 'unhandled', 'exhaust'])(
    'fails what is in flight when it crashes (%s), and comes back',
    async (action) => {
      const before = await environmentId();
      const bystander = call('/unruly?do=hang');
      const culprit = call(`/unruly?do=${action}`);
      expect((await culprit).status).toBe(502);
      expect((await bystander).status).toBe(502);
      expect(await environmentId()).not.toBe(before);
    },
  );

  it('keeps its last words, and why it ended', () => {
    const log = logOf('unruly');
    expect(log).toContain('last words\n');
    expect(log).toContain('ended the process with exit code 3');
    expect(log).toContain('RangeError: out of the blue');
  });

  it('answers 502 while it can not be loaded again, then serves', async () => {
    await environmentId();
    writeFileSync(brokenFlag, '');
    expect((await call('/unruly?do=exit')).status).toBe(502);
    expect((await call('/unruly')).status).toBe(502);
    expect((await call('/echo')).status).toBe(200);
    rmSync(brokenFlag);
    expect(await environmentId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(logOf('unruly')).toContain('broken on the second import');
  });

  it.each([
    ['bigint', 'Unable to stringify response body'],
    ['circular', 'Unable to stringify response body'],
    ['sync', '"errorType":"TypeError","errorMessage":"thrown"'],
    ['nothing', 'malformed Lambda proxy response'],
  ])('answers 502 for %s and lives on', async (action, words) => {
    const before = await environmentId();
    const response = await call(`/unruly?do=${action}`);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toContain('thrown');
    expect(await environmentId()).toBe(before);
    expect(logOf('unruly') + logOf('api-gateway')).toContain(words);
  });

  it("answers up to Lambda's limit, and 502 above it", async () => {
    const envelope = JSON.stringify({ statusCode: 200, body: '' }).length;
    const most = 6_291_556 - envelope;
    const at = await call(`/unruly?do=big&arg=${most}`);
    expect([at.status, (await at.text()).length]).toEqual([200, most]);
    expect((await call(`/unruly?do=big&arg=${most + 1}`)).status).toBe(502);
    expect(logOf('unruly')).toContain('Function.ResponseSizeTooLarge');
  });

  it('logs every line as it was written', async () => {
    await call('/unruly?do=log&arg=2000');
    const lines = logOf('unruly').split('\n');
    const numbers = lines
      .filter((line) => line.startsWith('{"n":'))
      .map((line) => (JSON.parse(line) as { n: number }).n);
    expect(numbers).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
    expect(existsSync(join(fixture.config.logDirectory, 'echo.log'))).toBe(true);
  });
});
