/** `holdfast simulate --exhaustive`: a crash at every step boundary of a few small worlds, and at pairs of them. */

import { resolve } from 'node:path';
import { runExhaustive, type ScenarioReport } from '#sim/exhaustive/run-exhaustive.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { identifyCode } from './identify-code.ts';
import { writePlanFile } from './plan-file.ts';
import { startPlanRunners } from './plan-runners.ts';
import { brokenText, type ExhaustiveFacts, renderExhaustive } from './render-exhaustive.ts';
import { createProgressLine } from './say-progress.ts';
import type { SimulateArguments, SimulateContext } from './simulate-command.ts';
import { grouped } from './words.ts';

/** For each scenario: all pairs of the ways through a payment, and some of those through a failover. */
export const PAIRS_DEFAULT = 5_000;

/** Returns the exit code. Effects: threads, text, and a file for the first plan of each scenario that fails. */
export async function exhaust(
  { pairs = false, workers, out, json }: SimulateArguments,
  context: SimulateContext,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { isTerminal, width, writeError, writeOut, directory } = context;
  const progress = createProgressLine({
    ...{ isTerminal, write: writeError, ...(width !== undefined && { width }) },
  });
  const runners = startPlanRunners(workers, context.simulator);
  const stop = (): void => void runners.stop();
  signal.addEventListener('abort', stop);
  const startedAtMs = performance.now();
  const report = await runExhaustive(runners.run, {
    pairs: pairs !== false,
    pairsMax: typeof pairs === 'number' ? pairs : PAIRS_DEFAULT,
    atOnce: workers,
    onProgress: ({ name, runs, runsOfAll, violations }) =>
      progress.say(
        () => `${name}: ${grouped(runs)} of ${grouped(runsOfAll)} runs, ${violations} violations`,
      ),
  });
  signal.removeEventListener('abort', stop);
  await runners.stop();
  progress.end();
  const code = identifyCode();
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const folder = out === undefined ? null : resolve(directory, out);
  const files = writePlans(report.scenarios, code, folder);
  const facts: ExhaustiveFacts = { report, files, workers, seconds, code };
  writeOut(json === true ? exhaustiveJson(facts) : renderExhaustive(facts, context.paint));
  return files.size === 0 && !report.isInterrupted ? EXIT.done : EXIT.fault;
}

/** Of each scenario that has a broken run, the first. By the scenario's name. */
function writePlans(
  scenarios: readonly ScenarioReport[],
  code: string,
  folder: string | null,
): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { name, violations } of scenarios) {
    const [first] = violations;
    if (first === undefined) continue;
    const note = { failure: `${name}: ${brokenText(first)}`, code };
    files.set(name, writePlanFile(first.plan, note, folder, name));
  }
  return files;
}

function exhaustiveJson({ report, files, workers, seconds, code }: ExhaustiveFacts): string {
  const { scenarios, isInterrupted } = report;
  const document = {
    ...{ passed: files.size === 0 && !isInterrupted, isInterrupted },
    ...{ seconds, workers, code, node: process.versions.node },
    scenarios: scenarios.map(({ violations, ...counts }) => ({
      ...counts,
      violations: violations.map(({ plan, invariant, message }) => {
        return { crashAt: plan.crashAt, invariant, message };
      }),
      file: files.get(counts.name) ?? null,
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
