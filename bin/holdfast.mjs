#!/usr/bin/env node
/**
 * Starts the command line on Node 24, which runs TypeScript as it stands. Whatever Node was found
 * first on the PATH runs this file, so it uses nothing newer than Node 18.
 */

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;
const mainUrl = new URL('../src/cli/main.ts', import.meta.url);

if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR_MIN) {
  await cacheCompiledCode();
  await import(mainUrl.href);
} else {
  const node = pinnedNode();
  if (node === null) giveUp('it is not among the installed packages');
  else runWith(node);
}

/**
 * Keeps compiled code, TypeScript with its types stripped included, for this run's children and the next
 * run. It saves time at every start, and the memory of the type stripper in every process and thread.
 */
async function cacheCompiledCode() {
  const { enableCompileCache } = await import('node:module');
  const folder = fileURLToPath(new URL('../node_modules/.cache/holdfast', import.meta.url));
  const { directory } = enableCompileCache(folder);
  // Children find the cache through their environment. A folder that can't be written costs only time.
  if (directory !== undefined) process.env.NODE_COMPILE_CACHE ??= folder;
}

/** Path of the Node binary that the lock file pins for this platform, or null where there is none. */
function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve(`node-${platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', binary);
  } catch {
    return null;
  }
}

/** Runs the command line in a child process that has our terminal, arguments, signals and exit code. */
function runWith(node) {
  const child = spawn(node, [fileURLToPath(mainUrl), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // A terminal sends these to the child itself; passed on as well, one Ctrl-C would count as two.
  const hasTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']) {
    const fromTerminal = hasTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
    process.on(signal, () => {
      if (!fromTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => giveUp(`${node} does not run here: ${error.message}`));
  child.on('exit', (code, signal) => {
    // 128 + number is how a shell reports a process that a signal ended.
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0));
  });
}

function giveUp(reason) {
  process.stderr.write(
    `holdfast: needs Node ${NODE_MAJOR_MIN}, this is ${process.version}, and ${reason}; ` +
      `run "npm install" here, or install Node ${NODE_MAJOR_MIN} from https://nodejs.org\n`,
  );
  process.exit(1);
}
