/** Starts a twin for one drill, as a user does, in a folder of its own. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DrillProfile } from '#ops/drill/drill-target.ts';
import { LOOPBACK } from '#twin/control/addresses.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import type { Consistency } from './start-options.ts';

export interface DrillTwin {
  /** Of its control API. */
  readonly controlUrl: string;
  /** Ends it and removes its folder. Safe to repeat. */
  stop(): Promise<void>;
}

const ROOT = resolve(import.meta.dirname, '..', '..');
/** The twin listens on its base port and the five after it. */
const PORTS = 6;
const PORT_RANGE = { min: 19_000, max: 20_400 } as const;

/** Resolves when the twin is ready; rejects with `CliError` that has what it printed when it can't start. */
export async function startDrillTwin(
  profile: DrillProfile,
  signal: AbortSignal,
  consistency: Consistency = 'strong',
): Promise<DrillTwin> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-drill-'));
  const port = String(await freeBasePort());
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=4',
      join(ROOT, 'bin', 'holdfast.mjs'),
      ...['start', '--json', '--profile', profile, '--port', port, '--consistency', consistency],
    ],
    // A group of its own: Ctrl-C is the drill's to handle, which heals first and stops the twin last.
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  const ended = new Promise<number | null>((done) => child.once('close', done));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  // A drill that is ended the hard way must not leave a twin behind.
  const kill = (): void => void child.kill('SIGINT');
  process.once('exit', kill);
  const stop = async (): Promise<void> => {
    kill();
    await ended;
    process.off('exit', kill);
    await rm(directory, { recursive: true, force: true });
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    const line = await new Promise<string>((done, fail) => {
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk;
        const end = stdout.indexOf('\n');
        if (end >= 0) done(stdout.slice(0, end));
      });
      void ended.then((code) =>
        fail(new CliError(EXIT.fault, `the twin ended (exit ${code}): ${stderr.trim()}`)),
      );
    });
    const { addresses } = JSON.parse(line) as { readonly addresses: { readonly control: string } };
    return { controlUrl: addresses.control, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** A port that is free, as are the ones after it that the twin needs. */
async function freeBasePort(): Promise<number> {
  for (let base = PORT_RANGE.min; base < PORT_RANGE.max; base += PORTS) {
    const ports = Array.from({ length: PORTS }, (_unused, offset) => base + offset);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  const { min, max } = PORT_RANGE;
  const message = `no six free ports in a row from ${min} to ${max}; stop what listens there`;
  throw new CliError(EXIT.fault, message);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, LOOPBACK, () => server.close(() => done(true)));
  });
}
