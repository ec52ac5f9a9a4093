/** Crashes by count as people read them: a table, what was left out, what was broken. Pure. */

import type {
  BrokenRun,
  ExhaustiveReport,
  ScenarioReport,
} from '#sim/exhaustive/run-exhaustive.ts';
import { columns, type Paint } from '../terminal.ts';
import { grouped } from './words.ts';

export interface ExhaustiveFacts {
  readonly report: ExhaustiveReport;
  /** By scenario: the plan of its first broken run. */
  readonly files: ReadonlyMap<string, string>;
  readonly workers: number;
  readonly seconds: number;
  readonly code: string;
}

/** One row for each scenario; the last line is the verdict. */
export function renderExhaustive(
  { report, files, workers, seconds, code }: ExhaustiveFacts,
  paint: Paint,
): string {
  const { scenarios, isInterrupted } = report;
  const runs = scenarios.reduce((sum, scenario) => sum + scenario.runs, 0);
  const verdict =
    files.size > 0
      ? paint('bad', failedText(files.size, report))
      : isInterrupted
        ? paint('warn', 'interrupted: no violation up to here')
        : paint('good', `passed: no violation in ${grouped(runs)} runs`);
  const threads = `${workers} ${workers === 1 ? 'thread' : 'threads'}`;
  return `${[
    ...columns([HEAD, ...scenarios.map((scenario) => rowOf(scenario, paint))]),
    '',
    `took ${seconds.toFixed(1)} s on ${threads}; ${code}, Node ${process.versions.node}`,
    ...scenarios.flatMap(leftOutLine),
    ...scenarios.flatMap((scenario) => brokenLines(scenario, files, paint)),
    verdict,
  ].join('\n')}\n`;
}

function failedText(failed: number, { scenarios, isInterrupted }: ExhaustiveReport): string {
  const until = isInterrupted ? ', and was interrupted' : '';
  return `FAILED in ${failed} of ${scenarios.length} scenarios${until}`;
}

const HEAD = [
  ...['scenario', 'step boundaries', 'runs', 'pairs', 'pairs left out', 'broken', ''],
] as const;

/** `crash at step boundaries 3, 17: invariant 1: …`. */
export function brokenText({ plan, invariant, message }: BrokenRun): string {
  const { crashAt } = plan;
  const where =
    crashAt.length === 0
      ? 'without a crash'
      : `crash at step ${crashAt.length === 1 ? 'boundary' : 'boundaries'} ${crashAt.join(', ')}`;
  return `${where}: ${invariant === null ? '' : `invariant ${invariant}: `}${message}`;
}

function rowOf(
  { name, what, boundaries, runs, pairs, leftOut, violations }: ScenarioReport,
  paint: Paint,
): readonly string[] {
  const broken = violations.length === 0 ? '0' : paint('bad', grouped(violations.length));
  return [name, ...[boundaries, runs, pairs, leftOut].map(grouped), broken, what];
}

/** What was not run is no part of the verdict. */
function leftOutLine({ name, pairs, leftOut, isPartial }: ScenarioReport): readonly string[] {
  if (isPartial) return [`${name}: interrupted; the rest of its runs is missing`];
  if (leftOut === 0) return [];
  const all = pairs + leftOut;
  return [
    `${name}: ${grouped(leftOut)} of ${grouped(all)} pairs were left out; --pairs ${all} runs them`,
  ];
}

function brokenLines(
  { name, violations }: ScenarioReport,
  files: ReadonlyMap<string, string>,
  paint: Paint,
): readonly string[] {
  const [first] = violations;
  if (first === undefined) return [];
  return [
    `${paint('bad', name)}: ${brokenText(first)}`,
    `replay it: npx holdfast simulate --plan ${files.get(name) ?? ''}`,
  ];
}
