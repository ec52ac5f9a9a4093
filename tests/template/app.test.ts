/** The app as it is run: arguments, the CDK command's environment, exit codes and messages. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fakeBundles, scratchFolder, synthesized } from './support.ts';

const root = resolve(import.meta.dirname, '..', '..');

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'src', 'infra', 'app.ts'), ...args],
    { encoding: 'utf8', cwd: scratchFolder(), env: { PATH: process.env['PATH'], ...environment } },
  );
  return { status, stdout, stderr };
}

test("writes the assembly in silence, from anywhere, without credentials, past the CDK's validation", () => {
  const output = scratchFolder();
  const functionsDir = fakeBundles();
  expect(run(['--output', output, '--functions', functionsDir])).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  const template = readFileSync(join(output, 'TapStack-us-east-2.template.json'), 'utf8');
  expect(JSON.parse(template)).toEqual(synthesized().secondary);
  const report = readFileSync(join(output, 'validation-report.json'), 'utf8');
  expect(JSON.parse(report)).toMatchObject({ pluginReports: [] });
});

test("takes the CDK command's context and folder, and -c before both, and warns", () => {
  const output = scratchFolder();
  const { status, stdout, stderr } = run(
    ['-c', 'environmentSuffix=pr9', '--functions', fakeBundles()],
    {
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({
        environmentSuffix: 'pr8',
        throwAway: 'true',
        'aws:cdk:enable-path-metadata': false,
      }),
      CDK_DEFAULT_ACCOUNT: '123456789012',
      CDK_VALIDATION: 'false',
    },
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toMatch(/^warning: throwAway=true: .+\n$/);
  const template = readFileSync(join(output, 'TapStack-us-east-1.template.json'), 'utf8');
  expect(template).toContain('"payments-pr9"');
  expect(template).toContain('"DeletionProtectionEnabled": false');
  expect(readFileSync(join(output, 'manifest.json'), 'utf8')).toContain(
    'aws://123456789012/us-east-1',
  );
});

test.each([
  [
    ['-c', 'throwAway=perhaps', '-c', 'consistensy=strong'],
    /consistensy: no such key.*\n.*throwAway "perhaps"/,
  ],
  [['-c', 'throwAway'], /^-c throwAway: give key=value\.\nUsage: /],
  [['--region', 'us-east-1'], /^Unknown option '--region'[^]*\nUsage: /],
  [['deploy'], /^Unexpected argument 'deploy'[^]*\nUsage: /],
])('rejects %j with exit code 2', (args, message) => {
  const output = scratchFolder();
  const { status, stderr } = run([...args, '--output', output]);
  expect(status).toBe(2);
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/\n {4}at /);
  expect(existsSync(join(output, 'manifest.json'))).toBe(false);
});

test('rejects a checkout that was not built with exit code 1', () => {
  const { status, stderr } = run(['--functions', scratchFolder(), '--output', scratchFolder()]);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Functions are not bundled; run "npm run build"\. Missing:\n/);
  expect(stderr.match(/\n {2}- /g)).toHaveLength(9);
});
