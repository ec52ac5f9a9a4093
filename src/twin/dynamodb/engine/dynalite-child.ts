/**
 * Runs dynalite as an engine process: `node dynalite-child.ts <port> <folder>`.
 *
 * Says "listening on" on stderr once it serves; ends when its stdin closes, which is when the
 * process that started it is gone.
 */

import type { Server } from 'node:http';
import { createRequire } from 'node:module';

interface DynaliteOptions {
  readonly path?: string;
  readonly createTableMs: number;
}

/** Starts dynalite on 127.0.0.1. `path` null keeps the data in memory. */
export async function serveDynalite(port: number, path: string | null): Promise<Server> {
  // The package brings no types.
  const dynalite = createRequire(import.meta.url)('dynalite') as (
    options: DynaliteOptions,
  ) => Server;
  const server = dynalite(path === null ? { createTableMs: 0 } : { path, createTableMs: 0 });
  // A connection closed for being idle would look like an operation with an unknown outcome.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

if (import.meta.main) {
  const [port, path] = process.argv.slice(2);
  if (port === undefined || path === undefined) {
    process.stderr.write('usage: dynalite-child <port> <folder>\n');
    process.exit(2);
  }
  process.stdin.resume().once('close', () => process.exit(0));
  await serveDynalite(Number(port), path);
  process.stderr.write(`dynalite listening on http://127.0.0.1:${port}\n`);
}
