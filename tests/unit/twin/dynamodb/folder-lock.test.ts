import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holderOf, lockFolder, unlockFolder } from '#twin/dynamodb/folder-lock.ts';
import { startOf } from '#twin/dynamodb/process-facts.ts';

const ANOTHER = process.ppid;

describe('lockFolder', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'folder-lock-'));
    file = join(folder, 'tables.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('rejects a second lock, naming the process and the file', () => {
    lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(
      `is in use by another twin (process ${process.pid}). Stop it, or use another --data folder; ` +
        `if no twin is running, delete ${file}.`,
    );
    unlockFolder(folder);
    expect(existsSync(file)).toBe(false);
    lockFolder(folder);
    unlockFolder(folder);
  });

  it('rejects a lock of a process that is alive', () => {
    writeFileSync(file, `${ANOTHER} ${startOf(ANOTHER)}\n`);
    expect(() => lockFolder(folder)).toThrow(`process ${ANOTHER}`);
  });

  it('rejects a lock without a start when its process is alive', () => {
    writeFileSync(file, `${ANOTHER}\n`);
    expect(() => lockFolder(folder)).toThrow(`process ${ANOTHER}`);
  });

  it('takes over a lock of an earlier process that had this id', () => {
    writeFileSync(file, `${process.pid} another-start\n`);
    lockFolder(folder);
    expect(holderOf(folder)).toEqual({ pid: process.pid, alive: true });
    unlockFolder(folder);
  });

  it('takes over a lock with this id and no start, which this process did not take', () => {
    writeFileSync(file, `${process.pid}\n`);
    expect(holderOf(folder)).toEqual({ pid: process.pid, alive: false });
    lockFolder(folder);
    unlockFolder(folder);
  });

  it('takes over a lock whose id now belongs to another process', () => {
    writeFileSync(file, `${ANOTHER} another-start\n`);
    expect(holderOf(folder)).toEqual({ pid: ANOTHER, alive: false });
    lockFolder(folder);
    unlockFolder(folder);
  });

  it.each(['', 'nonsense', '-1'])('takes over a lock that reads %j', (text) => {
    writeFileSync(file, text);
    lockFolder(folder);
    expect(holderOf(folder)).toEqual({ pid: process.pid, alive: true });
    unlockFolder(folder);
  });
});

describe('startOf', () => {
  it('tells two processes apart, and says the same twice', () => {
    expect(startOf(process.pid)).toMatch(/^\S+$/);
    expect(startOf(process.pid)).toBe(startOf(process.pid));
    expect(startOf(process.pid)).not.toBe(startOf(ANOTHER));
  });

  it('is null for a process that is gone', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    expect(startOf(pid)).toBeNull();
  });
});
