/** Starts a twin for the benchmarks, as a user does, and finds its processes. */

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = resolve(import.meta.dirname, '..');

export interface BenchTwin {
  readonly addresses: {
    readonly entry: string;
    readonly aws: string;
    readonly regions: Readonly<Record<string, string>>;
  };
  readonly pid: number;
  /** From the command to readiness, milliseconds. */
  readonly startupMs: number;
  stop(): Promise<void>;
}

const BASE_PORT = 18_480;

/** Resolves when the twin is ready; rejects with what it printed when it can't start. */
export async function startBenchTwin(): Promise<BenchTwin> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    // The flag is what `npm start` passes.
    [
      '--max-semi-space-size=4',
      join(ROOT, 'bin/holdfast.mjs'),
      ...['start', '--json', '--port', String(BASE_PORT)],
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const line = await new Promise<string>((done, fail) => {
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
      const end = stdout.indexOf('\n');
      if (end >= 0) done(stdout.slice(0, end));
    });
    child.once('close', (code) => fail(new Error(`the twin ended (exit ${code}):\n${stderr}`)));
  });
  const { addresses } = JSON.parse(line) as Pick<BenchTwin, 'addresses'>;
  return {
    addresses,
    pid: child.pid ?? 0,
    startupMs: performance.now() - startedAt,
    stop: async () => {
      const ended = new Promise((done) => child.once('close', done));
      child.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface ProcessMemory {
  readonly command: string;
  readonly rssMb: number;
}

/** Resident memory of a process and all below it, by `ps`. */
export async function memoryOfTree(rootPid: number): Promise<readonly ProcessMemory[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']);
  const rows = stdout
    .trim()
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .filter((match) => match !== null)
    .map(([, pid, parent, rss, args = '']) => ({
      pid: Number(pid),
      parent: Number(parent),
      rssMb: Number(rss) / 1024,
      command: args,
    }));
  const tree = new Set([rootPid]);
  for (let grew = true; grew; ) {
    const before = tree.size;
    for (const { pid, parent } of rows) if (tree.has(parent)) tree.add(pid);
    grew = tree.size > before;
  }
  return rows.filter(({ pid }) => tree.has(pid));
}
