/** Claims a data folder for one twin at a time. */

import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TwinStartError } from '../twin-start-error.ts';

const CLAIM_FILE = 'twin.lock';

/**
 * Claims `directory`, creating it if absent; returns the way to give it back.
 *
 * The claim is a file with our pid, created exclusively. One whose process is gone is taken over, so
 * `kill -9` locks nobody out. Throws `TwinStartError` while another twin holds it, or when the folder
 * can't be written.
 */
export async function claimDirectory(
  directory: string,
  pid: number,
  isAlive: (pid: number) => boolean,
): Promise<() => Promise<void>> {
  const path = join(directory, CLAIM_FILE);
  try {
    await mkdir(directory, { recursive: true });
    for (;;) {
      if (await create(path, pid)) return () => rm(path, { force: true });
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (Number.isSafeInteger(holder) && holder > 0 && holder !== pid && isAlive(holder)) {
        throw new TwinStartError(
          `${directory} is in use by the twin with process ${holder}; stop it, or give another --data`,
        );
      }
      await rm(path, { force: true });
    }
  } catch (error) {
    if (error instanceof TwinStartError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new TwinStartError(`${directory} can't be used for data (${code})`, { cause: error });
  }
}

async function create(path: string, pid: number): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
