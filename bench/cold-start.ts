/** Process start to first answer: the processor's bundle against a bare handler, in turns. */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { percentile, type Spread, spreadOf } from './statistics.ts';
import { type BenchTwin, ROOT } from './twin.ts';

export interface ColdStart {
  readonly processorMs: Spread;
  readonly bareMs: Spread;
  /** Median of the ratios, pair by pair: the machine's drift falls out. */
  readonly ratio: number;
  readonly pairs: number;
}

const PAIRS = 15;

export async function benchColdStart(twin: BenchTwin): Promise<ColdStart> {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-bare-'));
  const bare = join(scratch, 'index.mjs');
  await build({
    entryPoints: [join(ROOT, 'bench/bare-handler.ts')],
    outfile: bare,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: {
      js: "import{createRequire as benchBareRequire}from'node:module';const require=benchBareRequire(import.meta.url);",
    },
  });
  const processor = join(ROOT, 'dist/functions/process/index.mjs');
  const times = { processor: [] as number[], bare: [] as number[] };
  try {
    for (let pair = -1; pair < PAIRS; pair += 1) {
      const first = await timeOnce(processor, twin);
      const second = await timeOnce(bare, twin);
      if (pair < 0) continue; // the first pair fills the disk cache
      times.processor.push(first);
      times.bare.push(second);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
  const ratios = times.processor.map((ms, index) => ms / (times.bare[index] ?? Number.NaN));
  return {
    processorMs: spreadOf(times.processor),
    bareMs: spreadOf(times.bare),
    ratio: percentile(ratios, 0.5),
    pairs: PAIRS,
  };
}

function timeOnce(bundle: string, twin: BenchTwin): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(ROOT, 'bench/first-answer.mjs'), bundle], {
      env: {
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: twin.addresses.aws,
        AWS_ACCESS_KEY_ID: 'operator',
        AWS_SECRET_ACCESS_KEY: 'operator',
        PAYMENTS_TABLE: 'payments-dev',
        ENVIRONMENT_SUFFIX: 'dev',
        TRANSACTION_TOPIC_ARN: 'arn:aws:sns:us-east-1:111111111111:transactions-dev',
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
    child.once('close', (code) => {
      if (code === 0) resolve(performance.now() - startedAt);
      else reject(new Error(`${bundle} answered badly: ${stderr}`));
    });
  });
}
