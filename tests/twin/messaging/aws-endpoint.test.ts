import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX } from '#twin/endpoint/read-body.ts';
import {
  ACCOUNT,
  EAST,
  FUNCTION_KEY,
  OHIO,
  startWorld,
  WITNESS,
  type World,
} from './messaging-world.ts';

let world: World;

beforeEach(async () => {
  world = await startWorld();
});

afterEach(async () => {
  await world.stop();
});

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

interface Sent {
  readonly region?: string;
  readonly service?: string;
  readonly key?: string;
  readonly operation?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
  readonly path?: string;
}

function begin(sent: Sent = {}): ClientRequest {
  const { region = EAST, service = 'dynamodb', key = 'OPERATOR', operation = 'PutItem' } = sent;
  const outgoing = request({
    port: world.port,
    host: '127.0.0.1',
    method: 'POST',
    path: sent.path ?? '/',
    agent: false,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'content-type': 'application/x-amz-json-1.0',
      ...sent.headers,
    },
  });
  outgoing.end(sent.body ?? '{}');
  return outgoing;
}

function replyTo(outgoing: ClientRequest): Promise<Reply> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
  });
}

function send(sent?: Sent): Promise<Reply> {
  return replyTo(begin(sent));
}

/** What a request fails with; null if it does not fail. Awaited later than it happens. */
function failureOf(reply: Promise<Reply>): Promise<unknown> {
  return reply.then(
    () => null,
    (error: unknown) => error,
  );
}

/** Waits until the endpoint has as many unanswered calls. */
async function untilInFlight(count: number): Promise<void> {
  while (world.endpoint.inFlight() !== count) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('routing by credential scope', () => {
  it('serves the Region and service of the scope and counts the call', async () => {
    const reply = await send({ region: OHIO });
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toEqual({ region: OHIO, bytes: 2 });
    expect(reply.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(world.endpoint.counters()).toEqual([
      { region: OHIO, service: 'dynamodb', operation: 'PutItem', calls: 1, errors: 0, refused: 0 },
    ]);
  });

  it('rejects a request without credentials', async () => {
    const reply = await send({ headers: { authorization: '' } });
    expect(reply.status).toBe(403);
    expect(reply.text).toMatch(/MissingAuthenticationToken.*AWS_ACCESS_KEY_ID/);
  });

  it.each([
    ['a Region that the twin does not have', { region: 'eu-west-1' }, /eu-west-1 is not a Region/],
    ['the witness', { region: WITNESS }, /us-west-2 is the witness.*serves nothing/],
  ])('rejects %s and names those that serve', async (_name, sent, words) => {
    const reply = await send(sent);
    expect(reply.status).toBe(400);
    expect(reply.text).toMatch(words);
    expect(reply.text).toContain('Use one of us-east-1, us-east-2');
    expect(world.tableCalls).toEqual([]);
  });

  it('rejects an unknown Region in the format of the service', async () => {
    const reply = await send({ region: 'eu-west-1', service: 'sns' });
    expect(reply.text).toMatch(/^<ErrorResponse.*<Code>UnknownRegion<\/Code>/);
  });

  it('rejects a service that the twin does not run and lists those that it runs', async () => {
    const reply = await send({ service: 's3', path: '/bucket/key' });
    expect(reply.status).toBe(404);
    expect(reply.text).toContain('does not serve s3. It serves dynamodb, sqs, sns.');
  });

  it("does not expose the emulator's own pages and buckets", async () => {
    for (const path of ['/_fauxqs/queues', '/health', '/bucket/key']) {
      const reply = await send({ service: 'sqs', path, headers: { 'x-amz-target': 'S3.Get' } });
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('UnknownOperationException');
    }
  });

  it('rejects a request that names no operation', async () => {
    const reply = await send({ headers: { 'x-amz-target': 'nothing' } });
    expect([reply.status, reply.text]).toEqual([400, expect.stringContaining('UnknownOperation')]);
  });

  it('rejects web pages and foreign hosts', async () => {
    const page = await send({ headers: { origin: 'https://evil.example' } });
    const rebound = await send({ headers: { host: 'evil.example' } });
    expect([page.status, rebound.status]).toEqual([403, 403]);
    expect(world.tableCalls).toEqual([]);
  });

  it('answers 500 and reports when a service throws', async () => {
    const reply = await send({ operation: 'Explode' });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      500,
      { __type: 'InternalServerError', message: 'Internal server error' },
    ]);
    expect(world.thrown).toEqual([new Error('engine died')]);
  });

  it('rejects to listen on a port that is taken', async () => {
    const other = await startWorld();
    await other.endpoint.close();
    await expect(other.endpoint.listen(world.port)).rejects.toThrow(/EADDRINUSE/);
    await other.stop();
  });
});

describe('bodies', () => {
  it('decompresses gzip before the service sees it', async () => {
    const body = gzipSync('{"TableName":"payments"}');
    const reply = await send({ body, headers: { 'content-encoding': 'gzip' } });
    expect(JSON.parse(reply.text)).toEqual({ region: EAST, bytes: 24 });
    expect(world.tableCalls[0]?.headers['content-encoding']).toBeUndefined();
    expect(world.tableCalls[0]?.headers['content-length']).toBeUndefined();
  });

  it.each([
    ['broken gzip', 'gzip'],
    ['another encoding', 'br'],
  ])('rejects %s', async (_name, encoding) => {
    const reply = await send({ body: 'plain', headers: { 'content-encoding': encoding } });
    expect(reply.status).toBe(415);
    expect(reply.text).toContain(`Content-Encoding ${encoding} can't be read`);
  });

  it('rejects a body that grows beyond 16 MB, packed or not', async () => {
    const long = Buffer.alloc(BODY_BYTES_MAX + 1);
    const packed = await send({ body: gzipSync(long), headers: { 'content-encoding': 'gzip' } });
    const announced = replyTo(begin({ headers: { 'content-length': `${long.length}` }, body: '' }));
    expect([packed.status, (await announced).status]).toEqual([413, 413]);
    expect(world.tableCalls).toEqual([]);
  });
});

describe('IAM', () => {
  it('rejects a function whose role lacks the permission and remembers the refusal', async () => {
    world.decisions.set('dynamodb:DeleteItem', 'implicit-deny');
    const refused = await send({ key: FUNCTION_KEY, operation: 'DeleteItem' });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toEqual({
      __type: 'AccessDeniedException',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/processor/payment-processor-dev is not authorized to perform: dynamodb:DeleteItem on resource: arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/t because no identity-based policy allows the dynamodb:DeleteItem action`,
    });
    expect(world.tableCalls).toEqual([]);
    expect(world.endpoint.refusals()).toMatchObject([
      { region: EAST, action: 'dynamodb:DeleteItem', decision: 'implicit-deny' },
    ]);
    expect(world.endpoint.counters()).toMatchObject([{ calls: 1, refused: 1 }]);
  });

  it('asks the authorizer for each call of a function and never for the operator', async () => {
    await send({ key: FUNCTION_KEY });
    await send({ key: FUNCTION_KEY });
    await send({ key: 'SOMEBODY' });
    expect(world.asked).toHaveLength(2);
    expect(world.tableCalls).toHaveLength(3);
  });

  it('keeps the latest hundred refusals', async () => {
    world.decisions.set('dynamodb:DeleteItem', 'explicit-deny');
    for (let index = 0; index < 101; index += 1) {
      await send({ key: FUNCTION_KEY, operation: 'DeleteItem' });
    }
    expect(world.endpoint.refusals()).toHaveLength(100);
  });
});

describe('faults on the wire', () => {
  it('cuts the connection of a killed Region and serves again when healed', async () => {
    world.faults.inject({ region: EAST, kind: 'kill' });
    await expect(send()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect((await send({ region: OHIO })).status).toBe(200);
    world.faults.heal();
    expect((await send()).status).toBe(200);
  });

  it('cuts calls that wait in a Region when it is killed', async () => {
    world.faults.inject({ region: EAST, kind: 'latency', latencyMs: 60_000 });
    const failure = failureOf(send());
    await untilInFlight(1);
    world.faults.inject({ region: EAST, kind: 'kill' });
    expect(String(await failure)).toMatch(/socket hang up|ECONNRESET/);
    await untilInFlight(0);
    expect(world.tableCalls).toEqual([]);
  });

  it('holds calls to a frozen Region until it is healed', async () => {
    world.faults.inject({ region: EAST, kind: 'freeze' });
    const reply = send();
    await untilInFlight(1);
    expect((await send({ region: OHIO })).status).toBe(200);
    expect(world.tableCalls.map((call) => call.region)).toEqual([OHIO]);
    world.faults.heal(EAST);
    expect((await reply).status).toBe(200);
  });

  it('leaves no effect of a call whose client left while the Region was frozen', async () => {
    world.faults.inject({ region: EAST, kind: 'freeze' });
    const outgoing = begin();
    outgoing.on('error', () => {});
    await untilInFlight(1);
    outgoing.destroy();
    await untilInFlight(0);
    world.faults.heal();
    await send({ operation: 'GetItem' });
    expect(world.tableCalls.map((call) => call.operation)).toEqual(['GetItem']);
  });

  it('leaves no effect of a delayed call whose client left', async () => {
    world.faults.inject({
      region: EAST,
      kind: 'latency',
      operation: 'PutItem',
      service: 'dynamodb',
      latencyMs: 60_000,
    });
    const outgoing = begin();
    const failed = once(outgoing, 'error');
    await untilInFlight(1);
    outgoing.destroy(new Error('client timed out'));
    await failed;
    await untilInFlight(0);
    world.faults.heal();
    await send({ operation: 'GetItem' });
    expect(world.tableCalls.map((call) => call.operation)).toEqual(['GetItem']);
    expect(world.thrown).toEqual([]);
  });

  it('delays a call by a latency', async () => {
    world.faults.inject({ region: EAST, kind: 'latency', latencyMs: 1 });
    expect((await send()).status).toBe(200);
  });

  it('keeps a function of an isolated Region from the other Region, not from its own', async () => {
    world.faults.inject({ region: EAST, kind: 'isolate' });
    const away = send({ region: OHIO, key: FUNCTION_KEY });
    await untilInFlight(1);
    expect((await send({ region: EAST, key: FUNCTION_KEY })).status).toBe(200);
    expect((await send({ region: OHIO })).status).toBe(200);
    expect(world.endpoint.inFlight()).toBe(1);
    world.faults.heal();
    expect((await away).status).toBe(200);
  });

  it('closes while calls are on hold', async () => {
    world.faults.inject({ region: EAST, kind: 'freeze' });
    const failure = failureOf(send());
    await untilInFlight(1);
    await world.endpoint.close();
    expect(String(await failure)).toMatch(/socket hang up|ECONNRESET/);
    await untilInFlight(0);
    expect(world.tableCalls).toEqual([]);
  });
});
