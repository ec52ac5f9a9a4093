/**
 * The gate. `npm run check` runs everything that is quick; `--all` (`npm test`) adds the twin's tests.
 *
 * Each step runs even when one before it failed, so that one run shows all there is to mend. The last
 * line counts tests; a step that is left out says so.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Prints while it runs; the others print only when they fail. */
  readonly live?: boolean;
}

const root = fileURLToPath(new URL('../', import.meta.url));
const all = process.argv.includes('--all');
const code = ['src', 'sdk', 'tests', 'scripts', 'bench', 'vitest.config.ts'];
const scratch = mkdtempSync(join(tmpdir(), 'holdfast-check-'));
const report = join(scratch, 'tests.json');
const QUICK = ['unit', 'unit-isolated', 'template'];
const projects = all ? [...QUICK, 'twin-parts', 'twin'] : QUICK;

const steps: readonly Step[] = [
  { name: 'format', command: ['biome', 'ci'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings', ...code] },
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'generated files', command: ['node', 'scripts/write-contract.ts', '--check'] },
  {
    name: 'lock file',
    command: ['lockfile-lint', '--path', 'package-lock.json', '--validate-integrity'],
  },
  { name: 'bundles', command: ['node', 'scripts/bundle-functions.ts'] },
  {
    name: `tests (${projects.join(', ')})`,
    command: [
      'vitest',
      'run',
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    live: true,
  },
];

const failed: string[] = [];
for (const step of steps) {
  const startedAt = performance.now();
  if (step.live) console.log(`\n${step.name}`);
  const { exitCode, output } = await run(step);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)`);
  if (exitCode !== 0) {
    failed.push(step.name);
    if (!step.live) console.log(output);
  }
}
printCount();
rmSync(scratch, { recursive: true });
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function run(step: Step): Promise<{ exitCode: number; output: string }> {
  const [command = '', ...args] = step.command;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: {
        ...process.env,
        PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH']}`,
        // Loading the CDK is most of what the template tests do; compiled once, it loads faster.
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/holdfast'),
      },
      stdio: ['ignore', step.live ? 'inherit' : 'pipe', step.live ? 'inherit' : 'pipe'],
    });
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk));
    child.on('error', (error) => resolve({ exitCode: 1, output: String(error) }));
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, output }));
  });
}

/** The count as the test runner reported it, in a form that any reader of the log can find. */
function printCount(): void {
  let counts: { numPassedTests: number; numFailedTests: number; numPendingTests: number };
  try {
    counts = JSON.parse(readFileSync(report, 'utf8')) as typeof counts;
  } catch {
    console.error('the test runner left no report: nothing was counted');
    failed.push('count');
    return;
  }
  if (counts.numPassedTests === 0) failed.push('no test ran');
  const skipped = counts.numPendingTests > 0 ? `, ${counts.numPendingTests} skipped` : '';
  console.log(`\n${counts.numPassedTests} passed, ${counts.numFailedTests} failed${skipped}`);
}
