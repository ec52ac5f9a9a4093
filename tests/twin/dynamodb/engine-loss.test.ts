/** Engines that end, hang and can't be started again, as real processes. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type EngineProgram,
  findEngine,
  launchEngine,
} from '#twin/dynamodb/engine/launch-engine.ts';
import { clientOf, EAST_1, EAST_2, serveTwin, type TwinEndpoint } from './serve-dynamodb.ts';

let folder = '';
let dataDirectory = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'twin-engine-loss-'));
  dataDirectory = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const Key = { p: { S: 'a' }, s: { N: '1' } };

async function put(twin: TwinEndpoint, region: string, v: string): Promise<void> {
  const client = clientOf(twin, region);
  try {
    await client.send(new PutItemCommand({ TableName: 'things', Item: { ...Key, v: { S: v } } }));
  } finally {
    client.destroy();
  }
}

/** What the replica of the Region itself has. */
async function localValue(twin: TwinEndpoint, region: string): Promise<string | undefined> {
  const client = clientOf(twin, region);
  const { Item } = await client.send(new GetItemCommand({ TableName: 'things', Key }));
  client.destroy();
  return Item?.['v']?.S;
}

function engineOf(twin: TwinEndpoint, region: string): string | undefined {
  return twin.tables.status()[0]?.replicas.find((replica) => replica.region === region)?.engine;
}

/** An engine that can't be started while `broken`. */
function breakable(): { readonly engine: EngineProgram; broken: boolean } {
  const program = findEngine();
  const self = {
    broken: false,
    engine: {
      ...program,
      argumentsFor: (port: number, path: string) =>
        self.broken ? ['no-such-command'] : program.argumentsFor(port, path),
    },
  };
  return self;
}

/** A twin whose first Region has lost its engine in the middle of a write. */
async function withLostEngine(): Promise<{
  readonly twin: TwinEndpoint;
  readonly mend: () => void;
}> {
  const program = breakable();
  const pidOf = new Map<string, number>();
  const twin = await serveTwin({ dataDirectory, engine: program.engine, engineTimeoutMs: 1_000 });
  for (const pid of twin.pids) {
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    pidOf.set(command.includes(EAST_1) ? EAST_1 : EAST_2, pid);
  }
  await put(twin, EAST_1, 'before');
  program.broken = true;
  process.kill(pidOf.get(EAST_1) ?? 0, 'SIGSTOP');
  await expect(put(twin, EAST_1, 'unknown')).rejects.toThrow('Internal server error');
  expect(engineOf(twin, EAST_1)).toBe('lost');
  return {
    twin,
    mend() {
      program.broken = false;
    },
  };
}

describe('an engine that is lost', () => {
  it('is revived once it can be started, and receives what it missed', async () => {
    const { twin, mend } = await withLostEngine();
    await put(twin, EAST_2, 'after');
    await twin.tables.revive(EAST_1);
    expect(engineOf(twin, EAST_1)).toBe('lost');
    mend();
    await twin.tables.revive(EAST_1);
    expect(engineOf(twin, EAST_1)).toBe('ready');
    await expect.poll(() => localValue(twin, EAST_1)).toBe('after');
    const { pids } = twin;
    const before = pids.length;
    for (const region of [EAST_1, EAST_2, 'eu-west-1']) await twin.tables.revive(region);
    expect(pids).toHaveLength(before);
    await twin.stop();
  });

  it('has the replicas compared at the next start when it took a write with it', async () => {
    const { twin } = await withLostEngine();
    await twin.stop();
    const next = await serveTwin({ dataDirectory });
    expect(next.reports.join()).toContain('The last stop was not clean');
    await next.stop();
    const last = await serveTwin({ dataDirectory });
    expect(last.reports).toEqual([]);
    await last.stop();
  });
});

describe('an engine that ends', () => {
  it('is started once, even where its process id can not be written down', async () => {
    const twin = await serveTwin({ dataDirectory });
    // In the place of the file that the state is written to first.
    mkdirSync(join(dataDirectory, 'state.json.next'));
    const started = twin.pids.length;
    for (const pid of twin.pids.slice()) process.kill(pid, 'SIGKILL');
    await expect.poll(() => twin.pids.length).toBe(started + 2);
    await put(twin, EAST_1, '1');
    expect(await localValue(twin, EAST_2)).toBe('1');
    expect(twin.pids).toHaveLength(started + 2);
    expect(twin.reports.join()).toContain('could not be written down');
    rmdirSync(join(dataDirectory, 'state.json.next'));
    await twin.stop();
  });

  it('is started again while nobody calls it, more than three times', async () => {
    const twin = await serveTwin();
    for (let deaths = 1; deaths <= 5; deaths++) {
      const pid = twin.pids.at(-1) ?? 0;
      process.kill(pid, 'SIGKILL');
      await expect.poll(() => twin.pids.length).toBe(2 + deaths);
      await expect
        .poll(() => [engineOf(twin, EAST_1), engineOf(twin, EAST_2)])
        .toEqual(['ready', 'ready']);
    }
    await put(twin, EAST_1, '1');
    await twin.stop();
  });
});

describe('launchEngine', () => {
  const silent: EngineProgram = {
    kind: 'dynalite',
    degraded: null,
    command: process.execPath,
    argumentsFor: () => ['--eval', 'process.exitCode = 3'],
  };

  it('tells of a process before it listens, and of its end', async () => {
    const told: string[] = [];
    const launched = launchEngine(silent, folder, {
      callTimeoutMs: 1_000,
      onSpawn: (pid) => told.push(`spawned ${pid > 1}`),
      onExit: (pid) => told.push(`gone ${pid > 1}`),
    });
    await expect(launched).rejects.toThrow('did not start: exit code 3');
    expect(told).toEqual(['spawned true', 'gone true']);
  });

  it('leaves no process behind when nobody could be told of it', async () => {
    const gone: number[] = [];
    const pids: number[] = [];
    const launched = launchEngine(findEngine(), join(folder, 'engine.db'), {
      callTimeoutMs: 1_000,
      onSpawn(pid) {
        pids.push(pid);
        throw new Error('the guard refuses');
      },
      onExit: (pid) => gone.push(pid),
    });
    await expect(launched).rejects.toThrow('the guard refuses');
    expect(pids).toHaveLength(1);
    expect(gone).toEqual(pids);
  });

  it("keeps the terminal's interrupt from the engine", async () => {
    const engine = await launchEngine(findEngine(), join(folder, 'engine.db'), {
      callTimeoutMs: 1_000,
      onSpawn: () => {},
      onExit: () => {},
    });
    // The terminal sends it to the process group in the foreground, which is that of the twin.
    const group = execFileSync('ps', ['-o', 'pgid=', '-p', String(engine.pid)], {
      encoding: 'utf8',
    });
    await engine.kill();
    expect(Number(group)).toBe(engine.pid);
  });
});
