/**
 * Starts the storage engine of one Region as a child process.
 *
 * Dynoxide where its binary is installed; elsewhere dynalite, which lacks some of DynamoDB's
 * behaviour: `findEngine` says what.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngineClient, type EngineClient } from './engine-client.ts';

export interface EngineProgram {
  readonly kind: 'dynoxide' | 'dynalite';
  /** What behaves otherwise than on AWS; null where nothing known does. */
  readonly degraded: string | null;
  readonly command: string;
  /** Arguments for a port on 127.0.0.1 (0: the program says which one) and a path to store at. */
  readonly argumentsFor: (port: number, path: string) => readonly string[];
}

export interface RunningEngine {
  readonly pid: number;
  readonly call: EngineClient['call'];
  /** Settles once, when the process is gone: with exit code or signal and the tail of its stderr. */
  readonly exited: Promise<string>;
  /** SIGKILL: the engines keep what they acknowledged. Resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface LaunchEngineOptions {
  /** How long the engine may take for one operation before it counts as hung. */
  readonly callTimeoutMs: number;
  /** Told the process id at once, before the engine listens, so that a guard can end it. */
  readonly onSpawn: (pid: number) => void;
  /** Told when that process is gone, however it went. */
  readonly onExit: (pid: number) => void;
}

const READY_WITHIN_MS = 15_000;
const PORT_ATTEMPTS = 5;
const STDERR_KEPT_CHARACTERS = 2_000;

/** The best engine installed for this platform. Throws where there is none. */
export function findEngine(platform = `${process.platform}-${process.arch}`): EngineProgram {
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(require.resolve(`@dynoxide/${platform}/package.json`));
    const binary = process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide';
    return {
      kind: 'dynoxide',
      degraded: null,
      command: join(folder, binary),
      argumentsFor: (port, path) => [
        'serve',
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--db-path',
        path,
      ],
    };
  } catch {
    // No binary for this platform.
  }
  try {
    require.resolve('dynalite/package.json');
  } catch (cause) {
    throw new Error(
      `No DynamoDB engine is installed for ${platform}. Run npm install in the checkout.`,
      { cause },
    );
  }
  const child = join(dirname(fileURLToPath(import.meta.url)), 'dynalite-child.ts');
  return {
    kind: 'dynalite',
    degraded:
      `There is no dynoxide binary for ${platform}: tables run on dynalite, which is slower and ` +
      'measures an item that an update has made in characters, not in bytes.',
    command: process.execPath,
    argumentsFor: (port, path) => [child, String(port), path],
  };
}

/**
 * Starts `program` on a free port of 127.0.0.1 with its store at `path`.
 * Rejects when it does not listen within 15 s; nothing is left running then.
 */
export async function launchEngine(
  program: EngineProgram,
  path: string,
  options: LaunchEngineOptions,
): Promise<RunningEngine> {
  let refusal: unknown;
  for (let attempt = 1; attempt <= PORT_ATTEMPTS; attempt++) {
    const port = await freePort();
    try {
      return await launchOn(program, path, port, options);
    } catch (error) {
      refusal = error;
      // Somebody else took the port between our look and the engine's listen.
      if (!(error instanceof Error && /in use|EADDRINUSE/i.test(error.message))) break;
    }
  }
  throw refusal;
}

async function launchOn(
  program: EngineProgram,
  path: string,
  port: number,
  { callTimeoutMs, onSpawn, onExit }: LaunchEngineOptions,
): Promise<RunningEngine> {
  const child = spawn(program.command, program.argumentsFor(port, path), {
    // A pipe on stdin that we never write: dynalite's child ends when it closes.
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own: the terminal's Ctrl-C is for the twin, which needs its engines to
    // stop in order.
    detached: true,
    windowsHide: true,
  });
  let stderr = '';
  let said: () => void = () => {};
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT_CHARACTERS);
    said();
  });
  child.stdin?.on('error', () => {});
  const { pid } = child;
  const exited = exitOf(child, () => stderr);
  if (pid !== undefined) void exited.then(() => onExit(pid));
  const listening = new Promise<void>((resolve) => {
    said = () => {
      if (/listening on/i.test(stderr)) resolve();
    };
  });
  const failed = exited.then((how) => {
    throw new Error(`The ${program.kind} storage engine did not start: ${how}`);
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The ${program.kind} storage engine did not listen within 15 s: ${stderr}`));
    }, READY_WITHIN_MS);
  });
  try {
    if (pid !== undefined) onSpawn(pid);
    await Promise.race([listening, failed, late]);
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    throw error;
  } finally {
    clearTimeout(timer);
    failed.catch(() => {});
  }
  if (pid === undefined) throw new Error(`The ${program.kind} engine has no process id.`);
  const client = createEngineClient(port, callTimeoutMs);
  return {
    pid,
    call: client.call,
    exited,
    async kill() {
      child.kill('SIGKILL');
      await exited;
      await client.close();
    },
  };
}

function exitOf(child: ChildProcess, stderr: () => string): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(`${signal ?? `exit code ${code}`}${stderr() === '' ? '' : `; ${stderr().trim()}`}`);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No free port was found.');
  return address.port;
}
