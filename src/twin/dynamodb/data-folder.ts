/**
 * Where the tables are kept: a folder that survives the twin, or a temporary one that does not.
 *
 * `state.json` says whether the last stop was clean, who led each table, and which engine processes
 * use the files. A folder serves one twin at a time.
 */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { holderOf, lockFolder, unlockFolder } from './folder-lock.ts';
import { commandOf, isAlive } from './process-facts.ts';

export interface FolderState {
  readonly version: 1;
  /** `dynoxide` or `dynalite`: neither reads the other's files. */
  readonly engine: string;
  /** False while a twin runs, and after one that could not stop in order. */
  readonly clean: boolean;
  /** Table name → Region of the replica that leads. */
  readonly leaders: Readonly<Record<string, string>>;
  /** Region → process id of its engine. */
  readonly enginePids: Readonly<Record<string, number>>;
}

export interface DataFolder {
  /** The state as the last run left it; null in a new folder. */
  readonly before: FolderState | null;
  enginePath(region: string): string;
  /** Null where nothing has to survive: the log stays in memory. */
  pendingLogPath(region: string, table: string): string | null;
  /** Writes the state down before it returns. */
  save(change: Partial<FolderState>): void;
  /** Gives the folder free; a temporary one is removed. */
  close(): void;
}

const STATE_FILE = 'state.json';
const TEMPORARY_PREFIX = 'twin-dynamodb-';
/** A file system in memory on Linux. */
const MEMORY_FOLDER = '/dev/shm';
/** Containers often have 64 MB there: too little for a long run. */
const MEMORY_BYTES_MIN = 2 * 1_024 ** 3;
/** How long an engine of a twin that was killed may take to end. */
const ORPHAN_CHECKS = 200;
const ORPHAN_CHECK_EVERY_MS = 25;

/**
 * Opens `directory` (null: a temporary folder) for engines of kind `engine`.
 * Effects: creates it, locks it, and ends engines that a killed twin left running on its files.
 * Throws when another twin uses it, when another kind of engine wrote it, or when it is damaged.
 */
export async function openDataFolder(
  directory: string | null,
  engine: string,
): Promise<DataFolder> {
  const folder = directory === null ? temporaryFolder() : resolve(directory);
  mkdirSync(folder, { recursive: true });
  lockFolder(folder);
  try {
    const before = readState(folder);
    if (before !== null && before.engine !== engine) {
      throw new Error(
        `${folder} holds tables of the ${before.engine} engine, and this platform runs ${engine}. ` +
          'Use a fresh --data folder.',
      );
    }
    await endOrphans(folder, before);
    return folderAt(folder, before, engine, directory === null);
  } catch (error) {
    unlockFolder(folder);
    throw error;
  }
}

function folderAt(
  folder: string,
  before: FolderState | null,
  engine: string,
  temporary: boolean,
): DataFolder {
  let state: FolderState = {
    version: 1,
    engine,
    clean: false,
    leaders: before?.leaders ?? {},
    enginePids: {},
  };
  return {
    before,
    enginePath: (region) => join(folder, `${region}.${engine === 'dynoxide' ? 'db' : engine}`),
    pendingLogPath: (region, table) =>
      temporary ? null : join(folder, 'pending', region, `${table}.log`),
    save(change) {
      state = { ...state, ...change };
      if (!temporary) writeState(folder, state);
    },
    close() {
      if (temporary) rmSync(folder, { recursive: true, force: true });
      unlockFolder(folder);
    },
  };
}

/**
 * A new folder for one run. Effects: removes those of earlier runs that were killed.
 *
 * In memory where there is room: the engine syncs every write to its file, and on a disk that is
 * most of what a write costs. Nothing of a temporary folder has to survive anyway.
 */
function temporaryFolder(): string {
  for (const parent of [MEMORY_FOLDER, tmpdir()]) removeAbandoned(parent);
  const parent = hasRoomInMemory() ? MEMORY_FOLDER : tmpdir();
  return mkdtempSync(join(parent, TEMPORARY_PREFIX));
}

function hasRoomInMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY_FOLDER);
    accessSync(MEMORY_FOLDER, constants.W_OK);
    return bavail * bsize >= MEMORY_BYTES_MIN;
  } catch {
    return false;
  }
}

function removeAbandoned(parent: string): void {
  if (!existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(TEMPORARY_PREFIX)) continue;
    const folder = join(parent, name);
    try {
      if (holderOf(folder)?.alive === false) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Another's folder, or one that is being made: not ours to remove.
    }
  }
}

function readState(folder: string): FolderState | null {
  const path = join(folder, STATE_FILE);
  if (!existsSync(path)) return null;
  try {
    const state = JSON.parse(readFileSync(path, 'utf8')) as FolderState;
    if (state.version === 1 && typeof state.leaders === 'object') return state;
  } catch {
    // Told below.
  }
  throw new Error(`${path} can't be read: the data folder is damaged. Use a fresh --data folder.`);
}

function writeState(folder: string, state: FolderState): void {
  const path = join(folder, STATE_FILE);
  writeFileSync(`${path}.next`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${path}.next`, path);
}

/** An engine that outlived its twin could still be writing to the files that we are to read. */
async function endOrphans(folder: string, before: FolderState | null): Promise<void> {
  for (const pid of Object.values(before?.enginePids ?? {})) {
    for (let check = 0; isAlive(pid) && commandOf(pid).includes(folder); check++) {
      if (check === ORPHAN_CHECKS) {
        throw new Error(`Process ${pid} still uses ${folder}: end it and start again.`);
      }
      process.kill(pid, 'SIGKILL');
      await pause(ORPHAN_CHECK_EVERY_MS);
    }
  }
}
