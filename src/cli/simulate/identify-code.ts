/** Which code this is: a seed means something only together with it. */

import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The commit of the project's own repository, or where there is none, its version. Effects: runs git. */
export function identifyCode(root: string = ROOT): string {
  const git = (...args: readonly string[]): string | null => {
    const run = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });
    return run.status === 0 ? run.stdout.trim() : null;
  };
  const top = git('rev-parse', '--show-toplevel');
  // Installed inside of another repository: its commit says nothing of this code.
  const isOwn = top !== null && realpathSync(top) === realpathSync(root);
  const commit = isOwn ? git('rev-parse', '--short=12', 'HEAD') : null;
  if (commit === null) return `version ${versionOf(root)}`;
  const changes = git('status', '--porcelain');
  return `commit ${commit}${changes === '' ? '' : ' with local changes'}`;
}

function versionOf(root: string): string {
  const manifest = readFileSync(`${root}/package.json`, 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
