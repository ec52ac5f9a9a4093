/** A failure that the command line reports in one line. */

import type { ExitCode } from './exit-codes.ts';

/** `message`: what went wrong and how to mend it, one line without a final full stop. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.exitCode = exitCode;
  }
}
