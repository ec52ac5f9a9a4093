import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { gatewayBehaviour, renderGateway } from '#cli/commands/gateway.ts';
import { parseShare } from '#cli/parse-options.ts';
import { synthesisArguments } from '#cli/prepare-assembly.ts';
import { plain } from '#cli/terminal.ts';

const bin = fileURLToPath(new URL('../../../bin/holdfast.mjs', import.meta.url));

// Each test starts processes, and a busy machine is no fault of theirs.
vi.setConfig({ testTimeout: 30_000 });

let child: ChildProcess | null = null;
afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
});

function started(...args: string[]): ChildProcess {
  child = spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1' },
  });
  return child;
}

async function ended(process: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  process.stderr?.on('data', (chunk) => (stderr += String(chunk)));
  const [code] = (await once(process, 'close')) as [number | null];
  return { code, stderr };
}

describe('holdfast gateway', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('serves until %s', async (signal) => {
    const running = started('gateway', '--port', '0', '--hang-rate', '0.5', '--json');
    const [line] = (await once(running.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const { url } = JSON.parse(String(line)) as { url: string };
    const behaviour = await fetch(`${url}/control/behaviour`);
    expect(await behaviour.json()).toMatchObject({ hangRate: 0.5, declineRate: 0 });
    running.kill(signal);
    expect(await ended(running)).toEqual({ code: 0, stderr: '' });
  });

  test('ends at once though an answer is due later', async () => {
    const running = started('gateway', '--port', '0', '--late-ms', '600000', '--json');
    const [line] = (await once(running.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    const { url } = JSON.parse(String(line)) as { url: string };
    const headers = {
      authorization: 'Bearer any',
      'idempotency-key': 'k-1',
      'content-type': 'application/json',
    };
    const body = JSON.stringify({ amount_minor: '1', currency: 'USD', customer_id: 'c-1' });
    const cut = fetch(`${url}/charges`, { method: 'POST', headers, body }).catch(() => 'cut');
    // Charged: what is left of the request is the wait for its answer.
    await vi.waitUntil(async () => {
      const ledger = await fetch(`${url}/control/ledger`);
      return ((await ledger.json()) as { charges: unknown[] }).charges.length === 1;
    });
    running.kill('SIGINT');
    expect(await ended(running)).toEqual({ code: 0, stderr: '' });
    expect(await cut).toBe('cut');
  });

  test.each([
    { args: ['--port', '80'], text: 'Use a whole number from 1024 to 65535' },
    { args: ['--decline-rate', '2'], text: 'up to 1' },
    { args: ['--late-ms', '0'], text: 'Use a whole number from 1 to 600000' },
    { args: ['--late-rate', '0.5'], text: 'lateRate: say with lateMs' },
  ])('rejects $args with 2', async ({ args, text }) => {
    const result = await ended(started('gateway', '--port', '0', ...args));
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(text);
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('makes every answer late when only the lateness is given', () => {
    expect(gatewayBehaviour({ lateMs: 5 })).toEqual({ lateRate: 1, lateMs: 5 });
    expect(gatewayBehaviour({ lateMs: 5, lateRate: 0.5 })).toEqual({ lateRate: 0.5, lateMs: 5 });
    expect(gatewayBehaviour({ hangRate: 1 })).toEqual({ hangRate: 1 });
  });

  test.each([
    ['0', 0],
    ['0.0', 0],
    ['.25', 0.25],
    ['1', 1],
  ])('takes the share %s', (text, share) => {
    expect(parseShare(text)).toBe(share);
  });

  test.each(['', '.', '-1', '1.1', 'x'])('rejects the share %j', (text) => {
    expect(() => parseShare(text)).toThrow(/up to 1/);
  });

  test('says how to use it, within 80 columns', () => {
    const text = renderGateway({ url: 'http://127.0.0.1:8090' }, plain);
    expect(text).toContain('npm start -- --gateway http://127.0.0.1:8090\n');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('holdfast start --gateway', () => {
  const request = {
    root: '/r',
    outDir: '/o',
    suffix: 'dev',
    access: 'open',
    consistency: 'strong',
    profile: 'aws',
  } as const;

  test('has the templates synthesized for that gateway', () => {
    const gatewayUrl = 'https://pay.example.com/v1';
    expect(synthesisArguments({ ...request, gatewayUrl })).toEqual([
      join('/r', 'src', 'infra', 'app.ts'),
      ...['-c', 'environmentSuffix=dev', '-c', 'apiAccess=open', '-c', 'consistency=strong'],
      ...['-c', 'domainName=api.holdfast.test', '-c', 'hostedZoneName=holdfast.test'],
      ...['-c', 'hostedZoneId=Z0TWIN'],
      ...['-c', 'gateway=http', '-c', 'gatewayUrl=https://pay.example.com/v1'],
      ...['--output', '/o'],
    ]);
  });

  test('says nothing of a gateway when there is none', () => {
    const given = synthesisArguments({ ...request, gatewayUrl: null });
    expect(given.filter((argument) => argument.includes('gateway'))).toEqual([]);
  });

  test.each([
    { args: ['--gateway', 'http://pay.example.com'], text: 'Please use https' },
    { args: ['--gateway', 'https://pay.example.com/?a=b'], text: 'leave out the query' },
    { args: ['--gateway', 'https://u:p@pay.example.com'], text: 'leave the credentials out' },
    { args: ['--gateway', 'https://pay.example.com', '--assembly', '.'], text: 'leave one out' },
  ])('rejects $args with 2', async ({ args, text }) => {
    const result = await ended(started('start', ...args));
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(text);
  });
});
