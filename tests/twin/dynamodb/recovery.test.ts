/** Tables that are kept: clean restarts, `kill -9` of everything, and folders that do not fit. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  clientOf,
  EAST_1,
  EAST_2,
  serveTwin,
  THINGS,
  type TwinEndpoint,
} from './serve-dynamodb.ts';

const WRITES_BEFORE_THE_KILL = 400;

let folder = '';
let dataDirectory = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twin-recovery-'));
  dataDirectory = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function put(twin: TwinEndpoint, region: string, p: string, v: string) {
  const client = clientOf(twin, region);
  const Item = { p: { S: p }, s: { N: '1' }, v: { S: v } };
  await client.send(new PutItemCommand({ TableName: 'things', Item }));
  client.destroy();
}

/** Key → value as the replica of the Region itself has it. */
async function replicaOf(twin: TwinEndpoint, region: string): Promise<Record<string, unknown>> {
  const client = clientOf(twin, region);
  const { Items = [] } = await client.send(new ScanCommand({ TableName: 'things' }));
  client.destroy();
  return Object.fromEntries(Items.map(({ p, v }) => [p?.S, v?.N ?? v?.S]));
}

describe('a clean stop', () => {
  it('keeps the tables, and what a replica that is cut off has yet to receive', async () => {
    const before = await serveTwin({ dataDirectory });
    await put(before, EAST_1, 'a', '1');
    before.network.set(EAST_2, 'isolated');
    await put(before, EAST_1, 'b', '1');
    await before.stop();

    const after = await serveTwin({ dataDirectory });
    await expect.poll(() => replicaOf(after, EAST_2)).toEqual({ a: '1', b: '1' });
    expect(after.reports).toEqual([]);
    await after.stop();
  });

  it('leaves nothing behind of tables that are not kept', async () => {
    const twin = await serveTwin();
    const pids = [...twin.pids];
    await twin.stop();
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(dataDirectory)).toBe(false);
  });
});

describe('kill -9 of everything', () => {
  it('loses no acknowledged write and leaves the replicas equal, again and again', async () => {
    const acknowledged = new Map<string, number>();
    for (let round = 0; round < 2; round++) {
      const inRound = await writeUntilKilled(dataDirectory);
      for (const [key, value] of inRound) acknowledged.set(key, value);
      const twin = await serveTwin({ dataDirectory });
      expect(twin.reports.join()).toContain('The last stop was not clean');
      const first = await replicaOf(twin, EAST_1);
      expect(await replicaOf(twin, EAST_2)).toEqual(first);
      // A later write of a key may have been on its way; an earlier state may not come back.
      const lost = [...inRound].filter(([key, value]) => !(Number(first[key]) >= value));
      expect(lost).toEqual([]);
      await twin.stop();
    }
    expect(acknowledged.size).toBeGreaterThan(20);
  });
});

/** Returns what was acknowledged: key → last value. The child and its engines are gone then. */
async function writeUntilKilled(directory: string): Promise<Map<string, number>> {
  const script = join(import.meta.dirname, 'twin-child.ts');
  const child = spawn(process.execPath, [script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const engines: number[] = [];
  const acknowledged = new Map<string, number>();
  let rest = '';
  let lines = 0;
  const exited = new Promise((resolve) => child.once('close', resolve));
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      const [key = '', value] = line.split(' ');
      if (key === 'engine') engines.push(Number(value));
      else acknowledged.set(key, Number(value));
      lines++;
    }
    if (lines >= WRITES_BEFORE_THE_KILL) killAll(child, engines);
  });
  await exited;
  return acknowledged;
}

/** The engines outlive their twin for a moment on purpose: the next start has to end them itself. */
function killAll(child: ChildProcess, engines: readonly number[]): void {
  child.kill('SIGKILL');
  const [one] = engines;
  if (one === undefined) return;
  try {
    process.kill(one, 'SIGKILL');
  } catch {
    // Killed already: the output came in more than one piece.
  }
}

describe('a data folder', () => {
  it('rejects a second twin while one uses it', async () => {
    const twin = await serveTwin({ dataDirectory });
    await expect(serveTwin({ dataDirectory })).rejects.toThrow('is in use by another twin');
    await put(twin, EAST_1, 'a', '1');
    await twin.stop();
  });

  it('rejects a template whose keys or indexes have changed', async () => {
    await (await serveTwin({ dataDirectory })).stop();
    const changed = { ...THINGS, globalSecondaryIndexes: [] };
    await expect(serveTwin({ dataDirectory, tables: [changed] })).rejects.toThrow(
      'its global secondary indexes changed. Start with a fresh --data folder.',
    );
    const other = THINGS.attributeDefinitions.map((definition) =>
      definition.AttributeName === 's'
        ? { ...definition, AttributeType: 'S' as const }
        : definition,
    );
    await expect(
      serveTwin({ dataDirectory, tables: [{ ...THINGS, attributeDefinitions: other }] }),
    ).rejects.toThrow('its attribute definitions changed');
    await (await serveTwin({ dataDirectory })).stop();
  });

  it('restores a replica whose file was lost from the leader', async () => {
    const before = await serveTwin({ dataDirectory });
    await put(before, EAST_1, 'a', '1');
    await before.stop();
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(dataDirectory, `${EAST_2}.db${suffix}`), { force: true });
    }
    const after = await serveTwin({ dataDirectory });
    expect(await replicaOf(after, EAST_2)).toEqual({ a: '1' });
    await after.stop();
  });

  it('rejects a folder that has lost the leader', async () => {
    await (await serveTwin({ dataDirectory })).stop();
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(dataDirectory, `${EAST_1}.db${suffix}`), { force: true });
    }
    await expect(serveTwin({ dataDirectory })).rejects.toThrow('has lost the replica of things');
    // Not mended by trying twice.
    await expect(serveTwin({ dataDirectory })).rejects.toThrow('has lost the replica of things');
  });

  it('rejects a folder that does not say who led', async () => {
    await (await serveTwin({ dataDirectory })).stop();
    rmSync(join(dataDirectory, 'state.json'));
    await expect(serveTwin({ dataDirectory })).rejects.toThrow('no state.json');
  });

  it('goes on with the leader of the last run', async () => {
    const before = await serveTwin({ dataDirectory });
    before.network.set(EAST_1, 'killed');
    await put(before, EAST_2, 'a', '1');
    await before.stop();
    const after = await serveTwin({ dataDirectory });
    expect(after.tables.status()[0]?.leader).toBe(EAST_2);
    const client = clientOf(after, EAST_1);
    const Key = { p: { S: 'a' }, s: { N: '1' } };
    const read = new GetItemCommand({ TableName: 'things', Key, ConsistentRead: true });
    expect((await client.send(read)).Item?.['v']).toEqual({ S: '1' });
    client.destroy();
    await after.stop();
  });
});

describe('tables that the twin does not run', () => {
  it('rejects to keep an eventually consistent table on disk', async () => {
    const eventual = { ...THINGS, witness: null, consistency: 'EVENTUAL' as const };
    await expect(serveTwin({ tables: [eventual], dataDirectory })).rejects.toThrow(
      'Start without --data',
    );
  });

  it('rejects a set of Regions that strong consistency does not allow', async () => {
    await expect(serveTwin({ tables: [{ ...THINGS, witness: null }] })).rejects.toThrow(
      'takes three Regions',
    );
    await expect(serveTwin({ tables: [{ ...THINGS, witness: EAST_2 }] })).rejects.toThrow(
      'witness and replica in us-east-2',
    );
  });
});
