/** Starts a real twin, the way a user does, in a folder of its own, and talks to it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { inject } from 'vitest';
import type { TwinAddresses } from '#twin/control/addresses.ts';
import type { TwinStatus } from '#twin/control/twin-status.ts';
import { ROOT } from './source-files.ts';

export const EAST_1 = 'us-east-1';
export const EAST_2 = 'us-east-2';
export const REGIONS = [EAST_1, EAST_2] as const;
export const TABLE = 'payments-dev';

export interface RunningTwin {
  readonly addresses: TwinAddresses;
  readonly directory: string;
  readonly process: ChildProcess;
  /** Everything that it wrote to stderr so far. */
  stderr(): string;
  stdout(): string;
  status(): Promise<TwinStatus>;
  fault(region: string, kind: string, options?: Record<string, unknown>): Promise<void>;
  heal(region?: string): Promise<void>;
  dynamodb(region: string): DynamoDBClient;
  sqs(region: string): SQSClient;
  sns(region: string): SNSClient;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface TwinStart {
  /** Synthesize anew, as a user's `npm start` does, instead of booting the tests' assembly. */
  readonly synthesize?: boolean;
  readonly args?: readonly string[];
  readonly directory?: string;
  readonly basePort?: number;
}

/** Runs `holdfast start` and resolves when it is ready; rejects with what it printed if it ends. */
export async function startTwinProcess(start: TwinStart = {}): Promise<RunningTwin> {
  const ownDirectory = start.directory === undefined;
  const directory = start.directory ?? mkdtempSync(join(tmpdir(), 'holdfast-twin-'));
  const basePort = start.basePort ?? (await freeBasePort());
  const args = [
    ...['start', '--json', '--port', `${basePort}`],
    ...(start.synthesize === true ? [] : ['--assembly', inject('assembly')]),
    ...(start.args ?? []),
  ];
  const child = spawn(process.execPath, [join(ROOT, 'bin/holdfast.mjs'), ...args], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const ready = await new Promise<{ addresses: TwinAddresses }>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
      const end = stdout.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(stdout.slice(0, end)) as { addresses: TwinAddresses });
    });
    child.once('close', (code) => reject(new Error(`exit ${code}: ${stderr}`)));
  });
  const { addresses } = ready;
  const clients: { destroy(): void }[] = [];
  const keep = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client);
    return client;
  };
  const options = (region: string) => ({
    region,
    endpoint: addresses.aws,
    credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    maxAttempts: 1,
  });

  return {
    addresses,
    directory,
    process: child,
    stderr: () => stderr,
    stdout: () => stdout,
    status: async () => (await (await fetch(`${addresses.control}/status`)).json()) as TwinStatus,
    fault: async (region, kind, more = {}) => {
      const response = await fetch(`${addresses.control}/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ region, kind, ...more }),
      });
      if (response.status !== 201) throw new Error(await response.text());
    },
    heal: async (region) => {
      const path = region === undefined ? '/faults' : `/faults/${region}`;
      const response = await fetch(`${addresses.control}${path}`, { method: 'DELETE' });
      if (!response.ok) throw new Error(await response.text());
    },
    dynamodb: (region) => keep(new DynamoDBClient(options(region))),
    sqs: (region) => keep(new SQSClient(options(region))),
    sns: (region) => keep(new SNSClient(options(region))),
    stop: async () => {
      for (const client of clients) client.destroy();
      const ended =
        child.exitCode !== null || child.signalCode !== null
          ? Promise.resolve(child.exitCode)
          : new Promise<number | null>((resolve) => child.once('close', resolve));
      child.kill('SIGINT');
      const code = await ended;
      if (ownDirectory) rmSync(directory, { recursive: true, force: true });
      return code;
    },
  };
}

/** The API of a Region, or the global entry. */
export function apiOf(twin: RunningTwin, where: string): string {
  return where === 'entry' ? twin.addresses.entry : (twin.addresses.regions[where] ?? '');
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; fails when it is none. */
  json(): Record<string, unknown>;
}

/** One request; `body` objects are sent as JSON, strings as they are. */
export async function call(
  url: string,
  options: {
    readonly method?: string;
    readonly body?: unknown;
    readonly headers?: Record<string, string>;
    readonly timeoutMs?: number;
  } = {},
): Promise<Answer> {
  const { body } = options;
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { 'content-type': 'application/json', ...options.headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

export interface TestPayment {
  readonly transaction_id: string;
  readonly customer_id: string;
  readonly amount: number | string;
  readonly currency: string;
}

let made = 0;
/** A payment with an id of its own. */
export function newPayment(changes: Partial<TestPayment> = {}): TestPayment {
  made += 1;
  const transaction_id = `txn-${process.pid}-${Date.now()}-${made}`;
  return { transaction_id, customer_id: 'cust-1', amount: 99.99, currency: 'USD', ...changes };
}

/** Polls until `check` is true; fails with `what` after 30 s. For conditions that take real time. */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const endAt = Date.now() + 30_000;
  while (Date.now() < endAt) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`never came true: ${what}`);
}

/** A port with five free ones after it. */
export async function freeBasePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all([0, 1, 2, 3, 4, 5].map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error('no six free ports in a row');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
