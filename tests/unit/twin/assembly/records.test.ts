import { describe, expect, it } from 'vitest';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import { readResources, writeAssembly } from './assembly-on-disk.ts';

const record = (properties: object) => ({
  Type: 'AWS::Route53::RecordSet',
  Properties: {
    Name: 'api.example.test.',
    Type: 'CNAME',
    TTL: '30',
    ResourceRecords: ['us-east-1.api.example.test'],
    HostedZoneId: 'Z0EXAMPLE',
    ...properties,
  },
});

function read(...records: readonly object[]) {
  const resources = records.map((each, index) => [`Record${index}`, record(each)] as const);
  return readResources(Object.fromEntries(resources)).region;
}

const PRIMARY = { SetIdentifier: 'us-east-1', Failover: 'PRIMARY' };
const SECONDARY = { SetIdentifier: 'us-east-2', Failover: 'SECONDARY' };

describe('records', () => {
  it('have their name, data and routing', () => {
    const { records, notRun } = readResources({
      Check: {
        Type: 'AWS::Route53::HealthCheck',
        Properties: { HealthCheckConfig: { Type: 'HTTPS', FullyQualifiedDomainName: 'a.test' } },
      },
      Record: record({ ...PRIMARY, HealthCheckId: { 'Fn::GetAtt': ['Check', 'HealthCheckId'] } }),
    }).region;
    expect(records).toEqual([
      {
        name: 'api.example.test',
        type: 'CNAME',
        ttlSeconds: 30,
        values: ['us-east-1.api.example.test'],
        alias: false,
        hostedZoneId: 'Z0EXAMPLE',
        setIdentifier: 'us-east-1',
        routing: { kind: 'failover', role: 'PRIMARY' },
        healthCheckId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    ]);
    expect(notRun).toEqual([]);
  });

  it('may be weighted, aliases, or of another type', () => {
    const { records } = read(
      { SetIdentifier: 'a', Weight: '70' },
      {
        Name: 'example.test',
        Type: 'A',
        TTL: undefined,
        ResourceRecords: undefined,
        AliasTarget: { DNSName: 'D-1.Example.', HostedZoneId: 'Z1' },
      },
      { Name: 't.example.test', Type: 'TXT', ResourceRecords: ['"a \\"b\\"" " c"'] },
      { Name: 'v6.example.test', Type: 'AAAA', ResourceRecords: ['2001:db8::1'] },
    );
    expect(records).toMatchObject([
      { routing: { kind: 'weighted', weight: 70 } },
      { alias: true, ttlSeconds: null, values: ['d-1.example'], routing: { kind: 'simple' } },
      { values: ['a "b" c'] },
      { values: ['2001:db8::1'] },
    ]);
  });

  it('may name their zone instead of its id', () => {
    const zone = { HostedZoneId: undefined, HostedZoneName: 'Example.test.' };
    expect(read(zone).records[0]?.hostedZoneId).toBe('example.test');
  });

  it.each([
    [' (MX)', { Type: 'MX', ResourceRecords: ['10 mail.example.test'] }],
    [' (wildcard)', { Name: '*.example.test' }],
    [
      ' (TXT alias)',
      {
        Type: 'TXT',
        TTL: undefined,
        ResourceRecords: undefined,
        AliasTarget: { DNSName: 't.example.test' },
      },
    ],
    ['.GeoLocation', { SetIdentifier: 'eu', GeoLocation: { ContinentCode: 'EU' } }],
    ['.Region', { SetIdentifier: 'near', Region: 'us-east-1' }],
    ['.MultiValueAnswer', { SetIdentifier: 'one', MultiValueAnswer: true }],
  ])('named as not run: %s', (type, properties) => {
    const { records, notRun } = read(properties);
    expect(records).toEqual([]);
    expect(notRun).toEqual([{ type: `AWS::Route53::RecordSet${type}`, logicalIds: ['Record0'] }]);
  });

  it('names an alias whose target is to be evaluated, and answers with it', () => {
    const { records, notRun } = read({
      Type: 'A',
      TTL: undefined,
      ResourceRecords: undefined,
      AliasTarget: { DNSName: 'd.example', HostedZoneId: 'Z1', EvaluateTargetHealth: true },
    });
    expect(records).toHaveLength(1);
    expect(notRun.map(({ type }) => type)).toEqual([
      'AWS::Route53::RecordSet.AliasTarget.EvaluateTargetHealth',
    ]);
  });

  it.each([
    ['failover without SetIdentifier', { Failover: 'PRIMARY' }, /failover record needs a SetId/],
    ['a weight without SetIdentifier', { Weight: 1 }, /a weighted record needs a SetIdentifier/],
    ['SetIdentifier without routing', { SetIdentifier: 'a' }, /is for records with Failover/],
    [
      'a role',
      { SetIdentifier: 'a', Failover: 'THIRD' },
      /must be PRIMARY or SECONDARY, not THIRD/,
    ],
    ['a weight', { SetIdentifier: 'a', Weight: 256 }, /from 0 to 255, not 256/],
    ['both policies', { ...PRIMARY, Weight: 1 }, /Failover and Weight exclude each other/],
    ['no TTL', { TTL: undefined }, /needs a TTL, in seconds/],
    ['a TTL', { TTL: '-1' }, /whole number of seconds from 0/],
    ['no data', { ResourceRecords: undefined }, /needs ResourceRecords or an AliasTarget/],
    ['two values of a CNAME', { ResourceRecords: ['a.test', 'b.test'] }, /exactly one value/],
    [
      'an address in a CNAME',
      { ResourceRecords: ['192.0.2.1'] },
      /names another name, not an addr/,
    ],
    ['a name in an A record', { Type: 'A', ResourceRecords: ['a.test'] }, /a\.test is no address/],
    ['a long label', { Name: `${'x'.repeat(64)}.example.test` }, /is no domain name/],
    ['an empty label', { ResourceRecords: ['a..test'] }, /"a\.\.test" is no domain name/],
    ['no zone', { HostedZoneId: undefined }, /exactly one of HostedZoneId and HostedZoneName/],
    ['two zones', { HostedZoneName: 'example.test.' }, /exactly one of HostedZoneId/],
    [
      'a name out of the zone',
      { HostedZoneId: undefined, HostedZoneName: 'example.org.' },
      /api\.example\.test is not in the zone example\.org/,
    ],
    [
      'a CNAME in the place of the zone',
      { HostedZoneId: undefined, HostedZoneName: 'api.example.test.' },
      /can have no CNAME/,
    ],
    [
      'an alias with a TTL',
      { Type: 'A', AliasTarget: { DNSName: 'd.example' } },
      /neither TTL nor/,
    ],
  ])('rejects %s', (_, properties, message) => {
    expect(() => read(properties)).toThrow(message);
  });

  it.each([
    ['two of one identifier', [PRIMARY, { ...SECONDARY, SetIdentifier: 'us-east-1' }], /two CNAME/],
    ['two primaries', [PRIMARY, { ...PRIMARY, SetIdentifier: 'b' }], /two CNAME records with Fail/],
    ['two simple ones', [{}, {}], /has two simple CNAME records/],
    ['two ways of routing', [PRIMARY, { SetIdentifier: 'b', Weight: 1 }], /with weighted and with/],
    [
      'a CNAME beside an address',
      [{}, { Type: 'A', ResourceRecords: ['192.0.2.1'] }],
      /a CNAME stands alone/,
    ],
  ])('rejects %s of one name', (_, records, message) => {
    expect(() => read(...records)).toThrow(message);
  });

  it('rejects what stacks of two Regions write into one zone against each other', () => {
    const stack = (region: string, properties: object) => ({
      region,
      template: { Resources: { Record: record(properties) } },
    });
    const both = (second: object) =>
      readAssembly(writeAssembly([stack('us-east-1', PRIMARY), stack('us-east-2', second)]));
    expect(both(SECONDARY).regions.map(({ records }) => records.length)).toEqual([1, 1]);
    expect(() => both({ ...PRIMARY, SetIdentifier: 'b' })).toThrow(/with Failover PRIMARY/);
  });
});
