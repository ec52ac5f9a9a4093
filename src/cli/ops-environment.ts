/** Where an operator's verb works: the twin that runs here, or AWS. */

import { DEFAULT_SUFFIX, PRIMARY_REGION, SECONDARY_REGION } from '#contract/names.ts';
import { connectEnvironment, type Environment, haveCredentials } from '#ops/connect.ts';
import { OpsError, type OpsErrorKind } from '#ops/ops-error.ts';
import { CliError } from './cli-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { ProgramContext } from './program.ts';
import { connectToTwin } from './twin-client.ts';

const SAY_AFTER_MS = 2_000;

/** Option values as the command line has them, checked one by one. */
export interface EnvironmentArguments {
  readonly twin?: string;
  readonly aws?: boolean;
  readonly regions?: readonly string[];
  readonly suffix?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

/**
 * Runs `verb` in the environment that was asked for, and says first which one that is: a twin has the same Regions.
 * Throws `CliError`.
 */
export async function inEnvironment<T>(
  given: EnvironmentArguments,
  context: Pick<ProgramContext, 'directory' | 'writeError'>,
  verb: (environment: Environment) => Promise<T>,
): Promise<T> {
  const { environment, where } = await openEnvironment(given, context.directory);
  context.writeError(`${where}\n`);
  try {
    if (given.aws === true) await signIn(environment, context);
    return await verb(environment);
  } catch (error) {
    if (error instanceof OpsError) throw new CliError(exitCodeOf(error), error.message, error);
    throw error;
  } finally {
    environment.close();
  }
}

async function signIn(
  environment: Environment,
  { writeError }: Pick<ProgramContext, 'writeError'>,
): Promise<void> {
  const waiting = setTimeout(() => writeError('waiting for credentials\n'), SAY_AFTER_MS);
  try {
    await haveCredentials(environment);
  } finally {
    clearTimeout(waiting);
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

interface Opened {
  readonly environment: Environment;
  /** Which one it is, for whoever types. */
  readonly where: string;
}

async function openEnvironment(given: EnvironmentArguments, directory: string): Promise<Opened> {
  if (given.aws === true) {
    if (given.twin !== undefined) {
      throw new CliError(EXIT.usage, '--twin and --aws exclude each other; leave one out');
    }
    const {
      suffix = DEFAULT_SUFFIX,
      regions = [PRIMARY_REGION, SECONDARY_REGION],
      profile = null,
    } = given;
    const environment = connectEnvironment({ suffix, regions, endpoint: null, profile });
    const [primary = '', ...others] = regions;
    const parts = [
      `AWS${profile === null ? '' : `, profile ${profile}`}, suffix ${suffix}`,
      `${primary} (primary) and ${others.join(' and ')}`,
      // The SDK follows them without a word: to a twin, for example.
      ...endpointsOf(process.env).map((name) => `${name} leads elsewhere`),
    ];
    return { environment, where: parts.join(', ') };
  }
  for (const option of ['regions', 'suffix', 'profile'] as const) {
    if (given[option] === undefined) continue;
    throw new CliError(EXIT.usage, `--${option} goes with --aws; a twin says its own`);
  }
  const { suffix, addresses, regions } = await (
    await connectToTwin(given.twin, directory)
  ).status();
  const environment = connectEnvironment({
    suffix,
    regions: regions.map(({ name }) => name),
    endpoint: addresses.aws,
    profile: null,
    apiUrls: addresses.regions,
  });
  return { environment, where: `the twin at ${addresses.control}, not AWS` };
}

/** Names of the variables that send the SDK's calls to another address than AWS's. Pure. */
function endpointsOf(variables: Readonly<Record<string, string | undefined>>): readonly string[] {
  const names = Object.keys(variables).filter((name) => /^AWS_ENDPOINT_URL(_|$)/.test(name));
  return names.filter((name) => variables[name] !== '').toSorted();
}
