/** What a twin meets in a long life: lost terminals, lost guards, stale files, a lost witness. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  newPayment,
  type RunningTwin,
  startTwinProcess,
  until,
} from '../../support/running-twin.ts';

let directory: string;
let twin: RunningTwin | null = null;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-hard-'));
});
afterEach(async () => {
  await twin?.stop();
  twin = null;
  rmSync(directory, { recursive: true, force: true });
});

async function start(): Promise<RunningTwin> {
  twin = await startTwinProcess({ directory });
  return twin;
}

async function pidOf(running: RunningTwin, region: string): Promise<number | null> {
  return (await running.status()).regions.find(({ name }) => name === region)?.pid ?? null;
}

describe('a twin', () => {
  it('starts over the file of one that is gone, whoever has its process id now', async () => {
    mkdirSync(join(directory, '.holdfast'));
    const file = {
      version: 1,
      pid: process.pid, // alive, and no twin
      startedAt: '2026-01-01T00:00:00.000Z',
      suffix: 'dev',
      addresses: { control: 'http://127.0.0.1:9' },
      dataDirectory: null,
    };
    writeFileSync(join(directory, '.holdfast/twin.json'), JSON.stringify(file));
    const running = await start();
    expect((await running.status()).pid).toBe(running.process.pid);
  });

  it('outlives the reader of its messages and still stops cleanly', async () => {
    const running = await start();
    running.process.stderr?.destroy();
    running.process.stdout?.destroy();
    const pid = await pidOf(running, EAST_1);
    if (pid === null) throw new Error('no process');
    process.kill(pid, 'SIGKILL'); // something to say, and nobody to hear it
    await until('it has noticed', async () => (await pidOf(running, EAST_1)) === null);
    expect((await call(`${apiOf(running, EAST_2)}/process`, { body: newPayment() })).status).toBe(
      200,
    );
    expect(await running.stop()).toBe(0);
    expect(existsSync(join(directory, '.holdfast/twin.json'))).toBe(false);
  });

  it('replaces a guard that dies, so that nothing outlives a kill -9 after it', async () => {
    const running = await start();
    const children = await childrenOf(running.process.pid);
    const guard = children.find(({ command }) => command.startsWith('sh -c'));
    if (guard === undefined) throw new Error('no guard');
    process.kill(guard.pid, 'SIGKILL');
    await until('it says so', async () => running.stderr().includes('The process guard has ended'));
    await running.fault(EAST_1, 'freeze');
    const pids = (await childrenOf(running.process.pid)).map(({ pid }) => pid);
    running.process.kill('SIGKILL');
    await until('all are gone', async () => !pids.some(isAlive));
    expect(pids.length).toBeGreaterThanOrEqual(5); // guard, two engines, two Regions
  });

  it('brings both Regions back at once, and says which it restarted', async () => {
    const running = await start();
    await running.fault(EAST_1, 'kill');
    const pid = await pidOf(running, EAST_2);
    if (pid === null) throw new Error('no process');
    process.kill(pid, 'SIGKILL');
    await until('it has noticed', async () => (await pidOf(running, EAST_2)) === null);
    const response = await fetch(`${running.addresses.control}/faults`, { method: 'DELETE' });
    expect(await response.json()).toMatchObject({
      healed: [{ region: EAST_1, kind: 'kill' }],
      restarted: [EAST_1, EAST_2],
    });
    for (const region of [EAST_1, EAST_2]) {
      expect((await call(`${apiOf(running, region)}/process`, { body: newPayment() })).status).toBe(
        200,
      );
    }
  });
});

describe('a Region that does not start', () => {
  it('keeps neither the other Region nor the stop of the twin waiting', async () => {
    const running = await start();
    const regionsOf = async () =>
      (await childrenOf(running.process.pid)).filter(({ command }) =>
        command.includes('region/main'),
      );
    await running.fault(EAST_1, 'kill');
    const before = new Set((await regionsOf()).map(({ pid }) => pid));
    let healed = false;
    const healing = running.heal(EAST_1).then(
      () => (healed = true),
      () => undefined,
    );
    await until('its new process stands still', async () => {
      const fresh = (await regionsOf()).find(({ pid }) => !before.has(pid));
      if (fresh === undefined) return false;
      process.kill(fresh.pid, 'SIGSTOP');
      return true;
    });
    await running.fault(EAST_2, 'latency', { service: 'api', latencyMs: 1 });
    expect((await call(`${apiOf(running, EAST_2)}/process`, { body: newPayment() })).status).toBe(
      200,
    );
    expect(healed).toBe(false);
    const pids = (await childrenOf(running.process.pid)).map(({ pid }) => pid);
    expect(await running.stop()).toBe(0);
    await healing;
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

describe('the witness', () => {
  it('is named when it is cut off, and without it one lost Region stops the other', async () => {
    const running = await start();
    await running.fault('us-west-2', 'isolate');
    expect((await running.status()).witness).toMatchObject({
      name: 'us-west-2',
      condition: 'isolated',
      faults: [{ kind: 'isolate' }],
    });
    const pay = () => call(`${apiOf(running, EAST_2)}/process`, { body: newPayment() });
    expect((await pay()).status).toBe(200);
    await running.fault(EAST_1, 'kill');
    expect((await pay()).status).toBe(503);
    await running.heal('us-west-2');
    expect((await pay()).status).toBe(200);
  });
});

async function childrenOf(pid: number | undefined): Promise<{ pid: number; command: string }[]> {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return rows
    .split('\n')
    .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row))
    .filter((match) => match !== null && Number(match[2]) === pid)
    .map((match) => ({ pid: Number(match?.[1]), command: match?.[3] ?? '' }));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
