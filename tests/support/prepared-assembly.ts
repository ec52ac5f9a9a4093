/** A cloud assembly that a test may change before a twin boots from it. */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './source-files.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

/** Bundles and synthesizes into `directory`, as `holdfast start` does. */
export async function synthesizeInto(directory: string): Promise<void> {
  const run = promisify(execFile);
  await run(process.execPath, [join(ROOT, 'scripts/bundle-functions.ts')], { cwd: ROOT });
  await run(
    process.execPath,
    [
      join(ROOT, 'src/infra/app.ts'),
      ...['-c', 'environmentSuffix=dev', '-c', 'apiAccess=open', '--output', directory],
    ],
    { cwd: ROOT, env: { ...process.env, CDK_VALIDATION: 'false' } },
  );
}

/** Changes the resources of one Region's template on disk. */
export function editTemplate(
  directory: string,
  region: string,
  edit: (resources: Record<string, Resource>) => void,
): void {
  const path = join(directory, `TapStack-${region}.template.json`);
  const template = JSON.parse(readFileSync(path, 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  edit(template.Resources);
  writeFileSync(path, JSON.stringify(template));
}
