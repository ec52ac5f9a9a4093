import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EAST, OHIO, startWorld, type World } from './secrets-world.ts';

const run = promisify(execFile);

const hasCli = spawnSync('aws', ['--version']).status === 0;
if (!hasCli) console.warn('The AWS CLI is not installed: its tests are left out.');

describe.runIf(hasCli)('the AWS CLI', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });

  afterAll(async () => {
    await world.stop();
  });

  /** Runs `aws secretsmanager <words>` against the twin; resolves to what it prints, as JSON. */
  async function aws(...words: string[]): Promise<unknown> {
    const settings = ['--endpoint-url', world.url, '--output', 'json', 'secretsmanager'];
    const { stdout } = await run('aws', [...settings, ...words], {
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: 'x',
        AWS_SECRET_ACCESS_KEY: 'y',
        AWS_CONFIG_FILE: '/dev/null',
        AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
        AWS_PAGER: '',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    });
    return JSON.parse(stdout);
  }

  it('changes a secret in its Region and reads it in the Region of a replica', async () => {
    const secret = ['--secret-id', 'shared'];
    await aws('put-secret-value', '--region', EAST, ...secret, '--secret-string', 'by hand');
    const read = await aws('get-secret-value', '--region', OHIO, ...secret);
    expect(read).toMatchObject({ Name: 'shared', SecretString: 'by hand' });
  });
});
