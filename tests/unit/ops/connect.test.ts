import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connectEnvironment, firstOf, haveCredentials } from '#ops/connect.ts';

const never = () => new Promise<string>(() => undefined);

describe('credentials', () => {
  it('are those of the first Region whose service gives any', async () => {
    const asked: string[] = [];
    const given = async (name: string) => {
      asked.push(name);
      return name;
    };
    expect(await firstOf([never, () => given('two'), () => given('three')], 20)).toBe('two');
    expect(asked).toEqual(['two']);
  });

  it('are waited for no longer than a service that hangs is worth', async () => {
    await expect(firstOf([never, never], 20)).rejects.toThrow('did not answer within 0.02 s');
    const refused = async () => Promise.reject(new Error('refused'));
    await expect(firstOf([refused, never], 20)).rejects.toThrow('refused');
  });

  describe('of a profile whose role can not be taken', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-credentials-'));
    afterEach(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true, force: true });
    });

    it('are missed by themselves: no Region is said to be silent', async () => {
      const file = join(folder, 'config');
      const profiles = [
        '[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = base\n',
        'region = us-east-1\n[profile base]\naws_access_key_id = AKIA\naws_secret_access_key = no\n',
      ];
      writeFileSync(file, profiles.join(''));
      vi.stubEnv('AWS_CONFIG_FILE', file);
      vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
      // Nobody listens at the discard port.
      vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:9');
      const regions = ['us-east-1', 'us-east-2'];
      const options = { suffix: 'prod', regions, endpoint: null, profile: 'ops' };
      const environment = connectEnvironment(options);
      await expect(haveCredentials(environment)).rejects.toMatchObject({
        kind: 'fault',
        message: expect.stringMatching(
          /^there are no credentials to ask AWS with, which says nothing of the Regions' health: .*ECONNREFUSED.*runbook/,
        ) as string,
      });
      environment.close();
    });
  });
});
