/**
 * The lock of a data folder: one twin at a time.
 *
 * The file names the process that holds it by id and start, so that a lock which a killed twin left
 * is taken over even when its id belongs to another process now.
 */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, startOf } from './process-facts.ts';

export interface LockHolder {
  readonly pid: number;
  readonly alive: boolean;
}

const LOCK_FILE = 'tables.lock';

/** Locked by this process: where the start of a process can't be told, only this says whose it is. */
const lockedHere = new Set<string>();

/**
 * Locks `folder`, which exists, for this process. A lock whose holder is gone is taken over.
 * Throws when another twin holds it, or this process does already.
 */
export function lockFolder(folder: string): void {
  const path = join(folder, LOCK_FILE);
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}`.trim();
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, `${mine}\n`, { flag: 'wx' });
      lockedHere.add(folder);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (holderOf(folder)?.alive === true) break;
    rmSync(path, { force: true });
  }
  throw new Error(
    `${folder} is in use by another twin (process ${holderOf(folder)?.pid ?? 'unknown'}). ` +
      `Stop it, or use another --data folder; if no twin is running, delete ${path}.`,
  );
}

export function unlockFolder(folder: string): void {
  rmSync(join(folder, LOCK_FILE), { force: true });
  lockedHere.delete(folder);
}

/** Who holds the lock of `folder`; null when it is not locked, or the file names nobody. */
export function holderOf(folder: string): LockHolder | null {
  let text: string;
  try {
    text = readFileSync(join(folder, LOCK_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const [id = '', start] = text.trim().split(' ');
  const pid = Number(id);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, alive: isAlive(pid) && isSameProcess(folder, pid, start) };
}

function isSameProcess(folder: string, pid: number, start: string | undefined): boolean {
  const startNow = startOf(pid);
  if (start !== undefined && startNow !== null) return start === startNow;
  // Its id alone tells nothing of another process. Our own would be a lock of an earlier run.
  return pid !== process.pid || lockedHere.has(folder);
}
