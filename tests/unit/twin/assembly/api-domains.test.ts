import { describe, expect, it } from 'vitest';
import { readApi } from './small-api.ts';

const certificate = (properties: object = {}) => ({
  Type: 'AWS::CertificateManager::Certificate',
  Properties: { DomainName: 'api.example.test', ValidationMethod: 'DNS', ...properties },
});
const domain = (properties: object = {}) => ({
  Type: 'AWS::ApiGateway::DomainName',
  Properties: {
    DomainName: 'api.example.test',
    EndpointConfiguration: { Types: ['REGIONAL'] },
    RegionalCertificateArn: { Ref: 'Certificate' },
    SecurityPolicy: 'TLS_1_2',
    ...properties,
  },
});
const mapping = (properties: object = {}) => ({
  Type: 'AWS::ApiGateway::BasePathMapping',
  Properties: {
    DomainName: { Ref: 'Domain' },
    RestApiId: { Ref: 'Api' },
    Stage: { Ref: 'Stage' },
    ...properties,
  },
});

function read(resources: Readonly<Record<string, object | undefined>> = {}) {
  const all = { Certificate: certificate(), Domain: domain(), Mapping: mapping(), ...resources };
  return readApi(all).region;
}

describe('custom domain names', () => {
  it('lead to the stage at their root', () => {
    const { apiDomains, restApis, notRun } = read();
    expect(apiDomains).toEqual([
      {
        domainName: 'api.example.test',
        regionalDomainName: expect.stringMatching(
          /^d-[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/,
        ),
        regionalHostedZoneId: 'Z1UJRXOUMOOFQ8',
        restApiId: restApis[0]?.id,
        stageName: 'prod',
      },
    ]);
    expect(notRun).toEqual([]);
  });

  it('are in lower case, whatever the template has', () => {
    expect(
      read({ Domain: domain({ DomainName: 'API.Example.Test' }) }).apiDomains[0],
    ).toMatchObject({
      domainName: 'api.example.test',
    });
  });

  it('may have a certificate that names them otherwise, or that another deployment made', () => {
    const other = 'arn:aws:acm:us-east-1:111111111111:certificate/other';
    const accepted = [
      read({ Certificate: certificate({ DomainName: '*.example.test' }) }),
      read({
        Certificate: certificate({
          DomainName: 'example.test',
          SubjectAlternativeNames: ['api.example.test'],
        }),
      }),
      read({ Domain: domain({ RegionalCertificateArn: other }) }),
    ];
    expect(accepted.map(({ apiDomains }) => apiDomains.length)).toEqual([1, 1, 1]);
  });

  it.each([
    [
      'an edge-optimized one',
      { Domain: domain({ EndpointConfiguration: undefined }) },
      'AWS::ApiGateway::DomainName (edge-optimized)',
    ],
    ['one without a mapping', { Mapping: undefined }, 'DomainName (no stage at its root)'],
    [
      'a mapping below a base path',
      { Mapping: mapping({ BasePath: 'v1' }) },
      'AWS::ApiGateway::BasePathMapping.BasePath',
    ],
    [
      'a mapping without a stage',
      { Mapping: mapping({ Stage: undefined }) },
      'AWS::ApiGateway::BasePathMapping (without Stage)',
    ],
  ])('names %s', (_, resources, type) => {
    const { apiDomains, notRun } = read(resources);
    expect(apiDomains).toEqual([]);
    expect(notRun.map((each) => each.type)).toContainEqual(expect.stringContaining(type));
  });

  it.each([
    [
      'a certificate that does not cover the name',
      { Certificate: certificate({ DomainName: '*.eu.example.test' }) },
      /is for \*\.eu\.example\.test and does not cover api\.example\.test/,
    ],
    [
      'a certificate of another Region',
      {
        Domain: domain({
          RegionalCertificateArn: 'arn:aws:acm:us-west-2:111111111111:certificate/x',
        }),
      },
      /needs a certificate of its own Region, us-east-1/,
    ],
    [
      'no certificate',
      { Domain: domain({ RegionalCertificateArn: undefined }) },
      /RegionalCertificateArn is missing/,
    ],
    [
      'a mapping of a name that is not there',
      { Mapping: mapping({ DomainName: 'www.example.test' }) },
      /there is no domain name www\.example\.test in this Region/,
    ],
    [
      'a mapping to an API that is not there',
      { Mapping: mapping({ RestApiId: 'abc' }) },
      /there is no REST API abc in this Region/,
    ],
    [
      'a mapping to a stage that is not there',
      { Mapping: mapping({ Stage: 'beta' }) },
      /has no stage beta, only prod/,
    ],
    ['two mappings of one path', { Again: mapping() }, /\(none\) exists twice/],
    ['two domain names of one name', { Again: domain() }, /api\.example\.test exists twice/],
  ])('rejects %s', (_, resources, message) => {
    expect(() => read(resources)).toThrow(message);
  });
});
