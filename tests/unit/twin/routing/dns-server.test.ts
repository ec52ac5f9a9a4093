import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DnsServer, startDnsServer } from '#twin/routing/dns-server.ts';
import { planRouting } from '#twin/routing/plan-routing.ts';
import { PORTS, portOf } from './routed-regions.ts';

/** An independent implementation of the wire format; it comes without types. */
const dnsPacket = createRequire(import.meta.url)('dns-packet') as {
  encode(packet: object): Buffer;
  decode(message: Buffer): Answer;
  streamEncode(packet: object): Buffer;
  streamDecode(message: Buffer): Answer;
};
interface Answer {
  readonly id: number;
  readonly rcode: string;
  readonly flag_aa: boolean;
  readonly answers: readonly AnswerRecord[];
  readonly authorities: readonly AnswerRecord[];
  readonly additionals: readonly AnswerRecord[];
}
interface AnswerRecord {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly data: unknown;
}

/** Templates without records: the twin's own zone. */
const TTL_SECONDS = 2;
const noRouting = { restApis: [], apiDomains: [], healthChecks: [], records: [] };
const regions = Object.keys(PORTS).map((region) => ({ region, ...noRouting }));
const endpoints = Object.entries(PORTS).map(([region, port]) => ({ region, port }));
const unhealthy = new Set<string>();
const zone = {
  index: planRouting(regions, portOf, TTL_SECONDS).index,
  choice: { isHealthy: (id: string) => !unhealthy.has(id), random: () => 0 },
  ttlMaxSeconds: TTL_SECONDS,
};
let server: DnsServer;

beforeAll(async () => {
  server = await startDnsServer({ port: 0, zone });
});
afterAll(() => server.close());

async function send(message: Buffer): Promise<Answer> {
  const socket = createSocket('udp4');
  try {
    socket.send(message, server.port, '127.0.0.1');
    const [reply] = (await once(socket, 'message')) as [Buffer];
    return dnsPacket.decode(reply);
  } finally {
    socket.close();
  }
}

function query(name: string, type: string, more: object = {}): Promise<Answer> {
  const message = { type: 'query', id: 4711, questions: [{ type, name }], ...more };
  return send(dnsPacket.encode(message));
}

const brief = (records: readonly AnswerRecord[]) =>
  records.map(({ name, type, data }) => [name, type, data]);

describe('the failover name', () => {
  test('answers A with a CNAME to the active Region and its address, for the TTL', async () => {
    const answer = await query('api.holdfast.test', 'A');
    expect(answer).toMatchObject({ id: 4711, rcode: 'NOERROR', flag_aa: true });
    expect(brief(answer.answers)).toEqual([
      ['api.holdfast.test', 'CNAME', 'us-east-1.api.holdfast.test'],
      ['us-east-1.api.holdfast.test', 'A', '127.0.0.1'],
    ]);
    expect(answer.answers.map(({ ttl }) => ttl)).toEqual([2, 2]);
  });

  test('moves with the health checks from one query to the next', async () => {
    unhealthy.add('built-in-us-east-1');
    try {
      const srv = await query('_http._tcp.api.holdfast.test', 'SRV');
      expect(srv.answers[0]?.data).toMatchObject({
        port: 8082,
        target: 'us-east-2.api.holdfast.test',
      });
      expect(brief(srv.additionals)).toEqual([['us-east-2.api.holdfast.test', 'A', '127.0.0.1']]);
      const a = await query('api.holdfast.test', 'A');
      expect(a.answers[0]?.data).toBe('us-east-2.api.holdfast.test');
    } finally {
      unhealthy.clear();
    }
  });

  test('says region and port in a TXT record', async () => {
    const { answers } = await query('api.holdfast.test', 'TXT');
    expect(String(answers.at(-1)?.data)).toBe('region=us-east-1 port=8081');
  });

  test('has no IPv6 address: no error, the alias and the SOA', async () => {
    const answer = await query('api.holdfast.test', 'AAAA');
    expect(answer.rcode).toBe('NOERROR');
    expect(answer.answers.map(({ type }) => type)).toEqual(['CNAME']);
    expect(answer.authorities.map(({ type }) => type)).toEqual(['SOA']);
  });

  test('is found whatever the case, and keeps the case of the question', async () => {
    const { answers } = await query('aPi.HoldFast.tesT', 'A');
    expect(answers[0]?.name).toBe('aPi.HoldFast.tesT');
    expect(answers[1]?.data).toBe('127.0.0.1');
  });
});

test.each(endpoints)('$region has names of its own', async ({ region, port }) => {
  const a = await query(`${region}.api.holdfast.test`, 'A');
  expect(brief(a.answers)).toEqual([[`${region}.api.holdfast.test`, 'A', '127.0.0.1']]);
  const srv = await query(`_http._tcp.${region}.api.holdfast.test`, 'SRV');
  expect(srv.answers[0]?.data).toMatchObject({ port, target: `${region}.api.holdfast.test` });
});

test.each([
  { name: 'nowhere.holdfast.test', type: 'A', rcode: 'NXDOMAIN', authorities: ['SOA'] },
  { name: 'us-west-1.api.holdfast.test', type: 'SRV', rcode: 'NXDOMAIN', authorities: ['SOA'] },
  { name: '_tcp.api.holdfast.test', type: 'A', rcode: 'NOERROR', authorities: ['SOA'] },
  { name: 'us-east-1.api.holdfast.test', type: 'AAAA', rcode: 'NOERROR', authorities: ['SOA'] },
  { name: 'example.com', type: 'A', rcode: 'REFUSED', authorities: [] },
  { name: 'notholdfast.test', type: 'A', rcode: 'REFUSED', authorities: [] },
  { name: 'holdfast.test', type: 'AXFR', rcode: 'REFUSED', authorities: [] },
])('answers $name $type with $rcode and no records', async ({ name, type, rcode, authorities }) => {
  const answer = await query(name, type);
  expect(answer.rcode).toBe(rcode);
  expect(answer.answers).toEqual([]);
  expect(answer.authorities.map((record) => record.type)).toEqual(authorities);
});

test('the zone has its SOA and a name server', async () => {
  expect((await query('holdfast.test', 'SOA')).answers[0]?.data).toMatchObject({ minimum: 2 });
  expect((await query('holdfast.test', 'NS')).answers[0]?.data).toBe('ns.holdfast.test');
});

test('answers a query with EDNS with EDNS', async () => {
  const additionals = [{ type: 'OPT', name: '.', udpPayloadSize: 1_232, flags: 0, options: [] }];
  const answer = await query('api.holdfast.test', 'A', { additionals });
  expect(answer.additionals.map(({ type }) => type)).toEqual(['OPT']);
});

test('answers over TCP too, two queries on one connection', async () => {
  const socket = connect(server.port, '127.0.0.1');
  const message = dnsPacket.streamEncode({
    type: 'query',
    id: 7,
    questions: [{ type: 'A', name: 'api.holdfast.test' }],
  });
  for (let round = 0; round < 2; round += 1) {
    socket.write(message);
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(dnsPacket.streamDecode(reply).answers).toHaveLength(2);
  }
  socket.destroy();
});

describe('what makes no sense', () => {
  test.each([
    { what: 'no question', message: { questions: [] }, rcode: 'FORMERR' },
    {
      what: 'two questions',
      message: {
        questions: [
          { type: 'A', name: 'api.holdfast.test' },
          { type: 'TXT', name: 'api.holdfast.test' },
        ],
      },
      rcode: 'FORMERR',
    },
    {
      what: 'an opcode other than query',
      message: { flags: 4 << 11, questions: [{ type: 'A', name: 'api.holdfast.test' }] },
      rcode: 'NOTIMP',
    },
    {
      what: 'a class other than IN',
      message: { questions: [{ type: 'A', class: 'CH', name: 'api.holdfast.test' }] },
      rcode: 'REFUSED',
    },
  ])('rejects $what with $rcode', async ({ message, rcode }) => {
    const answer = await send(dnsPacket.encode({ type: 'query', id: 1, ...message }));
    expect(answer.rcode).toBe(rcode);
  });

  test('rejects a name that points at itself', async () => {
    const header = Buffer.from('0001010000010000000000', 'hex');
    const loop = Buffer.concat([header, Buffer.from('00c00c00010001', 'hex')]);
    expect((await send(loop)).rcode).toBe('FORMERR');
  });

  test('leaves answers unanswered, and survives any bytes over UDP and TCP', async () => {
    const socket = createSocket('udp4');
    const replies: number[] = [];
    socket.on('message', (reply) => replies.push(reply.readUInt16BE(0)));
    const response = {
      type: 'response',
      id: 9,
      questions: [{ type: 'A', name: 'api.holdfast.test' }],
    };
    socket.send(dnsPacket.encode(response), server.port, '127.0.0.1');
    const messages = fc.sample(fc.uint8Array({ minLength: 0, maxLength: 64 }), {
      numRuns: 300,
      seed: 20_260_101,
    });
    for (const message of messages) socket.send(message, server.port, '127.0.0.1');

    const stream = connect(server.port, '127.0.0.1');
    stream.on('error', () => {});
    stream.end(Buffer.concat([Buffer.from([0, 5]), Buffer.from('abcde')]));
    await once(stream, 'close');

    expect((await query('api.holdfast.test', 'A')).answers).toHaveLength(2);
    expect(replies).not.toContain(9);
    socket.close();
  });
});

test('rejects a port that is taken, and names it', async () => {
  await expect(startDnsServer({ port: server.port, zone })).rejects.toThrow(
    `the DNS server cannot listen on 127.0.0.1:${server.port} (EADDRINUSE)`,
  );
});
