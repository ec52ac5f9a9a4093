/** What a fault script came to, as text for a terminal. */

import { type ExpectedOutcome, OUTCOME_PARTS, type OutcomeClass } from '#contract/outcome-class.ts';
import { columns, type Paint } from './terminal.ts';

export interface ShownRun {
  readonly name: string;
  readonly about: string;
  readonly outcome: OutcomeClass;
  readonly expect: ExpectedOutcome;
  readonly acknowledged: number;
  /** Everything that is not as it should be, one line each. */
  readonly differences: readonly string[];
  /** Payments that are not as they should be, one line each. */
  readonly wrong: readonly string[];
}

/** More would hide the rest; `--json` has all of them. */
const WRONG_SHOWN_MAX = 10;

/** Some ten lines. Pure. */
export function renderScriptRun(run: ShownRun, paint: Paint): string {
  const { name, about, outcome, expect, acknowledged, differences, wrong } = run;
  const met = differences.length === 0;
  return `${[
    `${paint('strong', name)}: ${about}`,
    '',
    ...columns([
      ...OUTCOME_PARTS.map((part) => [
        part,
        sayPart(outcome[part]),
        paint('faint', expect[part] === undefined ? '' : `expected: ${sayPart(expect[part])}`),
      ]),
      ['acknowledged', String(acknowledged), ''],
    ]),
    '',
    ...wrong.slice(0, WRONG_SHOWN_MAX).map((line) => `${paint('warn', 'wrong')} ${line}`),
    ...differences.map((line) => `${paint('bad', 'not as expected')} ${line}`),
    paint(met ? 'good' : 'bad', met ? 'as expected' : 'MISSED'),
  ].join('\n')}\n`;
}

function sayPart(value: boolean | number): string {
  return typeof value === 'number' ? String(value) : value ? 'yes' : 'no';
}
