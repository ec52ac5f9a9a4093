/** Reads a fault script that the command line names. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type FaultScript, parseFaultScript } from '#sim/faults/fault-script.ts';
import { FaultScriptError } from '#sim/faults/fault-script-members.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

/** `path`: as it was given, below `directory`. Throws `CliError` for a file that can't be read or is no script. */
export function readScript(path: string, directory: string): FaultScript {
  let text: string;
  try {
    text = readFileSync(resolve(directory, path), 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CliError(EXIT.usage, `--script: ${path} can't be read (${code})`, cause);
  }
  try {
    return parseFaultScript(text);
  } catch (error) {
    if (!(error instanceof FaultScriptError)) throw error;
    throw new CliError(EXIT.usage, `${path}: ${error.message.replace(/\.$/, '')}`, error);
  }
}
