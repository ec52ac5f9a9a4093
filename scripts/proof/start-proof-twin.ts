/** Starts a twin for a proof, as a user does, in a folder of its own. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ProvenTwin } from './prove-durability.ts';

export interface ProofTwin extends ProvenTwin {
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

const ROOT = resolve(import.meta.dirname, '../..');
/** The twin listens on its base port and the five after it. */
const PORTS = 6;

/** Resolves when the twin is ready; rejects with what it printed when it can't start. */
export async function startProofTwin(gatewayUrl: string | null): Promise<ProofTwin> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-proof-'));
  const port = String(await freeBasePort());
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'bin/holdfast.mjs'),
      ...['start', '--json', '--profile', 'fast', '--port', port],
      ...(gatewayUrl === null ? [] : ['--gateway', gatewayUrl]),
    ],
    { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise<number | null>((done) => child.once('close', done));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const line = await new Promise<string>((done, fail) => {
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
      const end = stdout.indexOf('\n');
      if (end >= 0) done(stdout.slice(0, end));
    });
    void ended.then((code) => fail(new Error(`the twin ended (exit ${code}):\n${stderr}`)));
  });
  return {
    ...(JSON.parse(line) as ProvenTwin),
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A port that is free, as are the ones after it that the twin needs. */
async function freeBasePort(): Promise<number> {
  for (let base = 18_600; base < 20_000; base += PORTS) {
    const ports = Array.from({ length: PORTS }, (_unused, offset) => base + offset);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no six free ports in a row from 18600 to 20000: stop what listens there');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
