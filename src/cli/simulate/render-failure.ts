/** How a seed failed, as people read it. Pure. */

import type { SimMode, SimResult } from '#sim/sim-result.ts';
import { INVARIANTS } from '#sim/violation.ts';
import type { Paint } from '../terminal.ts';
import { secondsText } from './words.ts';
import { type Failure, NO_SEED } from './worker-messages.ts';

/** What happened, which code it was, and how to see it again. `code`: as `codeText` has it. */
export function renderFailure(failure: Failure, mode: SimMode, code: string, paint: Paint): string {
  return `${[
    ...headOf(failure, paint),
    ...(failure.seed === NO_SEED
      ? [`no seed was run; ${code}`]
      : [`seed ${failure.seed}, ${code}`, `replay it: ${replayCommand(failure.seed, mode)}`]),
  ].join('\n')}\n`;
}

/** Every broken invariant of one run, in the order in which they were found. */
export function renderViolations({ violations }: SimResult, paint: Paint): readonly string[] {
  return violations.map(
    ({ invariant, message, atMs }) =>
      `${paint('bad', `invariant ${invariant} is broken`)}: ${INVARIANTS[invariant] ?? 'unknown'}\n` +
      `  at ${secondsText(atMs)}: ${message}`,
  );
}

export function replayCommand(seed: number, mode: SimMode): string {
  return `npx holdfast simulate --seed ${seed}${mode === 'any' ? '' : ` --mode ${mode}`}`;
}

/** One line, for a title or a heading. */
export function failureTitle(failure: Failure): string {
  switch (failure.kind) {
    case 'violation': {
      const [first] = failure.result.violations;
      return `invariant ${first?.invariant ?? 0}: ${first?.message ?? ''}`;
    }
    case 'error':
      return `${failure.name}: ${failure.message}`;
    case 'difference':
      return `two runs of it differ: ${failure.differences.join('; ')}`;
    case 'hung':
      return `it came to no end in ${failure.seconds} s`;
  }
}

function headOf(failure: Failure, paint: Paint): readonly string[] {
  if (failure.kind === 'violation') return renderViolations(failure.result, paint);
  return [paint('bad', failureTitle(failure)), ...stackOf(failure)];
}

/** Without its first line, which is the message. */
function stackOf(failure: Failure): readonly string[] {
  if (failure.kind !== 'error') return [];
  return failure.stack.split('\n').filter((line) => line.startsWith('    at '));
}
