/** `holdfast start`: boots both Regions and stays until it is stopped. */

import { resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { StartOptions } from '../start-options.ts';

/** Option values as the command line has them, checked one by one. */
export interface StartArguments {
  readonly port: number;
  readonly data?: string;
  readonly suffix: string;
  readonly profile: StartOptions['profile'];
  readonly access: StartOptions['access'];
  readonly consistency: StartOptions['consistency'];
  readonly assembly?: string;
  readonly gateway?: string;
  readonly json?: boolean;
}

/** Resolves when the twin has stopped, with the exit code. */
export async function start(given: StartArguments, directory: string): Promise<number> {
  if (given.assembly !== undefined && given.gateway !== undefined) {
    const message = '--gateway goes into a synthesis and --assembly brings its own; leave one out';
    throw new CliError(EXIT.usage, message);
  }
  const { startTwinCommand } = await import('#cli/start-twin.ts');
  return startTwinCommand({
    basePort: given.port,
    dataDirectory: given.data === undefined ? null : resolve(directory, given.data),
    suffix: given.suffix,
    profile: given.profile,
    access: given.access,
    consistency: given.consistency,
    gatewayUrl: given.gateway ?? null,
    assemblyDirectory: given.assembly === undefined ? null : resolve(directory, given.assembly),
    json: given.json === true,
    directory,
  });
}
