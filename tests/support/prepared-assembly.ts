/** A cloud assembly that a test may change before a twin boots from it. */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROFILE_CONTEXT, TWIN_DOMAIN_CONTEXT } from '#cli/prepare-assembly.ts';
import { ROOT } from './source-files.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
}

/** Bundles and synthesizes into `directory`, as `holdfast start` does. */
export async function synthesizeInto(directory: string): Promise<void> {
  const run = promisify(execFile);
  await run(process.execPath, [join(ROOT, 'scripts/bundle-functions.ts')], { cwd: ROOT });
  await synthesizeTemplates(directory);
}

/** Synthesizes from the bundles that are there; `context` adds to the tests' own. */
export async function synthesizeTemplates(
  directory: string,
  context: Readonly<Record<string, string>> = {},
): Promise<void> {
  const own = {
    environmentSuffix: 'dev',
    apiAccess: 'open',
    ...TWIN_DOMAIN_CONTEXT,
    ...PROFILE_CONTEXT.fast,
  };
  const pairs = Object.entries({ ...own, ...context });
  await promisify(execFile)(
    process.execPath,
    [
      join(ROOT, 'src/infra/app.ts'),
      ...pairs.flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ...['--output', directory],
    ],
    { cwd: ROOT, env: { ...process.env, CDK_VALIDATION: 'false' } },
  );
}

/** Changes the resources of one Region's template on disk. `stack`: the payments', or the orchestrator's. */
export function editTemplate(
  directory: string,
  region: string,
  edit: (resources: Record<string, Resource>) => void,
  stack: 'TapStack' | 'TapStackFailover' = 'TapStack',
): void {
  const path = join(directory, `${stack}-${region}.template.json`);
  const template = JSON.parse(readFileSync(path, 'utf8')) as {
    Resources: Record<string, Resource>;
  };
  edit(template.Resources);
  writeFileSync(path, JSON.stringify(template));
}
