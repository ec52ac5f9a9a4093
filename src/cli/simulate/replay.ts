/** `holdfast simulate --seed`, `--plan` and `--script`: runs one world again, and shows what happened in it. */

import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { outcomeDifferences } from '#contract/outcome-class.ts';
import { type FaultScript, planOf } from '#sim/faults/fault-script.ts';
import { scriptOutcome } from '#sim/faults/script-outcome.ts';
import type { SimResult } from '#sim/sim-result.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readScript } from '../read-script.ts';
import { renderScriptRun } from '../render-script-run.ts';
import { chooseEvents, transactionsIn } from './choose-events.ts';
import { identifyCode } from './identify-code.ts';
import { readPlanFile } from './plan-file.ts';
import { renderChart } from './render-chart.ts';
import { renderFailure, renderViolations } from './render-failure.ts';
import { renderPage } from './render-page.ts';
import { renderPlan } from './render-plan.ts';
import { startSimWorker } from './sim-worker.ts';
import type { SimulateArguments, SimulateContext } from './simulate-command.ts';
import { failureJson } from './swarm-json.ts';
import { grouped, secondsText } from './words.ts';
import type { Failure, WorkerTask } from './worker-messages.ts';

/**
 * Returns the exit code: 1 when it breaks an invariant or breaks off, 4 when a script expects another outcome. Effects: a
 * thread, text, and the page if asked for.
 */
export async function replay(
  given: SimulateArguments,
  context: SimulateContext,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { writeOut } = context;
  const code = identifyCode();
  const script = given.script === undefined ? null : readScript(given.script, context.directory);
  const task = taskOf(given, script, context.directory);
  const worker = startSimWorker(context.simulator);
  const stop = (): void => void worker.stop();
  signal.addEventListener('abort', stop);
  const answer = await worker.ask(task);
  signal.removeEventListener('abort', stop);
  await worker.stop();
  switch (answer.kind) {
    case 'batch':
    case 'stopped':
      return EXIT.fault;
    case 'failed':
      sayFailure(answer.failure, code, given, context);
      return EXIT.fault;
    case 'result':
      break;
  }
  const { result } = answer;
  checkAbout(given.about ?? null, result);
  if (given.json === true) {
    const { coverage: _counts, trace, ...facts } = result;
    const outcome = script === null ? {} : { outcome: scriptOutcome(result) };
    const shown = { code, ...facts, ...outcome, ...(given.all === true ? { trace } : {}) };
    writeOut(`${JSON.stringify(shown, null, 2)}\n`);
  } else {
    writeOut(renderReplay(result, code, given, context));
  }
  if (given.html !== undefined) {
    const path = resolve(context.directory, given.html);
    writeFileSync(path, renderPage(result, code));
    context.writeError(`wrote ${relative(context.directory, path)}\n`);
  }
  const outcome = script === null ? EXIT.done : sayOutcome(script, result, given, context);
  return result.violations.length > 0 ? EXIT.fault : outcome;
}

/** Of a run that broke off: its events went with it, so that there is neither chart nor page. */
function sayFailure(
  failure: Failure,
  code: string,
  { mode, json, html }: SimulateArguments,
  { paint, writeOut, writeError }: SimulateContext,
): void {
  const isJson = json === true;
  writeOut(
    isJson
      ? `${JSON.stringify({ code, failure: failureJson(failure, mode) }, null, 2)}\n`
      : renderFailure(failure, mode, code, paint),
  );
  if (!isJson) writeOut(`no chart: ${EVENTS_LOST}\n`);
  if (html !== undefined) writeError(`--html: ${html} was not written: ${EVENTS_LOST}\n`);
}

const EVENTS_LOST = 'a run that breaks off hands none of its events over';

/** As `drill --script` says it of the twin, with the same exit codes. */
function sayOutcome(
  { name, about, expect }: FaultScript,
  result: SimResult,
  given: SimulateArguments,
  { paint, writeOut }: SimulateContext,
): ExitCode {
  const outcome = scriptOutcome(result);
  const differences = outcomeDifferences(expect, outcome);
  if (given.json !== true) {
    const { acknowledged, violations } = result;
    const run = { name, about, outcome, expect, acknowledged, differences, wrong: [] };
    writeOut(`\n${renderScriptRun(run, paint)}`);
    if (violations.length > 0) {
      writeOut(`${paint('bad', 'FAILED')}: an invariant is broken, whatever the script expects\n`);
    }
  }
  return differences.length === 0 ? EXIT.done : EXIT.objectiveMissed;
}

function taskOf(
  { seed, plan, mode }: SimulateArguments,
  script: FaultScript | null,
  directory: string,
): WorkerTask {
  if (script !== null) return { kind: 'plan', plan: planOf(script), keepTrace: true };
  if (plan === undefined) return { kind: 'seed', seed: seed ?? 0, mode, keepTrace: true };
  return { kind: 'plan', plan: readPlanFile(resolve(directory, plan), plan), keepTrace: true };
}

function renderReplay(
  result: SimResult,
  code: string,
  { about, all = false }: SimulateArguments,
  { paint }: SimulateContext,
): string {
  const { seed, plan, trace, violations, hash, events, virtualMs, acknowledged, moves } = result;
  const chosen = chooseEvents(result, { about: about ?? null, all });
  const counts = [
    `${grouped(events)} events in ${secondsText(virtualMs)}`,
    `${acknowledged} payments taken`,
    `traffic moved ${moves} times`,
    result.isComplete ? 'a complete failover' : 'no complete failover',
  ];
  return [
    `${paint('strong', `Seed ${seed}`)}, ${code}\n`,
    `${renderPlan(plan, paint)}\n`,
    `${renderChart(trace, chosen, paint)}\n`,
    `${counts.join(', ')}\n`,
    ...renderViolations(result, paint).map((text) => `${text}\n`),
    `hash ${hash}\n`,
    violations.length === 0
      ? `${paint('good', 'no invariant is broken')}\n`
      : `${paint('bad', `${violations.length} violations`)}\n`,
  ].join('');
}

function checkAbout(about: string | null, { trace }: SimResult): void {
  const ids = transactionsIn(trace);
  if (about === null || ids.includes(about)) return;
  const some = ids.slice(0, 5).join(', ');
  throw new CliError(EXIT.usage, `--about: no client asked for ${about}; there are ${some} …`);
}
