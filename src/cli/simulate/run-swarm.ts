/** `holdfast simulate`, many seeds: runs them, says how it goes, and makes the first failure small. */

import { resolve } from 'node:path';
import { coverageShare, missing, renderMatrix } from '#sim/faults/reachable.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { identifyCode } from './identify-code.ts';
import { writePlanFile } from './plan-file.ts';
import { renderFailure } from './render-failure.ts';
import { renderPlan } from './render-plan.ts';
import { renderProgress, renderSummary, type SwarmFacts } from './render-swarm.ts';
import { createProgressLine, type ProgressLineOptions } from './say-progress.ts';
import { shrinkFailure } from './shrink-failure.ts';
import type { SimulateArguments, SimulateContext } from './simulate-command.ts';
import { type ShrunkFailure, swarmJson } from './swarm-json.ts';
import type { Failure } from './worker-messages.ts';
import { runPool } from './worker-pool.ts';

export const SEEDS_DEFAULT = 2_000;
const FIRST_SEED_DEFAULT = 1;
/** For making a failure small. */
const SHRINK_MS = 20_000;

/** Returns the exit code. Effects: threads, text, and a file for a plan that fails. */
export async function runSwarm(
  given: SimulateArguments,
  context: SimulateContext,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { mode, workers, hashes: isTwice = false } = given;
  const firstSeed = given.firstSeed ?? FIRST_SEED_DEFAULT;
  const seeds = given.seeds ?? (given.minutes === undefined ? SEEDS_DEFAULT : Infinity);
  const progress = createProgressLine(lineOptions(context));
  const report = await runPool({
    ...context.simulator,
    ...{ firstSeed, seeds, mode, isTwice, workers, signal },
    lastsMs: given.minutes === undefined ? null : given.minutes * 60_000,
    onProgress: (tally, seconds) =>
      progress.say(() => renderProgress(tally, seconds, seeds, coverageShare(tally.coverage))),
  });
  progress.end();
  const code = identifyCode();
  const cells = coverageShare(report.tally.coverage);
  const facts: SwarmFacts = { report, firstSeed, workers, cells, isTwice, code };
  const { failure } = report;
  const isJson = given.json === true;
  if (!isJson) {
    if (given.matrix === true) context.writeOut(`${renderMatrix(report.tally.coverage)}\n`);
    context.writeOut(renderSummary(facts, context.paint));
    if (failure !== null) context.writeOut(renderFailure(failure, mode, code, context.paint));
  }
  const shrunk =
    failure === null || !given.shrink ? null : await shrink(failure, code, given, context, signal);
  if (isJson) {
    const document = swarmJson(facts, mode, missing(report.tally.coverage), shrunk);
    context.writeOut(`${JSON.stringify(document, null, 2)}\n`);
  } else if (shrunk !== null) {
    context.writeOut(
      `\nshrunk in ${shrunk.runs} runs to:\n${renderPlan(shrunk.plan, context.paint)}` +
        `replay that: npx holdfast simulate --plan ${shrunk.file}\n`,
    );
  }
  return failure === null && !report.isInterrupted ? EXIT.done : EXIT.fault;
}

async function shrink(
  failure: Failure,
  code: string,
  { mode, out }: SimulateArguments,
  context: SimulateContext,
  signal: AbortSignal,
): Promise<ShrunkFailure | null> {
  const progress = createProgressLine(lineOptions(context));
  const shrunk = await shrinkFailure(failure, {
    ...context.simulator,
    ...{ mode, signal, lastsMs: SHRINK_MS },
    onProgress: (runs, { faults, workload }) =>
      progress.say(
        () => `shrinking: ${runs} runs, ${faults.length} faults, ${workload.payments} payments`,
      ),
  });
  progress.end();
  if (shrunk === null) return null;
  const note = { failure: shrunk.title, code };
  const folder = out === undefined ? null : resolve(context.directory, out);
  return { ...shrunk, file: writePlanFile(shrunk.plan, note, folder) };
}

function lineOptions({ isTerminal, width, writeError }: SimulateContext): ProgressLineOptions {
  return { isTerminal, write: writeError, ...(width !== undefined && { width }) };
}
