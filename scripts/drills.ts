/**
 * Every drill, one after the other, each on a twin of its own with the profile `fast`.
 *
 *     npm run drills                                  all of them; under ten minutes
 *     npm run drills -- region-loss flapping          only these
 *     npm run drills -- --report ./drills             where the reports go (default: .holdfast/drills/all)
 *
 * Exit codes: 0 all passed, 4 one missed an objective, 2 wrong options, 1 one could not be carried out.
 */

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from '#cli/exit-codes.ts';
import { columns, type Paint, paintFor } from '#cli/terminal.ts';
import type { DrillReport } from '#ops/drill/report/drill-report.ts';
import { lengthText, verdictText } from '#ops/drill/report/words.ts';
import { SCENARIO_NAMES, scenarioNamed } from '#ops/drill/scenarios/scenarios.ts';
import { OpsError } from '#ops/ops-error.ts';

interface Run {
  readonly name: string;
  readonly exitCode: number | null;
  /** Null: the drill could not be carried out. */
  readonly report: DrillReport | null;
  readonly tookMs: number;
}

const ROOT = resolve(import.meta.dirname, '..');
const paint: Paint = paintFor(process.stdout, process.env);

const { values, positionals } = parseArgs({
  options: { report: { type: 'string', default: join('.holdfast', 'drills', 'all') } },
  allowPositionals: true,
});
const names = positionals.length === 0 ? SCENARIO_NAMES : positionals;
try {
  for (const name of names) scenarioNamed(name);
} catch (error) {
  if (!(error instanceof OpsError)) throw error;
  console.error(error.message);
  process.exit(EXIT.usage);
}

let interrupted = false;
// Each drill gets the signal as well, and heals before it ends; here it only means: no further one.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (interrupted = true));

const startedAtMs = performance.now();
const runs: Run[] = [];
for (const [index, name] of names.entries()) {
  if (interrupted) break;
  console.error(
    `[${index + 1}/${names.length}] ${name}, ${minutes(performance.now() - startedAtMs)} gone`,
  );
  const run = await runDrill(name);
  runs.push(run);
  console.log(columns([rowOf(run)]).join('\n'));
}
console.log(`\n${columns(runs.map(rowOf)).join('\n')}`);
const passed = runs.filter(({ report }) => report?.passed === true).length;
console.log(
  `${passed} of ${names.length} drills passed in ${minutes(performance.now() - startedAtMs)}; ` +
    `reports: ${values.report}`,
);
process.exitCode = exitCodeOf();

function exitCodeOf(): number {
  if (interrupted || runs.some(({ report }) => report === null)) return EXIT.fault;
  return passed === names.length ? EXIT.done : EXIT.objectiveMissed;
}

/** `--twin` is not given and the folder has none: each drill starts a twin of its own. */
function runDrill(name: string): Promise<Run> {
  const begunAtMs = performance.now();
  const directory = resolve(values.report, name);
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'bin', 'holdfast.mjs'),
      ...['drill', name, '--profile', 'fast', '--own', '--json', '--report', directory],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
  return new Promise((done) => {
    child.once('close', (exitCode) => {
      const report = stdout === '' ? null : (JSON.parse(stdout) as DrillReport);
      done({ name, exitCode, report, tookMs: performance.now() - begunAtMs });
    });
  });
}

function rowOf({ name, exitCode, report, tookMs }: Run): readonly string[] {
  const took = minutes(tookMs);
  if (report === null) {
    return [paint('bad', 'FAILED'), name, `it ended with ${exitCode}`, '', '', took];
  }
  const { clocks, passed: met } = report;
  return [
    met ? paint('good', 'passed') : paint('bad', 'MISSED'),
    name,
    `DNS ${lengthText(clocks.clients.dns, 'not over')}`,
    `retrying ${lengthText(clocks.clients.retrying, 'not over')}`,
    `stable ${lengthText(clocks.injectionToStable)}`,
    took,
    met ? '' : verdictText(report),
  ];
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
