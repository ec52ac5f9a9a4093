/** `.holdfast/twin.json`: how other processes find the twin that runs for this folder. */

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { TwinAddresses } from './addresses.ts';

export interface TwinFile {
  readonly version: typeof TWIN_FILE_VERSION;
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly suffix: string;
  readonly addresses: TwinAddresses;
  /** Absolute path, or null: the tables are gone when the twin stops. */
  readonly dataDirectory: string | null;
}

export type TwinFileProblem = 'absent' | 'stale' | 'unreadable';

/** `message` says what to do; it is meant for a person. */
export class TwinFileError extends Error {
  override readonly name = 'TwinFileError';
  readonly problem: TwinFileProblem;

  constructor(problem: TwinFileProblem, message: string, cause?: unknown) {
    super(message, { cause });
    this.problem = problem;
  }
}

export const TWIN_FILE_VERSION = 1;
const FILE_PATH = join('.holdfast', 'twin.json');

/** Path of the file that belongs to `directory`. */
export function twinFilePath(directory: string): string {
  return resolve(directory, FILE_PATH);
}

/** Writes the file, whole or not at all: a reader never sees half of it. */
export async function writeTwinFile(directory: string, file: TwinFile): Promise<void> {
  const path = twinFilePath(directory);
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, `${JSON.stringify(file, null, 2)}\n`, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Removes the file if it is that of process `pid`; a newer twin's file stays. Never rejects for an absent one. */
export async function removeTwinFile(directory: string, pid: number): Promise<void> {
  const path = twinFilePath(directory);
  const text = await readIfPresent(path);
  if (text === null) return;
  const parsed = parseTwinFile(text);
  if (parsed === null || parsed.pid === pid) await rm(path, { force: true });
}

/**
 * Reads the file of `directory` or of the nearest folder above that has one.
 *
 * Rejects with `TwinFileError`: `absent`, `stale` (its process is gone) or `unreadable`.
 * `isAlive`: whether a process of that id exists; default asks the operating system.
 */
export async function findTwin(
  directory: string,
  isAlive: (pid: number) => boolean = isProcessAlive,
): Promise<TwinFile> {
  for (let folder = resolve(directory); ; folder = dirname(folder)) {
    const path = twinFilePath(folder);
    const text = await readIfPresent(path);
    if (text !== null) return checkTwinFile(path, text, isAlive);
    if (folder === dirname(folder)) break;
  }
  throw new TwinFileError('absent', 'no twin is running here; start one with: npm start');
}

function checkTwinFile(path: string, text: string, isAlive: (pid: number) => boolean): TwinFile {
  const file = parseTwinFile(text);
  if (file === null) {
    throw new TwinFileError(
      'unreadable',
      `${path} is not of this version of the twin; stop the twin that wrote it, delete the file, then: npm start`,
    );
  }
  if (!isAlive(file.pid)) {
    throw new TwinFileError(
      'stale',
      `the twin that ran here (process ${file.pid}) is gone without cleaning up; start another with: npm start`,
    );
  }
  return file;
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new TwinFileError(
      'unreadable',
      `${path} cannot be read (${code}); mend its permissions`,
      cause,
    );
  }
}

/** Null for anything that is not a whole file of this version. */
function parseTwinFile(text: string): TwinFile | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { version, pid, addresses } = value as Partial<TwinFile>;
  const whole =
    version === TWIN_FILE_VERSION &&
    Number.isSafeInteger(pid) &&
    (pid as number) > 0 &&
    typeof addresses?.control === 'string';
  return whole ? (value as TwinFile) : null;
}

function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
