/**
 * The benchmarks, side by side in one run: simulated failovers, start of a function, payments through the global
 * entry, memory of all the twin's processes. Prints medians with their spread, and each aim beside its figure.
 *
 *     npm run bench                       everything, about ten minutes
 *     npm run bench -- --quick            shorter, wider spread
 *     npm run bench -- --only cold        one of simulate, cold, throughput, accept, sweep, memory
 *     npm run bench -- --json             the figures as one JSON document
 */

import { arch, cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { benchAccept } from './accept.ts';
import { benchSdkCall } from './calibration.ts';
import { benchColdStart } from './cold-start.ts';
import { drive } from './load.ts';
import { benchSimulate } from './simulate.ts';
import { formatSpread, percentile, spreadOf } from './statistics.ts';
import { benchSweep } from './sweep.ts';
import { type BenchTwin, memoryOfTree, startBenchTwin } from './twin.ts';

const PARTS = ['simulate', 'cold', 'throughput', 'accept', 'sweep', 'memory'] as const;
type Part = (typeof PARTS)[number];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const only = PARTS.find((part) => part === values.only);
if (values.only !== undefined && only === undefined) {
  console.error(`--only takes one of ${PARTS.join(', ')}`);
  process.exit(2);
}
const ROUNDS = values.quick ? 2 : 5;
const ROUND_MS = values.quick ? 3_000 : 8_000;
const SWEPT_PAYMENTS = values.quick ? 4_000 : 20_000;
const SIMULATED_ROUNDS = values.quick ? 2 : 3;
const SIMULATED_SEEDS = values.quick ? 300 : 3_000;
const MEMORY_PAYMENTS = values.quick ? 10_000 : 50_000;

const rows: { readonly what: string; readonly figure: string; readonly aim: string }[] = [];
const raw: Record<string, unknown> = {};
const isWanted = (part: Part): boolean => only === undefined || only === part;
const progress = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
};

// First, and alone: it takes every core that it is given.
if (isWanted('simulate')) for (const workers of [1, 2]) await simulate(workers);
if (only !== 'simulate') await withTwin();
print();

function add(what: string, figure: string, aim: string): void {
  rows.push({ what, figure, aim });
}

async function withTwin(): Promise<void> {
  progress('calibrating');
  const sdkCall = await benchSdkCall();
  raw['sdkCallCpuMs'] = sdkCall;
  add('calibration: CPU of one SDK call, bare server', formatSpread(sdkCall, 'ms', 2), '');
  const twin = await startBenchTwin();
  try {
    add('npm start, command to ready', `${(twin.startupMs / 1_000).toFixed(1)} s`, '≤ 10 s');
    raw['startupMs'] = twin.startupMs;
    if (isWanted('memory')) await memoryAtStart(twin);
    if (isWanted('cold')) await coldStart(twin);
    if (isWanted('throughput')) await throughput(twin);
    if (isWanted('accept')) await accept(twin);
    if (isWanted('sweep')) await sweep(twin);
    if (isWanted('memory')) await memoryAfterLoad(twin);
  } finally {
    await twin.stop();
  }
}

async function simulate(workers: number): Promise<void> {
  const options = { workers, rounds: SIMULATED_ROUNDS, seeds: SIMULATED_SEEDS, progress };
  const result = await benchSimulate(options);
  raw[`simulate${workers}`] = result;
  const name = `simulator, ${workers} thread${workers === 1 ? '' : 's'}`;
  const rounds = `${SIMULATED_ROUNDS} rounds of ${SIMULATED_SEEDS.toLocaleString('en')} seeds`;
  const failovers = formatSpread(spreadOf(result.failoversPerSecond), 'failovers/s');
  add(`${name}: complete failovers (${rounds})`, failovers, '');
  add(`${name}: payments`, formatSpread(spreadOf(result.paymentsPerSecond), 'payments/s'), '');
  const cpu = formatSpread(spreadOf(result.cpuMsPerRun), 'ms', 2);
  add(`${name}: CPU of one run`, cpu, workers === 1 ? '≤ 2 ms' : '');
  if (workers > 1) return;
  const complete = `${(result.completeShare * 100).toFixed(1)} %`;
  add('simulator: runs that are a complete failover', complete, '');
  add('simulator: runs in which traffic moved', `${(result.moveShare * 100).toFixed(1)} %`, '');
}

async function coldStart(of: BenchTwin): Promise<void> {
  progress('starting functions, in turns');
  const cold = await benchColdStart(of);
  raw['coldStart'] = cold;
  const runs = `${cold.pairs} pairs`;
  add(`first answer: processor (${runs})`, formatSpread(cold.processorMs, 'ms'), '≤ 150 ms');
  add(`first answer: bare handler (${runs})`, formatSpread(cold.bareMs, 'ms'), '');
  add('processor / bare, median of pairs', cold.ratio.toFixed(2), '≤ 1.5');
}

async function throughput(of: BenchTwin): Promise<void> {
  const url = of.addresses.entry;
  await drive({ url, connections: 32, until: (_sent, elapsedMs) => elapsedMs > 3_000 }); // warm-up
  const before = await countItems(of);
  let payments = 0;
  for (const connections of [1, 32]) {
    const rounds = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      progress(`${connections} connections, round ${round} of ${ROUNDS}`);
      const until = (_sent: number, elapsedMs: number): boolean => elapsedMs > ROUND_MS;
      const result = await drive({ url, connections, until });
      if (result.failures > 0) throw new Error(`${result.failures} payments were not answered 200`);
      payments += result.payments;
      rounds.push({
        perSecond: result.payments / result.seconds,
        p50Ms: percentile(result.latenciesMs, 0.5),
        p99Ms: percentile(result.latenciesMs, 0.99),
      });
    }
    raw[`throughput${connections}`] = rounds;
    const name = `global entry, ${connections} connection${connections === 1 ? '' : 's'}`;
    const of32 = connections === 32;
    const rate = spreadOf(rounds.map(({ perSecond }) => perSecond));
    add(`${name}: rate (${ROUNDS} rounds)`, formatSpread(rate, 'payments/s'), of32 ? '≥ 300' : '');
    add(`${name}: p50`, formatSpread(spreadOf(rounds.map(({ p50Ms }) => p50Ms)), 'ms', 1), '');
    const p99 = formatSpread(spreadOf(rounds.map(({ p99Ms }) => p99Ms)), 'ms', 1);
    add(`${name}: p99`, p99, of32 ? '≤ 150 ms' : '');
  }
  progress('counting what both Regions have');
  const after = await countItems(of);
  for (const [region, count] of after) {
    const stored = count - (before.get(region) ?? 0);
    // A journal and a payment item each: a run that is not replicated is no figure.
    if (stored !== payments * 2) {
      throw new Error(`${region} has ${stored} new items for ${payments} payments`);
    }
  }
  add('replicated: payments found in both Regions', `${payments} of ${payments}`, 'all');
}

async function accept(of: BenchTwin): Promise<void> {
  const result = await benchAccept(of, { rounds: ROUNDS, roundMs: ROUND_MS, progress });
  raw['accept'] = result;
  const accepted = formatSpread(spreadOf(result.acceptedPerSecond), 'payments/s');
  add(`POST /payments, 32 connections: accepted (${ROUNDS} rounds)`, accepted, '');
  add('POST /payments: p99', formatSpread(spreadOf(result.p99Ms), 'ms', 1), '');
  const finished = `${result.finishedPerSecond.toFixed(0)} payments/s`;
  add('POST /payments: accepted and finished, all of them', finished, '');
}

async function sweep(of: BenchTwin): Promise<void> {
  const result = await benchSweep(of, { payments: SWEPT_PAYMENTS, progress });
  raw['sweep'] = result;
  const count = result.payments.toLocaleString('en');
  const rate = `${result.perSecond.toFixed(0)} payments/s`;
  add(`sweep of ${count} open payments, both Regions' sweepers`, rate, '≥ 200');
  const memory = `${result.memoryBeforeMb.toFixed(0)} → ${result.memoryMaxMb.toFixed(0)} MB`;
  add('memory before the sweep → at most during it', memory, 'bounded');
  const during = `${result.idleP50Ms.toFixed(1)} → ${result.busyP50Ms.toFixed(1)} ms`;
  add('/process, 1 connection, p50: before → during the sweep', during, 'not starved');
  const p99 = `${result.idleP99Ms.toFixed(1)} → ${result.busyP99Ms.toFixed(1)} ms`;
  add('/process, 1 connection, p99: before → during the sweep', p99, '');
}

async function memoryAtStart(of: BenchTwin): Promise<void> {
  // Let start-up's garbage go.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await reportMemory(of, 'at start');
}

async function memoryAfterLoad(of: BenchTwin): Promise<void> {
  const url = of.addresses.entry;
  for (const share of [0.5, 1]) {
    const target = MEMORY_PAYMENTS / 2;
    const result = await drive({
      url,
      connections: 32,
      until: (sent) => sent >= target,
      onProgress: (sent) => {
        if (sent % 500 === 0) progress(`memory: ${sent} of ${target} payments`);
      },
    });
    if (result.failures > 0) throw new Error(`${result.failures} payments were not answered 200`);
    await reportMemory(of, `after ${(MEMORY_PAYMENTS * share).toLocaleString('en')} payments`);
  }
}

async function reportMemory(of: BenchTwin, when: string): Promise<void> {
  const processes = await memoryOfTree(of.pid);
  const total = processes.reduce((sum, { rssMb }) => sum + rssMb, 0);
  raw[`memory ${when}`] = processes;
  const aim = when === 'at start' ? '' : '≤ 600 MB, flat';
  add(`memory ${when} (${processes.length} processes)`, `${total.toFixed(0)} MB`, aim);
}

/** Items in each Region's own replica, by eventually consistent scans. */
async function countItems(of: BenchTwin): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const region of Object.keys(of.addresses.regions)) {
    const client = new DynamoDBClient({
      region,
      endpoint: of.addresses.aws,
      credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    });
    let count = 0;
    let start: Record<string, never> | undefined;
    do {
      const page = await client.send(
        new ScanCommand({
          TableName: 'payments-dev',
          Select: 'COUNT',
          ...(start === undefined ? {} : { ExclusiveStartKey: start }),
        }),
      );
      count += page.Count ?? 0;
      start = page.LastEvaluatedKey as typeof start;
    } while (start !== undefined);
    client.destroy();
    counts.set(region, count);
  }
  return counts;
}

function print(): void {
  progress('');
  if (values.json) {
    console.log(JSON.stringify({ node: process.version, rows, raw }, null, 2));
    return;
  }
  const [cpu] = cpus();
  const memoryGb = (totalmem() / 2 ** 30).toFixed(0);
  console.log(
    `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? arch()}, ${memoryGb} GB`,
  );
  console.log('median (min–max)\n');
  const widths = [
    Math.max(...rows.map(({ what }) => what.length)),
    Math.max(...rows.map(({ figure }) => figure.length)),
  ] as const;
  for (const { what, figure, aim } of rows) {
    const aimed = aim === '' ? '' : `aim ${aim}`;
    console.log(`${what.padEnd(widths[0])}  ${figure.padEnd(widths[1])}  ${aimed}`.trimEnd());
  }
}
