import { describe, expect, it } from 'vitest';
import { addressesOf, portsFrom } from '#twin/control/addresses.ts';
import { configureRegion } from '#twin/supervisor/configure-region.ts';
import { issueCredentials } from '#twin/supervisor/function-credentials.ts';
import { functionRole, lambdaFunction, readResources } from '../assembly/assembly-on-disk.ts';

describe('configureRegion', () => {
  const { region: model } = readResources({
    Role: functionRole(),
    Work: lambdaFunction({ FunctionName: 'work' }),
    Secret: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: { Name: 'gateway', SecretString: 'not-for-functions' },
    },
  });
  const ports = portsFrom(9_000, ['us-east-2', 'us-east-1']);
  const credentials = issueCredentials([model]);
  const config = configureRegion({
    model,
    ports,
    addresses: addressesOf(ports),
    credentials,
    apiHosts: ['api.example.com'],
    logDirectory: '/logs',
  });

  it("keeps every secret out of the Region's process", () => {
    expect(JSON.stringify(model)).toContain('not-for-functions');
    expect(config.model.secrets).toEqual([]);
    expect(JSON.stringify(config)).not.toContain('not-for-functions');
  });

  it("has the Region's own port, folder and credentials, and all else of its model", () => {
    const { secrets: _, ...rest } = model;
    expect(config).toMatchObject({
      model: rest,
      apiPort: 9_002,
      awsEndpoint: 'http://127.0.0.1:9003',
      apiHosts: ['api.example.com'],
      logDirectory: '/logs/us-east-1',
    });
    expect(config.credentials).toEqual(credentials.byRegion.get('us-east-1'));
    expect(Object.keys(config.credentials)).toEqual(['work']);
  });
});
