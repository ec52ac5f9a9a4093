import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addressesOf, portsFrom } from '#twin/control/addresses.ts';
import {
  findTwin,
  removeTwinFile,
  type TwinFile,
  twinFilePath,
  writeTwinFile,
} from '#twin/control/twin-file.ts';

const file: TwinFile = {
  version: 1,
  pid: process.pid,
  startedAt: '2026-01-01T00:00:00.000Z',
  suffix: 'dev',
  addresses: addressesOf(portsFrom(8_080, ['us-east-1', 'us-east-2'])),
  dataDirectory: null,
};
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'twin-file-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('is found from the folder it is in and from those below, and leaves no temporary file', async () => {
  await writeTwinFile(directory, file);
  const below = join(directory, 'a', 'b');
  await mkdir(below, { recursive: true });
  expect(await findTwin(directory)).toEqual(file);
  expect(await findTwin(below)).toEqual(file);
  expect(await readdir(dirname(twinFilePath(directory)))).toEqual(['twin.json']);
});

test('replaces an older file', async () => {
  await writeTwinFile(directory, { ...file, suffix: 'old' });
  await writeTwinFile(directory, file);
  expect((await findTwin(directory)).suffix).toBe('dev');
});

test('rejects with what to do when there is none', async () => {
  await expect(findTwin(directory)).rejects.toMatchObject({
    problem: 'absent',
    message: 'no twin is running here; start one with: npm start',
  });
});

test('rejects a file whose process is gone, and names the process', async () => {
  await writeTwinFile(directory, { ...file, pid: 4_194_300 });
  await expect(findTwin(directory, () => false)).rejects.toMatchObject({
    problem: 'stale',
    message: expect.stringContaining('process 4194300'),
  });
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"version":1}',
  '{"version":2,"pid":1,"addresses":{"control":"x"}}',
])('rejects the content %j and names the path', async (content) => {
  const path = twinFilePath(directory);
  await mkdir(dirname(path));
  await writeFile(path, content);
  await expect(findTwin(directory)).rejects.toMatchObject({
    problem: 'unreadable',
    message: expect.stringContaining(path),
  });
});

test('is removed by the process that wrote it and by no other', async () => {
  await writeTwinFile(directory, file);
  await removeTwinFile(directory, file.pid + 1);
  expect((await stat(twinFilePath(directory))).isFile()).toBe(true);
  await removeTwinFile(directory, file.pid);
  await removeTwinFile(directory, file.pid);
  await expect(findTwin(directory)).rejects.toMatchObject({ problem: 'absent' });
});
