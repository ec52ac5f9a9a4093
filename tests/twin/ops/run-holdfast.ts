/** Runs a verb against a twin, the way an operator does: in the folder that the twin was started in. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { RunningTwin } from '../../support/running-twin.ts';
import { ROOT } from '../../support/source-files.ts';

export interface VerbResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function holdfast(twin: RunningTwin, ...args: string[]): Promise<VerbResult> {
  const child = spawn(process.execPath, [join(ROOT, 'bin/holdfast.mjs'), ...args], {
    cwd: twin.directory,
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** The same with `--json`; fails, showing stderr, where there is none. */
export async function holdfastJson<T>(twin: RunningTwin, ...args: string[]): Promise<T> {
  const { stdout, stderr } = await holdfast(twin, ...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as T;
}
