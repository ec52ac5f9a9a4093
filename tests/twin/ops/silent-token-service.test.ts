/** An operator whose token service hangs: its Region may be the lost one. Run as a process, which has to end as well. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../support/source-files.ts';

it('is told so, and is not kept by the connection that was given up', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-silent-'));
  const file = join(folder, 'config');
  const role = 'role_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = base\n';
  const keys = 'aws_access_key_id = AKIA\naws_secret_access_key = no\n';
  writeFileSync(file, `[profile ops]\n${role}region = us-east-1\n[profile base]\n${keys}`);
  const verb = ['mode', 'manual', '--aws', '--suffix', 'prod', '--profile', 'ops'];
  const child = spawn(process.execPath, [join(ROOT, 'bin/holdfast.mjs'), ...verb], {
    env: {
      ...{ PATH: process.env['PATH'], NO_COLOR: '1' },
      ...{ AWS_CONFIG_FILE: file, AWS_SHARED_CREDENTIALS_FILE: `${file}-none` },
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  // Only now: with the server gone the process would have ended by itself.
  silent.close();
  rmSync(folder, { recursive: true });
  expect(code).toBe(1);
  expect(stderr).toContain('waiting for credentials\n');
  expect(stderr).toContain("which says nothing of the Regions' health: whoever gives them out");
});
