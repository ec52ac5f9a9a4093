/** The domain's stacks: names, certificates, health checks and records of both Regions. */

import { describe, expect, test } from 'vitest';
import {
  DOMAIN,
  flat,
  type JsonObject,
  resourcesOf,
  synthesized,
  type Template,
} from './support.ts';

const ACTIVE_ACTIVE = { ...DOMAIN, routing: 'active-active' };

/** The routing template of each Region. */
function routingOf(context: Readonly<Record<string, unknown>>) {
  return synthesized(context).regions.map(({ region, template, routing }) => {
    if (routing === null) throw new Error(`no domain in ${region}`);
    return { region, template, routing };
  });
}

function propertiesOf(routing: Template, type: string): readonly JsonObject[] {
  return resourcesOf(routing, type).map((it) => flat(it.Properties) as JsonObject);
}

/** The one record of a name. */
function recordOf(routing: Template, name: string): JsonObject {
  const [record, ...others] = propertiesOf(routing, 'AWS::Route53::RecordSet').filter(
    (it) => it['Name'] === name,
  );
  if (record === undefined || others.length > 0) throw new Error(`not one record ${name}`);
  return record;
}

/** What `flat` makes of the target of the domain name `name`. */
function targetOf(routing: Template, name: string): string {
  const domain = resourcesOf(routing, 'AWS::ApiGateway::DomainName').find(
    (it) => it.Properties['DomainName'] === name,
  );
  return `\${${domain?.logicalId}.RegionalDomainName}`;
}

describe.each([...routingOf(DOMAIN), ...routingOf(ACTIVE_ACTIVE)])(
  'in $region',
  ({ region, template, routing }) => {
    const names = [`${region}.api.example.com`, 'api.example.com'];

    test('one certificate covers both names, proven by records of the zone', () => {
      expect(propertiesOf(routing, 'AWS::CertificateManager::Certificate')).toEqual([
        {
          DomainName: 'api.example.com',
          SubjectAlternativeNames: [`${region}.api.example.com`],
          ValidationMethod: 'DNS',
          DomainValidationOptions: [
            { DomainName: 'api.example.com', HostedZoneId: 'Z0123456789ABC' },
            { DomainName: `${region}.api.example.com`, HostedZoneId: 'Z0123456789ABC' },
          ],
        },
      ]);
    });

    test("both names lead to this Region's API, at the root of its stage", () => {
      const [certificate] = resourcesOf(routing, 'AWS::CertificateManager::Certificate');
      const domains = resourcesOf(routing, 'AWS::ApiGateway::DomainName');
      expect(domains.map((it) => flat(it.Properties))).toEqual(
        names.map((DomainName) => ({
          DomainName,
          EndpointConfiguration: { Types: ['REGIONAL'] },
          RegionalCertificateArn: `\${${certificate?.logicalId}}`,
          SecurityPolicy: 'TLS_1_2',
        })),
      );
      expect(propertiesOf(routing, 'AWS::ApiGateway::BasePathMapping')).toEqual(
        domains.map(({ logicalId }) => ({
          DomainName: `\${${logicalId}}`,
          RestApiId: { 'Fn::ImportValue': 'APIId-dev' },
          Stage: 'prod',
        })),
      );
      expect(template.Outputs['APIId']?.Export?.Name).toBe('APIId-dev');
    });

    test("the Region's own name always leads there, without a health check", () => {
      const name = `${region}.api.example.com`;
      expect(recordOf(routing, name)).toEqual({
        HostedZoneId: 'Z0123456789ABC',
        Name: name,
        Type: 'CNAME',
        TTL: '300',
        ResourceRecords: [targetOf(routing, name)],
      });
    });

    test('the check asks the Region by that name, every 10 s, three times', () => {
      expect(propertiesOf(routing, 'AWS::Route53::HealthCheck')).toEqual([
        {
          HealthCheckConfig: expect.objectContaining({
            Type: 'HTTPS',
            Port: 443,
            EnableSNI: true,
            FullyQualifiedDomainName: `${region}.api.example.com`,
            RequestInterval: 10,
            FailureThreshold: 3,
          }) as JsonObject,
        },
      ]);
    });

    test('the check waits for that name: who asks too early is told for a while that there is none', () => {
      const [check] = resourcesOf(routing, 'AWS::Route53::HealthCheck');
      const record = resourcesOf(routing, 'AWS::Route53::RecordSet').find(
        ({ Properties }) => Properties['Name'] === `${region}.api.example.com`,
      );
      expect(check?.DependsOn).toEqual([record?.logicalId]);
    });

    test('runs no code at deployment and reaches for no other Region', () => {
      const types = Object.values(routing.Resources).map(({ Type }) => Type);
      expect(types.filter((type) => /^Custom::|CustomResource|SSM/.test(type))).toEqual([]);
      const other = region === 'us-east-1' ? 'us-east-2' : 'us-east-1';
      expect(JSON.stringify(routing.Resources)).not.toContain(other);
    });
  },
);

function checkedPathsOf(context: Readonly<Record<string, unknown>>) {
  return routingOf(context)
    .flatMap(({ routing }) => propertiesOf(routing, 'AWS::Route53::HealthCheck'))
    .map((check) => (check['HealthCheckConfig'] as JsonObject)['ResourcePath']);
}

describe('active-passive', () => {
  test.each([
    ['us-east-1', 'PRIMARY'],
    ['us-east-2', 'SECONDARY'],
  ])('%s is %s while its check is good, for as long as resolvers may keep it', (region, role) => {
    const routing = routingOf(DOMAIN).find((it) => it.region === region)?.routing;
    if (routing === undefined) throw new Error(`no ${region}`);
    const [check] = resourcesOf(routing, 'AWS::Route53::HealthCheck');
    expect(recordOf(routing, 'api.example.com')).toEqual({
      HostedZoneId: 'Z0123456789ABC',
      Name: 'api.example.com',
      Type: 'CNAME',
      TTL: '30',
      ResourceRecords: [targetOf(routing, 'api.example.com')],
      SetIdentifier: region,
      HealthCheckId: `\${${check?.logicalId}.HealthCheckId}`,
      Failover: role,
    });
  });

  test("the routing log turns the primary's check; the secondary's stays good by serving", () => {
    expect(checkedPathsOf(DOMAIN)).toEqual(['/health/traffic', '/health']);
  });
});

describe('active-active', () => {
  test('each Region has half of the traffic while its check is good', () => {
    const records = routingOf(ACTIVE_ACTIVE).map(({ routing }) =>
      recordOf(routing, 'api.example.com'),
    );
    expect(records).toEqual(
      ['us-east-1', 'us-east-2'].map((region) =>
        expect.objectContaining({
          Type: 'CNAME',
          SetIdentifier: region,
          Weight: 50,
          HealthCheckId: expect.stringContaining('.HealthCheckId}') as string,
        }),
      ),
    );
    for (const record of records) expect(record).not.toHaveProperty('Failover');
  });

  test('the routing log turns both checks', () => {
    expect(checkedPathsOf(ACTIVE_ACTIVE)).toEqual(['/health/traffic', '/health/traffic']);
  });
});

test('the TTL can be chosen', () => {
  for (const { routing } of routingOf({ ...DOMAIN, dnsTtlSeconds: '5' })) {
    expect(recordOf(routing, 'api.example.com')['TTL']).toBe('5');
  }
});

test('without a domain there is no routing stack', () => {
  expect(synthesized().regions.map(({ routing }) => routing)).toEqual([null, null]);
});
