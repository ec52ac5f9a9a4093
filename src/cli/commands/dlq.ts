/** `holdfast dlq list`, `show`, `redrive` and `close`. */

import { closeDeadLetter } from '#ops/close-dead-letter.ts';
import { connectDeadLetters } from '#ops/connect-dead-letters.ts';
import { listDeadLetters } from '#ops/dead-letters.ts';
import { redriveDeadLetters } from '#ops/redrive-dead-letters.ts';
import { showDeadLetter } from '#ops/show-dead-letter.ts';
import { CliError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type EnvironmentArguments, inEnvironment } from '../ops-environment.ts';
import type { ProgramContext } from '../program.ts';
import { createProgress } from '../progress.ts';
import {
  renderClosed,
  renderFound,
  renderLetterDetail,
  renderLetterList,
  renderRedrive,
} from '../render-dead-letters.ts';

export interface ListArguments extends EnvironmentArguments {
  readonly filter?: string;
  readonly limit: number;
}

export interface RedriveArguments extends EnvironmentArguments {
  readonly filter?: string;
  readonly all?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** Lists; ends with 0 whatever it finds, as long as one Region answers. */
export async function listLetters(given: ListArguments, context: ProgramContext): Promise<void> {
  const progress = createProgress(context.writeError);
  progress('looking through the queues');
  const list = await inEnvironment(given, context, (environment) =>
    listDeadLetters(
      { filter: given.filter ?? null, limit: given.limit },
      connectDeadLetters(environment),
    ),
  );
  context.writeOut(
    given.json === true ? json(list) : renderLetterList(list, Date.now(), context.paint),
  );
}

export async function showLetter(
  id: string,
  given: EnvironmentArguments,
  context: ProgramContext,
): Promise<void> {
  const detail = await inEnvironment(given, context, (environment) =>
    showDeadLetter(id, connectDeadLetters(environment)),
  );
  context.writeOut(given.json === true ? json(detail) : renderLetterDetail(detail, context.paint));
}

/** Ends with 4 when a letter that was meant stays one, with 1 when redriving it failed. */
export async function redriveLetters(
  given: RedriveArguments,
  context: ProgramContext,
): Promise<void> {
  const { filter = null, all = false, force = false, dryRun = false } = given;
  if ((filter === null) === !all) {
    const message =
      'redrive needs either --filter TEXT or --all; see what there is with: holdfast dlq list';
    throw new CliError(EXIT.usage, message);
  }
  if (filter === '') {
    const message = '--filter is empty, which every letter matches; redrive them all with --all';
    throw new CliError(EXIT.usage, message);
  }
  const progress = createProgress(context.writeError);
  const report = await inEnvironment(given, context, (environment) =>
    redriveDeadLetters({ filter, force, dryRun }, connectDeadLetters(environment), (letters) =>
      progress(`${letters} letters so far`),
    ),
  );
  context.writeOut(given.json === true ? json(report) : renderRedrive(report, context.paint));
  context.setExitCode(exitCodeOf(report.letters, report.unreached.length > 0 || report.truncated));
}

export type CloseArguments = Pick<RedriveArguments, 'force' | 'dryRun'> & EnvironmentArguments;

export async function closeLetter(
  messageId: string,
  given: CloseArguments,
  context: ProgramContext,
): Promise<void> {
  const { force = false, dryRun = false } = given;
  const report = await inEnvironment(given, context, (environment) =>
    closeDeadLetter({ messageId, force, dryRun }, connectDeadLetters(environment), (message) =>
      // Before it is deleted, and beside the report that comes after: what is printed then may be too late.
      context.writeError(renderFound(message, context.paint)),
    ),
  );
  context.writeOut(given.json === true ? json(report) : renderClosed(report, context.paint));
}

function exitCodeOf(
  letters: readonly { readonly outcome: string }[],
  incomplete: boolean,
): ExitCode {
  if (letters.some(({ outcome }) => outcome === 'failed')) return EXIT.fault;
  const isLeft = letters.some(({ outcome }) => outcome === 'skipped');
  return isLeft || incomplete ? EXIT.objectiveMissed : EXIT.done;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
