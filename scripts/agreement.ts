/** `npm run agreement`: every fault script in the simulator and in the twin. Some two minutes of a quiet machine. */

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const vitest = join(
  dirname(createRequire(import.meta.url).resolve('vitest/package.json')),
  'vitest.mjs',
);
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'twin', 'tests/twin/agreement', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, HOLDFAST_AGREEMENT: 'all' } },
);
process.exitCode = status ?? 1;
