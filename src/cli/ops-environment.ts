/** Where an operator's verb works: the twin that runs here, or AWS. */

import { DEFAULT_SUFFIX, PRIMARY_REGION, SECONDARY_REGION } from '#contract/names.ts';
import { connectEnvironment, type Environment } from '#ops/connect.ts';
import { OpsError, type OpsErrorKind } from '#ops/ops-error.ts';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { connectToTwin } from './twin-client.ts';

/** Option values as the command line has them, checked one by one. */
export interface EnvironmentArguments {
  readonly twin?: string;
  readonly aws?: boolean;
  readonly regions?: readonly string[];
  readonly suffix?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

/** Runs `verb` in the environment that was asked for. Throws `CliError`. */
export async function inEnvironment<T>(
  given: EnvironmentArguments,
  directory: string,
  verb: (environment: Environment) => Promise<T>,
): Promise<T> {
  const environment = await openEnvironment(given, directory);
  try {
    return await verb(environment);
  } catch (error) {
    if (error instanceof OpsError) throw new CliError(exitCodeOf(error), error.message, error);
    throw error;
  } finally {
    environment.close();
  }
}

const EXIT_OF: Record<OpsErrorKind, ExitCode> = {
  usage: EXIT.usage,
  refused: EXIT.refused,
  fault: EXIT.fault,
};

export function exitCodeOf({ kind }: OpsError): ExitCode {
  return EXIT_OF[kind];
}

async function openEnvironment(
  given: EnvironmentArguments,
  directory: string,
): Promise<Environment> {
  if (given.aws === true) {
    if (given.twin !== undefined) {
      throw new CliError(EXIT.usage, '--twin and --aws exclude each other; leave one out');
    }
    return connectEnvironment({
      suffix: given.suffix ?? DEFAULT_SUFFIX,
      regions: given.regions ?? [PRIMARY_REGION, SECONDARY_REGION],
      endpoint: null,
      profile: given.profile ?? null,
    });
  }
  for (const option of ['regions', 'suffix', 'profile'] as const) {
    if (given[option] === undefined) continue;
    throw new CliError(EXIT.usage, `--${option} goes with --aws; a twin says its own`);
  }
  const { suffix, addresses, regions } = await (
    await connectToTwin(given.twin, directory)
  ).status();
  return connectEnvironment({
    suffix,
    regions: regions.map(({ name }) => name),
    endpoint: addresses.aws,
    profile: null,
    apiUrls: addresses.regions,
  });
}
