import { Packet } from 'dns2';
import { expect, test } from 'vitest';
import { createSrvResolver } from '#twin/routing/srv-resolver.ts';

const { TYPE, CLASS, RCODE } = Packet;
const name = '_http._tcp.api.holdfast.test';

function answer(port: number, ttl: number): Packet {
  const packet = new Packet();
  packet.header = new Packet.Header({ qr: 1, rcode: RCODE.NOERROR });
  const target = `us-east-${port}.api.holdfast.test`;
  packet.answers.push(
    new Packet.Resource({ name, type: TYPE.SRV, class: CLASS.IN, ttl, port, target }),
  );
  packet.additionals.push(
    new Packet.Resource({ name: target, type: TYPE.A, class: CLASS.IN, ttl, address: '127.0.0.1' }),
  );
  return packet;
}

function setUp(answers: (() => Promise<Packet>)[]) {
  let nowMs = 0;
  let queries = 0;
  const resolver = createSrvResolver({
    name,
    server: { address: '127.0.0.1', port: 53 },
    nowMs: () => nowMs,
    query: () => {
      const next = answers[queries];
      queries += 1;
      if (next === undefined) throw new Error('asked too often');
      return next();
    },
  });
  return { resolver, queries: () => queries, advance: (ms: number) => (nowMs += ms) };
}

test('asks once for the length of the TTL, then again', async () => {
  const { resolver, queries, advance } = setUp([
    async () => answer(1, 2),
    async () => answer(2, 2),
  ]);
  expect(resolver.cached()).toBeNull();
  expect(await resolver.resolve()).toEqual({
    host: 'us-east-1.api.holdfast.test',
    address: '127.0.0.1',
    port: 1,
  });
  advance(1_999);
  expect((await resolver.resolve()).port).toBe(1);
  expect(queries()).toBe(1);
  advance(1);
  expect(resolver.cached()).toBeNull();
  expect((await resolver.resolve()).port).toBe(2);
});

test('sends one query for callers that ask together', async () => {
  const { resolver, queries } = setUp([async () => answer(1, 2)]);
  const ports = await Promise.all(Array.from({ length: 50 }, () => resolver.resolve()));
  expect(new Set(ports.map(({ port }) => port))).toEqual(new Set([1]));
  expect(queries()).toBe(1);
});

test('serves the last answer on while DNS does not answer, and asks again later', async () => {
  const { resolver, advance } = setUp([
    async () => answer(1, 2),
    async () => {
      throw new Error('timed out');
    },
    async () => answer(2, 2),
  ]);
  await resolver.resolve();
  advance(2_000);
  expect((await resolver.resolve()).port).toBe(1);
  advance(999);
  expect(resolver.cached()?.port).toBe(1);
  advance(1);
  expect((await resolver.resolve()).port).toBe(2);
});

test('rejects when nothing was ever resolved, and recovers', async () => {
  const refused = new Packet();
  refused.header = new Packet.Header({ qr: 1, rcode: RCODE.SERVFAIL });
  const { resolver } = setUp([
    async () => refused,
    async () => new Packet(),
    async () => answer(1, 2),
  ]);
  await expect(resolver.resolve()).rejects.toThrow(`${name} could not be resolved at 127.0.0.1:53`);
  await expect(resolver.resolve()).rejects.toThrow('could not be resolved');
  expect((await resolver.resolve()).port).toBe(1);
});
