import { Packet } from 'dns2';
import { describe, expect, test } from 'vitest';
import type { RecordModel } from '#twin/region-model.ts';
import { answerQuery, srvNameOf } from '#twin/routing/dns-zone.ts';
import { planRouting, type RoutedRegion } from '#twin/routing/plan-routing.ts';
import { DOMAIN, portOf, record, regionalNameOf, routedRegions } from './routed-regions.ts';

const { TYPE, CLASS, RCODE } = Packet;

interface World {
  readonly regions?: readonly RoutedRegion[];
  readonly unhealthy?: readonly string[];
  readonly ttlMaxSeconds?: number | null;
  readonly random?: () => number;
}

function ask(name: string, type: number, world: World = {}): Packet {
  const { regions = routedRegions(), unhealthy = [], ttlMaxSeconds = null } = world;
  const request = new Packet();
  request.header = new Packet.Header({ qr: 0, opcode: 0 });
  request.questions.push(new Packet.Question({ name, type, class: CLASS.IN }));
  const answer = answerQuery(
    {
      index: planRouting(regions, portOf, ttlMaxSeconds).index,
      choice: {
        isHealthy: (id) => !unhealthy.includes(id),
        random: world.random ?? (() => 0),
      },
      ttlMaxSeconds,
    },
    request,
  );
  if (answer === null) throw new Error('no answer');
  return answer;
}

/** `name ttl data`, one for each record. */
function brief(records: Packet['answers']): string[] {
  return records.map(({ name, ttl, domain, address, data, port, target }) => {
    const srv = target === undefined ? undefined : `${port} ${target}`;
    return `${name} ${ttl} ${domain ?? address ?? srv ?? String(data)}`;
  });
}

/** The templates' records and more of their zone. */
function withRecords(...more: readonly Partial<RecordModel>[]): RoutedRegion[] {
  const [first, ...rest] = routedRegions();
  if (first === undefined) return [];
  return [{ ...first, records: [...first.records, ...more.map(record)] }, ...rest];
}

describe('failover records', () => {
  test('lead over the Regional name to the address, each with its own TTL', () => {
    expect(brief(ask(DOMAIN, TYPE.A).answers)).toEqual([
      `${DOMAIN} 30 us-east-1.${DOMAIN}`,
      `us-east-1.${DOMAIN} 30 ${regionalNameOf('us-east-1')}`,
      `${regionalNameOf('us-east-1')} 60 127.0.0.1`,
    ]);
  });

  test.each([
    { unhealthy: ['check-us-east-1'], region: 'us-east-2' },
    { unhealthy: ['check-us-east-2'], region: 'us-east-1' },
    { unhealthy: ['check-us-east-1', 'check-us-east-2'], region: 'us-east-1' },
  ])('lead to $region while $unhealthy fail', ({ unhealthy, region }) => {
    const { answers } = ask(DOMAIN, TYPE.CNAME, { unhealthy });
    expect(answers.map(({ domain }) => domain)).toEqual([`${region}.${DOMAIN}`]);
  });

  test('are no longer kept than the profile allows', () => {
    const { answers } = ask(DOMAIN, TYPE.A, { ttlMaxSeconds: 2 });
    expect(answers.map(({ ttl }) => ttl)).toEqual([2, 2, 2]);
  });

  test('have an SRV record with the port, a target that is no alias, and its address', () => {
    const answer = ask(srvNameOf(DOMAIN), TYPE.SRV, { unhealthy: ['check-us-east-1'] });
    const target = regionalNameOf('us-east-2');
    expect(brief(answer.answers)).toEqual([`${srvNameOf(DOMAIN)} 30 8082 ${target}`]);
    expect(brief(answer.additionals)).toEqual([`${target} 60 127.0.0.1`]);
  });

  test('say Region and port in a TXT record', () => {
    const last = ask(DOMAIN, TYPE.TXT).answers.at(-1);
    expect(String(last?.data)).toBe('region=us-east-1 port=8081');
  });
});

describe('weighted records', () => {
  const shareOf = (weights: readonly number[], unhealthy: readonly string[] = []) =>
    [0, 0.2, 0.4, 0.6, 0.8].map((drawn) => {
      const world = { regions: routedRegions(weights), unhealthy, random: () => drawn };
      return ask(srvNameOf(DOMAIN), TYPE.SRV, world).answers[0]?.port;
    });

  test('are drawn by weight at each query', () => {
    expect(shareOf([50, 50])).toEqual([8081, 8081, 8081, 8082, 8082]);
    expect(shareOf([90, 10])).toEqual([8081, 8081, 8081, 8081, 8081]);
  });

  test('leave unhealthy ones out, and none when all are', () => {
    expect(shareOf([50, 50], ['check-us-east-1'])).toEqual([8082, 8082, 8082, 8082, 8082]);
    const all = ['check-us-east-1', 'check-us-east-2'];
    expect(shareOf([50, 50], all)).toEqual([8081, 8081, 8081, 8082, 8082]);
  });

  test('lead to one Region within one answer, whatever is drawn next', () => {
    let draws = 0;
    const random = () => {
      draws += 1;
      return draws % 2 === 0 ? 0 : 0.9;
    };
    const answer = ask(DOMAIN, TYPE.ANY, { regions: routedRegions([50, 50]), random });
    expect(answer.answers).toHaveLength(1);
    expect(draws).toBe(1);
  });
});

describe('other records', () => {
  test('an alias is answered as an address under its own name', () => {
    const regions = withRecords({
      name: 'www.example.test',
      type: 'A',
      alias: true,
      ttlSeconds: null,
      values: [`us-east-2.${DOMAIN}`],
    });
    expect(brief(ask('www.example.test', TYPE.A, { regions }).answers)).toEqual([
      'www.example.test 60 127.0.0.1',
    ]);
    expect(ask(srvNameOf('www.example.test'), TYPE.SRV, { regions }).answers[0]?.port).toBe(8082);
    expect(ask('www.example.test', TYPE.TXT, { regions }).answers).toEqual([]);
  });

  test('plain ones are answered as they are', () => {
    const regions = withRecords(
      { name: 'a.example.test', type: 'A', values: ['192.0.2.1', '192.0.2.2'] },
      { name: 'a.example.test', type: 'AAAA', values: ['2001:db8::1'] },
      { name: 't.example.test', type: 'TXT', values: ['x'.repeat(300)] },
    );
    const addresses = ask('a.example.test', TYPE.A, { regions }).answers;
    expect(addresses.map(({ address }) => address)).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(ask('a.example.test', TYPE.AAAA, { regions }).answers[0]?.address).toBe('2001:db8::1');
    const texts = ask('t.example.test', TYPE.TXT, { regions }).answers;
    expect(texts.map(({ data }) => data)).toEqual([['x'.repeat(255), 'x'.repeat(45)]]);
  });

  test('a CNAME out of the zones is answered without what lies beyond', () => {
    const regions = withRecords({ name: 'docs.example.test', values: ['docs.example.org'] });
    const answer = ask('docs.example.test', TYPE.A, { regions });
    expect([answer.header.rcode, brief(answer.answers)]).toEqual([
      RCODE.NOERROR,
      ['docs.example.test 30 docs.example.org'],
    ]);
  });

  test('CNAMEs and aliases in a circle end', () => {
    const regions = withRecords(
      { name: 'a.example.test', values: ['b.example.test'] },
      { name: 'b.example.test', values: ['a.example.test'] },
      { name: 'c.example.test', type: 'A', alias: true, values: ['c.example.test'] },
    );
    expect(ask('a.example.test', TYPE.A, { regions }).answers.length).toBeLessThan(20);
    expect(ask('c.example.test', TYPE.A, { regions }).answers).toEqual([]);
    expect(ask(srvNameOf('a.example.test'), TYPE.SRV, { regions }).answers).toEqual([]);
  });
});

describe('the zone', () => {
  test('is named after what its names have in common, below no CNAME', () => {
    expect(ask('example.test', TYPE.SOA).answers[0]?.primary).toBe('ns.example.test');
    expect(ask('other.example.test', TYPE.A).header.rcode).toBe(RCODE.NXDOMAIN);
    expect(ask('other.test', TYPE.A).header.rcode).toBe(RCODE.REFUSED);
  });

  test("API Gateway's own names are zones of their own", () => {
    const name = regionalNameOf('us-east-1');
    expect(brief(ask(name, TYPE.A).answers)).toEqual([`${name} 60 127.0.0.1`]);
    expect(ask('execute-api.us-east-1.amazonaws.com', TYPE.A).header.rcode).toBe(RCODE.REFUSED);
  });

  test('knows the end of a chain by its own SOA', () => {
    const [soa] = ask(DOMAIN, TYPE.AAAA).authorities;
    expect(soa?.name).toBe(regionalNameOf('us-east-1'));
  });
});
