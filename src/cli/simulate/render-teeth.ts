/** Teeth as people read them: a table, and a sentence under it. */

import { columns, type Paint } from '../terminal.ts';
import type { ControlResult, TeethReport, ToothResult } from './teeth.ts';

/** One row for each bug, then median and worst of the catches, then the controls. */
export function renderTeeth({ results, controls, passed }: TeethReport, paint: Paint): string {
  const rows = results.map((result) => rowOf(result, paint));
  const lines = [
    ...columns([['', 'planted bug', 'area', 'invariant', 'seed', 'seconds', ''], ...rows]),
    '',
    summary(results),
    ...controls.map((control) => controlLine(control, paint)),
  ];
  if (results.some(({ outcome }) => outcome.kind === 'caught' && !outcome.isExpected)) {
    lines.push('* caught by another invariant than its author thought of');
  }
  lines.push(passed ? paint('good', 'passed') : paint('bad', 'FAILED'));
  return `${lines.join('\n')}\n`;
}

/** Median and worst seconds of the catches; null where nothing was caught. Pure. */
export function catchTimes(
  results: readonly ToothResult[],
): { readonly median: number; readonly worst: number; readonly worstName: string } | null {
  const caught = results
    .filter(({ outcome }) => outcome.kind === 'caught')
    .toSorted((one, two) => one.seconds - two.seconds);
  const worst = caught.at(-1);
  if (worst === undefined) return null;
  const upper = caught[Math.floor(caught.length / 2)] ?? worst;
  const lower = caught[Math.floor((caught.length - 1) / 2)] ?? worst;
  return {
    median: (upper.seconds + lower.seconds) / 2,
    worst: worst.seconds,
    worstName: worst.name,
  };
}

function rowOf({ name, area, outcome, seconds }: ToothResult, paint: Paint): readonly string[] {
  const took = seconds.toFixed(2);
  switch (outcome.kind) {
    case 'caught': {
      const invariant = `${outcome.invariant}${outcome.isExpected ? '' : ' *'}`;
      return [paint('good', 'caught'), name, area, invariant, String(outcome.seed), took, ''];
    }
    case 'missed':
      return [paint('bad', 'MISSED'), name, area, '', `${outcome.seeds} clean`, took, ''];
    case 'does-not-apply':
      return [paint('bad', 'STALE'), name, area, '', '', took, outcome.message];
    case 'failed':
      return [paint('bad', 'FAILED'), name, area, '', String(outcome.seed), took, outcome.message];
  }
}

function summary(results: readonly ToothResult[]): string {
  const caught = results.filter(({ outcome }) => outcome.kind === 'caught').length;
  const times = catchTimes(results);
  const count = `${caught} of ${results.length} planted bugs were caught`;
  if (times === null) return count;
  const { median, worst, worstName } = times;
  return `${count}: median ${median.toFixed(2)} s, worst ${worst.toFixed(2)} s (${worstName})`;
}

function controlLine({ mode, seeds, outcome, seconds }: ControlResult, paint: Paint): string {
  const where = `control without a bug (${mode}), seeds 1 to ${seeds}`;
  switch (outcome.kind) {
    case 'clean':
      return `${where}: clean in ${seconds.toFixed(2)} s`;
    case 'violation': {
      const found = `invariant ${outcome.invariant} at seed ${outcome.seed}: ${outcome.message}`;
      return `${where}: ${paint('bad', found)}`;
    }
    case 'failed':
      return `${where}: ${paint('bad', `failed at seed ${outcome.seed}: ${outcome.message}`)}`;
  }
}
