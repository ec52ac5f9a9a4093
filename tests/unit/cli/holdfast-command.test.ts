import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTwinClient } from '#cli/twin-client.ts';
import { addressesOf, portsFrom } from '#twin/control/addresses.ts';
import { type ControlServer, startControlServer } from '#twin/control/control-server.ts';
import { writeTwinFile } from '#twin/control/twin-file.ts';
import { createFaultBoard } from '#twin/faults/fault-board.ts';
import { regionStatus, twinStatus } from '../twin/control/twin-status-fixture.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const bin = join(root, 'bin/holdfast.mjs');
const names = ['us-east-1', 'us-east-2'];

// Each test starts processes, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 30_000 });

let directory: string;
let server: ControlServer;
let stranger: Server;
let twin: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  const board = createFaultBoard({
    regions: names,
    witness: 'us-west-2',
    clock: { nowEpochMs: () => 1_767_225_600_000 },
    random: () => 0.5,
  });
  server = await startControlServer({
    port: 0,
    pageDirectory: join(root, 'src/console'),
    onError: () => {},
    controller: {
      async status() {
        const regions = names.map((name) =>
          regionStatus(name, {
            condition: board.conditionOf(name),
            faults: board.active().filter(({ region }) => region === name),
          }),
        );
        return twinStatus({ regions });
      },
      inject: async (request) => board.inject(request),
      async heal(region, faultId) {
        if (faultId === undefined) return { healed: board.heal(region), restarted: [] };
        const healed = board.healOne(board.find(faultId, region).id);
        return { healed: healed === null ? [] : [healed], restarted: [] };
      },
      duplicateDeliveries: () => {},
    },
  });
  twin = `http://127.0.0.1:${server.port}`;
  stranger = createServer((_request, response) => response.end('<h1>hello</h1>'));
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await server.close();
  stranger.closeAllConnections();
  await new Promise((resolve) => stranger.close(resolve));
  await rm(directory, { recursive: true });
});

interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function started(
  args: readonly string[],
  nodeArgs: readonly string[] = [],
  file = bin,
): ChildProcess {
  return spawn(process.execPath, [...nodeArgs, file, ...args], {
    cwd: directory,
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  });
}

async function ended(child: ChildProcess): Promise<Result> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}

const holdfast = (...args: string[]) => ended(started(args));

describe('verbs', () => {
  test('injects, shows and heals a fault', async () => {
    expect(await holdfast('fault', 'us-east-1', 'kill', '--twin', twin)).toEqual({
      code: 0,
      stdout: 'fault us-east-1: kill\nHeal it with: npx holdfast heal us-east-1\n',
      stderr: '',
    });
    const status = await holdfast('--twin', twin, 'status');
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toContain('us-east-1  killed');
    expect(await holdfast('heal', '--twin', twin)).toMatchObject({
      code: 0,
      stdout: 'healed us-east-1: kill\n',
    });
    expect((await holdfast('heal', 'us-east-1', '--twin', twin)).stdout).toBe(
      'No faults to heal in us-east-1.\n',
    );
  });

  test('loses one way of a link, and heals that fault alone', async () => {
    const way = ['--direction', 'out', '--peer', 'us-east-2', '--json'];
    const partition = await holdfast('fault', 'us-east-1', 'partition', ...way, '--twin', twin);
    const { id, ...rest } = JSON.parse(partition.stdout) as { id: string };
    expect(rest).toMatchObject({ kind: 'partition', direction: 'out', peer: 'us-east-2' });
    await holdfast('fault', 'us-east-1', 'stale-dns', '--twin', twin);
    expect(await holdfast('heal', '--id', id, '--twin', twin)).toMatchObject({
      code: 0,
      stdout: 'healed us-east-1: partition: nothing gets out to us-east-2\n',
    });
    expect(await holdfast('heal', '--id', id, '--twin', twin)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/No fault fault-\d+ is in force \(in force: fault-\d+\)/),
    });
    expect((await holdfast('heal', '--twin', twin)).stdout).toBe(
      'healed us-east-1: stale DNS answers\n',
    );
    expect(await holdfast('fault', 'us-east-1', 'partition', '--twin', twin)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('for example --direction out'),
    });
  });

  test('prints JSON alone on request', async () => {
    const args = ['latency', '--service', 'dynamodb', '--operation', 'PutItem', '--ms', '400'];
    const fault = await holdfast('fault', 'us-east-2', ...args, '--json', '--twin', twin);
    expect(JSON.parse(fault.stdout)).toMatchObject({
      region: 'us-east-2',
      kind: 'latency',
      service: 'dynamodb',
      operation: 'PutItem',
      latencyMs: 400,
    });
    const healed = JSON.parse(
      (await holdfast('heal', 'us-east-2', '--json', '--twin', twin)).stdout,
    );
    expect(healed.healed).toHaveLength(1);
    expect(JSON.parse((await holdfast('status', '--json', '--twin', twin)).stdout)).toMatchObject({
      suffix: 'dev',
    });
  });

  test('takes a crash and a pause, with what belongs to them', async () => {
    const at = ['--service', 'dynamodb', '--operation', 'PutItem', '--moment', 'after'];
    const crash = await holdfast(
      'fault',
      'us-east-1',
      'crash',
      ...at,
      '--skip',
      '2',
      '--twin',
      twin,
    );
    expect(crash.stdout).toContain('fault us-east-1: crash after dynamodb PutItem, 2 to skip\n');
    const pause = await holdfast('fault', 'us-east-1', 'pause', '--twin', twin);
    expect(pause.stdout).toContain('fault us-east-1: pause of replication\n');
    await holdfast('heal', '--twin', twin);
  });

  test('hits every call when no rate is given', async () => {
    const fault = await holdfast('fault', 'us-east-2', 'errors', '--json', '--twin', twin);
    expect(JSON.parse(fault.stdout)).toMatchObject({ rate: 1 });
    await holdfast('heal', '--twin', twin);
  });

  test('finds the twin through its file', async () => {
    const folder = join(directory, 'found');
    await mkdir(folder);
    await writeTwinFile(folder, {
      version: 1,
      pid: process.pid,
      startedAt: '2026-01-01T00:00:00.000Z',
      suffix: 'dev',
      addresses: { ...addressesOf(portsFrom(8_080, names)), control: twin },
      dataDirectory: null,
    });
    const child = spawn(process.execPath, [bin, 'status', '--json'], { cwd: folder });
    expect(await ended(child)).toMatchObject({ code: 0, stderr: '' });
  });

  test.each([['--version'], ['--help'], ['help', 'fault'], ['start', '--help']])(
    'answers %s %s on stdout',
    async (...args) => {
      const result = await holdfast(...args);
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(result.stdout).not.toBe('');
    },
  );
});

describe('failures take one line on stderr and an exit code', () => {
  test.each([
    { args: ['nope'], text: "unknown command 'nope'" },
    { args: ['start', '--port', '80'], text: 'Use a whole number from 1024 to 65530' },
    { args: ['start', '--profile', 'slow'], text: 'Allowed choices are fast, aws' },
    { args: ['start', '--access', 'all'], text: 'Allowed choices are open, iam' },
    { args: ['status', '--twin', 'here'], text: 'Use a URL such as' },
    { args: ['fault', 'us-east-1'], text: "missing required argument 'fault'" },
    { args: ['fault', 'us-east-1', 'explode'], text: 'Allowed choices are kill, freeze' },
    { args: ['fault', 'us-east-1', 'latency'], text: 'latency needs --latency-ms' },
    { args: ['fault', 'us-east-1', 'lag'], text: 'lag needs --latency-ms' },
    { args: ['fault', 'us-east-1', 'crash', '--moment', 'after'], text: 'crash needs the call' },
    { args: ['fault', 'us-east-1', 'crash', '--moment', 'during'], text: 'before, after' },
    { args: ['fault', 'us-east-1', 'errors', '--rate', '2'], text: 'above 0 and up to 1' },
    { args: ['status', '--jsn'], text: 'Did you mean --json?' },
  ])('rejects $args with 2', async ({ args, text }) => {
    const result = await holdfast(...args);
    expect(result.code).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr).toContain(text);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('rejects what the twin refuses with 2 and the reason of the twin', async () => {
    const result = await holdfast('fault', 'mars', 'kill', '--twin', twin);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('us-east-1, us-east-2');
  });

  test('ends with 2 and help on stderr when no verb is given', async () => {
    const result = await holdfast();
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('Usage: holdfast');
  });

  test('ends with 1 when no twin runs here', async () => {
    expect(await holdfast('status')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'holdfast: no twin is running here; start one with: npm start\n',
    });
  });

  test('ends with 1 when nothing answers, or something else does', async () => {
    const nobody = await holdfast('status', '--twin', 'http://127.0.0.1:1');
    expect(nobody).toMatchObject({ code: 1 });
    expect(nobody.stderr).toBe(
      'holdfast: no twin answers at http://127.0.0.1:1; start one with: npm start\n',
    );
    const { port } = stranger.address() as AddressInfo;
    const other = await holdfast('status', '--twin', `http://127.0.0.1:${port}`);
    expect(other).toMatchObject({ code: 1 });
    expect(other.stderr).toContain('is not a twin (HTTP 200)');
  });

  test('shows a stack only when asked', async () => {
    const child = spawn(process.execPath, [bin, 'status'], {
      cwd: directory,
      env: { PATH: process.env['PATH'], NO_COLOR: '1', HOLDFAST_DEBUG: '1' },
    });
    expect((await ended(child)).stderr).toMatch(/\n\s+at /);
  });
});

test('a twin that does not answer in time is a fault that says so', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  try {
    await expect(createTwinClient(`http://127.0.0.1:${port}`, 20).status()).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('did not answer within 0.02 s'),
    });
  } finally {
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  }
});

describe('an older Node', () => {
  const pretend = encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.0' } })",
  );
  const asOldNode = ['--import', `data:text/javascript,${pretend}`];

  test('hands over to the pinned Node with arguments, output and exit code', async () => {
    expect(await ended(started(['--version'], asOldNode))).toMatchObject({
      code: 0,
      stdout: '0.1.0\n',
    });
    const wrong = await ended(started(['nope'], asOldNode));
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("unknown command 'nope'");
  });

  test('rejects, with the way to mend it, where no Node is pinned', async () => {
    const checkout = join(directory, 'checkout');
    await cp(bin, join(checkout, 'bin/holdfast.mjs'));
    const result = await ended(started(['status'], asOldNode, join(checkout, 'bin/holdfast.mjs')));
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('needs Node 24');
    expect(result.stderr).toContain('npm install');
  });

  test('passes signals on and ends as a shell reports them', async () => {
    const checkout = join(directory, 'signals');
    await cp(bin, join(checkout, 'bin/holdfast.mjs'));
    await mkdir(join(checkout, 'src/cli'), { recursive: true });
    await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
    await writeFile(
      join(checkout, 'src/cli/main.ts'),
      "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 60_000); console.log('up');",
    );
    const file = join(checkout, 'bin/holdfast.mjs');
    for (const { signal, code } of [
      { signal: 'SIGTERM', code: 7 },
      { signal: 'SIGINT', code: 130 },
    ] as const) {
      const child = started([], asOldNode, file);
      child.stdout?.once('data', () => child.kill(signal));
      expect((await ended(child)).code).toBe(code);
    }
  });
});
