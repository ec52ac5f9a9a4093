/** Starting, refusing to start, stopping, and surviving kill -9. */

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { itemsOf } from '../../support/payments-table.ts';
import {
  apiOf,
  call,
  EAST_1,
  EAST_2,
  freeBasePort,
  newPayment,
  REGIONS,
  type RunningTwin,
  startTwinProcess,
  until,
} from '../../support/running-twin.ts';
import { ROOT } from '../../support/source-files.ts';

let directory: string;
const twins: RunningTwin[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-start-'));
});
afterEach(async () => {
  for (const twin of twins.splice(0)) await twin.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Parameters<typeof startTwinProcess>[0] = {}): Promise<RunningTwin> {
  const twin = await startTwinProcess({ directory, ...options });
  twins.push(twin);
  return twin;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function holdfast(
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    const bin = join(ROOT, 'bin/holdfast.mjs');
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin, ...args], {
      cwd: directory,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('holdfast start', () => {
  it('writes the twin file, serves the CLI, and Ctrl-C stops everything that it started', async () => {
    const twin = await start({ synthesize: true });
    const file = JSON.parse(readFileSync(join(directory, '.holdfast/twin.json'), 'utf8')) as {
      addresses: unknown;
    };
    expect(file.addresses).toEqual(twin.addresses);
    const status = await holdfast('status', '--json');
    expect(status.code).toBe(0);
    const { regions } = JSON.parse(status.stdout) as { regions: { name: string; pid: number }[] };
    expect(regions.map(({ name }) => name)).toEqual([EAST_1, EAST_2]);

    expect((await holdfast('fault', EAST_1, 'freeze')).code).toBe(0);
    expect((await holdfast('status')).stdout).toContain('frozen');
    // A frozen Region must not outlive the twin either.
    expect(await twin.stop()).toBe(0);
    await until('the Regions are gone', async () => regions.every(({ pid }) => !isAlive(pid)));
    expect(existsSync(join(directory, '.holdfast/twin.json'))).toBe(false);
    const after = await holdfast('status');
    expect([after.code, after.stdout]).toEqual([1, '']);
    expect(after.stderr).toContain('npm start');
    expect(after.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('names resource types that it does not run', async () => {
    const twin = await start();
    const { notRun } = await twin.status();
    expect(new Set(notRun.map(({ type }) => type))).toContain('AWS::CloudWatch::Dashboard');
  });

  it('rejects a taken port, naming it', async () => {
    const base = await freeBasePort();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(base + 3, '127.0.0.1', resolve));
    const { code, stderr } = await holdfast('start', '--port', String(base));
    server.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`${base + 3}/tcp (the AWS endpoint)`);
  });

  it('rejects an assembly whose bundle is missing, naming the function and its folder', async () => {
    const assembly = join(directory, 'assembly');
    cpSync(inject('assembly'), assembly, { recursive: true });
    const [asset = ''] = readdirSync(assembly).filter((name) => name.startsWith('asset.'));
    rmSync(join(assembly, asset, 'index.mjs'));
    const port = String(await freeBasePort());
    const { code, stderr } = await holdfast('start', '--port', port, '--assembly', assembly);
    expect(code).toBe(1);
    expect(stderr).toContain(asset);
    expect(stderr).toMatch(/Function (payment-[a-z]+|failover-orchestrator)-dev/);
  });

  it('rejects a second twin in the same folder and on the same data', async () => {
    const data = join(directory, 'data');
    await start({ args: ['--data', data] });
    const here = await holdfast('start', '--port', String(await freeBasePort()));
    expect([here.code, here.stderr]).toEqual([1, expect.stringContaining('runs here already')]);
    const elsewhere = mkdtempSync(join(tmpdir(), 'holdfast-other-'));
    await expect(
      startTwinProcess({ directory: elsewhere, args: ['--data', data] }),
    ).rejects.toThrow(/is in use by another twin \(process \d+\)/);
    rmSync(elsewhere, { recursive: true });
  });

  it.each([
    [['--port', '80'], 'port'],
    [['--port', 'x'], 'port'],
    [['--profile', 'slow'], 'profile'],
    [['--suffix', 'Not_Valid'], 'suffix'],
    [['--nonsense'], 'nonsense'],
  ])('rejects %s', async (args, named) => {
    const { code, stderr } = await holdfast('start', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
    expect(stderr).not.toContain('    at ');
  });
});

describe('--data', () => {
  it('keeps every acknowledged payment across kill -9 of the whole twin', async () => {
    const data = join(directory, 'data');
    const first = await start({ args: ['--data', data] });
    const before = await first.status();
    const payments = Array.from({ length: 60 }, () => newPayment());
    const acknowledged = new Map<number, string>();
    const working = payments.map(async (payment, index) => {
      const where = REGIONS[index % 2] ?? EAST_1;
      const answer = await call(`${apiOf(first, where)}/process`, { body: payment }).catch(
        () => null,
      );
      if (answer?.status === 200) acknowledged.set(index, answer.text);
    });
    await until('some are acknowledged', async () => acknowledged.size >= 10);
    first.process.kill('SIGKILL');
    await Promise.all(working);
    twins.length = 0;
    await until('nothing of it is left', async () =>
      before.regions.every(({ pid }) => pid === null || !isAlive(pid)),
    );

    const second = await start({ args: ['--data', data] });
    for (const [index, text] of acknowledged) {
      const id = payments[index]?.transaction_id;
      for (const region of REGIONS) {
        const items = await itemsOf(second.dynamodb(region), id);
        expect(items.length).toBe(2);
      }
      const repeat = await call(`${apiOf(second, EAST_2)}/process`, { body: payments[index] });
      expect([repeat.status, repeat.text]).toEqual([200, text]);
    }
    // What was not acknowledged is everywhere or nowhere.
    for (const { transaction_id } of payments) {
      const east1 = await itemsOf(second.dynamodb(EAST_1), transaction_id);
      const east2 = await itemsOf(second.dynamodb(EAST_2), transaction_id);
      expect(east1).toEqual(east2);
    }
  });
});
