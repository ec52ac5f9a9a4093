import { describe, expect, it } from 'vitest';
import { apiHosts, pathAtRegion } from '#twin/egress/api-hosts.ts';
import type { ApiDomainModel, RestApiModel } from '#twin/region-model.ts';

function region(name: string, id: string, domains: readonly string[]) {
  const api: RestApiModel = {
    ...{ id, name: 'api', stageName: 'prod', methods: [], gatewayResponses: {} },
    ...{ throttling: null, binaryMediaTypes: [] },
  };
  const apiDomains = domains.map(
    (domainName): ApiDomainModel => ({
      ...{ domainName, regionalDomainName: `d-${id}`, regionalHostedZoneId: 'Z1' },
      ...{ restApiId: id, stageName: 'prod' },
    }),
  );
  return { region: name, restApis: [api], apiDomains };
}

const HOSTS = apiHosts([
  region('us-east-1', 'aaa', ['api.example.com', 'us-east-1.api.example.com']),
  region('us-east-2', 'bbb', ['api.example.com', 'us-east-2.api.example.com']),
]);

describe('apiHosts', () => {
  it("knows each Region's names, and leaves out the one that is DNS's to resolve", () => {
    expect(Object.fromEntries(HOSTS)).toEqual({
      'aaa.execute-api.us-east-1.amazonaws.com': {
        ...{ region: 'us-east-1', stageName: 'prod', stageInPath: true },
      },
      'bbb.execute-api.us-east-2.amazonaws.com': {
        ...{ region: 'us-east-2', stageName: 'prod', stageInPath: true },
      },
      'us-east-1.api.example.com': { region: 'us-east-1', stageName: 'prod', stageInPath: false },
      'us-east-2.api.example.com': { region: 'us-east-2', stageName: 'prod', stageInPath: false },
    });
  });
});

describe('pathAtRegion', () => {
  it.each([
    [true, '/prod/health?a=1', '/prod/health?a=1'],
    [true, '/prod', '/prod'],
    [true, '/health', null],
    [true, '/production/health', null],
    [false, '/health?a=1', '/prod/health?a=1'],
    [false, '/', '/prod/'],
    // The name leads into the stage already.
    [false, '/prod/health', '/prod/prod/health'],
  ])('stage in the path: %j, %s is %j', (stageInPath, asked, served) => {
    expect(pathAtRegion({ region: 'r', stageName: 'prod', stageInPath }, asked)).toBe(served);
  });
});
