import { describe, expect, test } from 'vitest';
import { planRouting } from '#twin/routing/plan-routing.ts';
import {
  DOMAIN,
  healthCheck,
  portOf,
  record,
  regionalNameOf,
  routedRegions,
} from './routed-regions.ts';

const plan = (regions = routedRegions()) => planRouting(regions, portOf, null);
const healthy = () => true;

describe('templates with a domain', () => {
  test('clients use the name of the failover records', () => {
    const { name, checks, checkOf, notes, index } = plan();
    expect(name).toBe(DOMAIN);
    expect(checks.map(({ id }) => id)).toEqual(['check-us-east-1', 'check-us-east-2']);
    expect([...checkOf]).toEqual([
      ['us-east-1', 'check-us-east-1'],
      ['us-east-2', 'check-us-east-2'],
    ]);
    expect(notes).toEqual([]);
    expect([...index.sharesOf(name, healthy)]).toEqual([['us-east-1', 1]]);
    expect(index.zones).not.toContain('holdfast.test');
  });

  test('weighted records send each healthy Region its share', () => {
    const { name, index } = plan(routedRegions([60, 40]));
    expect([...index.sharesOf(name, healthy)]).toEqual([
      ['us-east-1', 0.6],
      ['us-east-2', 0.4],
    ]);
    expect([...index.sharesOf(name, (id) => id === 'check-us-east-2')]).toEqual([['us-east-2', 1]]);
  });

  test('a check finds the API by the name that it has, or by the execute-api name', () => {
    const [first, second] = routedRegions();
    if (first === undefined || second === undefined) throw new Error('two Regions');
    const api = { id: 'abc', name: 'api', stageName: 'prod', methods: [], gatewayResponses: {} };
    const regions = [
      { ...first, restApis: [{ ...api, throttling: null, binaryMediaTypes: [] }] },
      second,
    ];
    const { index } = plan(regions);
    const choice = { isHealthy: healthy, random: () => 0 };
    expect(index.follow(`us-east-2.${DOMAIN}`, choice)?.host.port).toBe(8082);
    const executeApi = index.follow('abc.execute-api.us-east-1.amazonaws.com', choice);
    expect(executeApi?.host.port).toBe(8081);
    expect(index.follow('example.org', choice)).toBeNull();
  });

  test('says so when a check leads to no API, and when a record has a check that does not run', () => {
    const [first, second] = routedRegions();
    if (first === undefined || second === undefined) throw new Error('two Regions');
    const elsewhere = healthCheck({ id: 'other', fullyQualifiedDomainName: 'example.org' });
    const { checks, notes } = plan([
      { ...first, healthChecks: [...first.healthChecks, elsewhere] },
      {
        ...second,
        records: [...second.records, record({ name: 'x.example.test', healthCheckId: 'gone' })],
      },
    ]);
    expect(checks.map(({ id }) => id)).not.toContain('other');
    expect(notes).toEqual([
      'the health check of example.org asks nothing: the name leads to no API here; it is taken for healthy',
      'the record x.example.test has a health check that does not run here; it is taken for healthy',
    ]);
  });
});

describe('templates that route nothing', () => {
  const bare = routedRegions().map((each) => ({ ...each, healthChecks: [], records: [] }));

  test("have the twin's own zone, primary first, by /health", () => {
    const { name, checks, checkOf, index } = plan(bare);
    expect(name).toBe('api.holdfast.test');
    expect(checks.map((check) => check.fullyQualifiedDomainName + check.resourcePath)).toEqual([
      'us-east-1.api.holdfast.test/health',
      'us-east-2.api.holdfast.test/health',
    ]);
    expect([...index.sharesOf(name, healthy).keys()]).toEqual(['us-east-1']);
    const primaryLost = (id: string) => id !== checkOf.get('us-east-1');
    expect([...index.sharesOf(name, primaryLost).keys()]).toEqual(['us-east-2']);
  });

  test('keep their records beside it', () => {
    const [first, ...rest] = bare;
    if (first === undefined) throw new Error('two Regions');
    const simple = record({ values: [regionalNameOf('us-east-1')] });
    const { name, index } = plan([{ ...first, records: [simple] }, ...rest]);
    expect(name).toBe('api.holdfast.test');
    expect([...index.sharesOf(DOMAIN, healthy).keys()]).toEqual(['us-east-1']);
  });

  test('one Region is enough', () => {
    const { name, index } = plan(bare.slice(0, 1));
    expect([...index.sharesOf(name, () => false).keys()]).toEqual(['us-east-1']);
  });
});
