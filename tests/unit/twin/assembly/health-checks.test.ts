import { describe, expect, it } from 'vitest';
import { readResources } from './assembly-on-disk.ts';

function read(config: object, tags?: object) {
  const properties = { HealthCheckConfig: config, HealthCheckTags: tags };
  return readResources({
    Check: { Type: 'AWS::Route53::HealthCheck', Properties: properties },
  }).region;
}

const CHECK = { Type: 'HTTPS', FullyQualifiedDomainName: 'us-east-1.api.example.test' };

describe('health checks', () => {
  it('have what the template says', () => {
    const { healthChecks, notRun } = read(
      {
        ...CHECK,
        FullyQualifiedDomainName: 'US-East-1.api.example.test.',
        ResourcePath: 'health/traffic',
        RequestInterval: 10,
        FailureThreshold: '2',
        Inverted: true,
        Port: 443,
        EnableSNI: true,
        MeasureLatency: true,
        Regions: ['us-east-1', 'us-west-1', 'us-west-2'],
      },
      [{ Key: 'Name', Value: 'primary' }],
    );
    expect(healthChecks).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{8}-/),
        type: 'HTTPS',
        fullyQualifiedDomainName: 'us-east-1.api.example.test',
        resourcePath: '/health/traffic',
        requestIntervalSeconds: 10,
        failureThreshold: 2,
        inverted: true,
        disabled: false,
      },
    ]);
    expect(notRun).toEqual([]);
  });

  it("have Route 53's defaults", () => {
    expect(read(CHECK).healthChecks[0]).toMatchObject({
      resourcePath: '/',
      requestIntervalSeconds: 30,
      failureThreshold: 3,
      inverted: false,
    });
  });

  it.each([
    ['CALCULATED', { Type: 'CALCULATED', ChildHealthChecks: ['a'] }],
    ['CLOUDWATCH_METRIC', { Type: 'CLOUDWATCH_METRIC' }],
    ['TCP', { ...CHECK, Type: 'TCP', Port: 443 }],
    ['HTTPS_STR_MATCH', { ...CHECK, Type: 'HTTPS_STR_MATCH', SearchString: 'ok' }],
    ['IP address', { ...CHECK, IPAddress: '192.0.2.1' }],
    ['port 8443', { ...CHECK, Port: 8443 }],
  ])('names one of %s', (kind, config) => {
    const { healthChecks, notRun } = read(config);
    expect(healthChecks).toEqual([]);
    expect(notRun).toEqual([
      { type: `AWS::Route53::HealthCheck (${kind})`, logicalIds: ['Check'] },
    ]);
  });

  it('names a property that is not read', () => {
    const { notRun } = read({ ...CHECK, RoutingControlArn: 'arn' });
    expect(notRun.map(({ type }) => type)).toEqual([
      'AWS::Route53::HealthCheck.HealthCheckConfig.RoutingControlArn',
    ]);
  });

  it.each([
    ['an interval', { ...CHECK, RequestInterval: 20 }, /RequestInterval must be 10 or 30, not 20/],
    ['a threshold of none', { ...CHECK, FailureThreshold: 0 }, /from 1 to 10, not 0/],
    ['a threshold of more', { ...CHECK, FailureThreshold: 11 }, /from 1 to 10, not 11/],
    ['a type', { ...CHECK, Type: 'PING' }, /there is no Type PING/],
    ['a check of nothing', { Type: 'HTTPS' }, /neither a FullyQualifiedDomainName nor/],
    ['a long path', { ...CHECK, ResourcePath: `/${'x'.repeat(255)}` }, /more than 255 characters/],
  ])('rejects %s', (_, config, message) => {
    expect(() => read(config)).toThrow(message);
  });
});
