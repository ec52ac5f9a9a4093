/** Boots a twin for `holdfast start` and stays until it is stopped. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ENVIRONMENT, resourceNames } from '#contract/names.ts';
import { readAssembly } from '#twin/assembly/read-assembly.ts';
import type { TwinModel } from '#twin/region-model.ts';
import { preflightTwin, startTwin, type Twin } from '#twin/start-twin.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { prepareAssembly } from './prepare-assembly.ts';
import { type ReadyDescription, renderReady } from './render-ready.ts';
import type { StartOptions } from './start-options.ts';
import { paintFor } from './terminal.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

/**
 * Prepares the assembly, boots the twin, says so and waits for SIGINT or SIGTERM.
 *
 * Progress goes to stderr, the result to stdout. Resolves with the exit code when everything that was
 * started has ended. Rejects with `CliError` when the twin can't start.
 */
export async function startTwinCommand(options: StartOptions): Promise<number> {
  const startedAtMs = performance.now();
  const report = (message: string): void => void process.stderr.write(`${message}\n`);
  const stopAsked = untilStopAsked(report);

  let twin: Twin;
  try {
    await preflightTwin(options.basePort, options.directory);
    const assemblyDirectory = await assemblyOf(options, report);
    if (stopAsked.isAsked()) return EXIT.done;
    report('starting both Regions');
    twin = await startTwin({
      ...options,
      assemblyDirectory,
      suffix: suffixOf(readAssembly(assemblyDirectory)) ?? options.suffix,
      pageDirectory: join(ROOT, 'src', 'console'),
      versions: { holdfast: packageVersion(), node: process.version },
      report,
    });
  } catch (error) {
    if (error instanceof CliError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.fault, message);
  }

  write(options, twin, Math.round(performance.now() - startedAtMs));
  await stopAsked.promise;
  await twin.stop();
  return EXIT.done;
}

/** Where the assembly to boot is; synthesizes one unless one was given. */
async function assemblyOf(
  options: StartOptions,
  report: (message: string) => void,
): Promise<string> {
  if (options.assemblyDirectory !== null) return options.assemblyDirectory;
  const outDir = join(options.directory, '.holdfast', 'assembly');
  await prepareAssembly({ ...options, root: ROOT, outDir, report });
  return outDir;
}

/** The suffix that the stacks were synthesized with, as their functions are told it. */
function suffixOf({ regions }: TwinModel): string | null {
  const environments = regions.flatMap(({ functions }) => functions.map((one) => one.environment));
  return (
    environments.map((one) => one[ENVIRONMENT.suffix]).find((one) => one !== undefined) ?? null
  );
}

function write(options: StartOptions, twin: Twin, startupMs: number): void {
  const { addresses, model } = twin;
  const regions = model.regions.map(({ region }) => region);
  const suffix = suffixOf(model) ?? options.suffix;
  const methods = model.regions.flatMap(({ restApis }) => restApis.flatMap((api) => api.methods));
  const description: ReadyDescription = {
    suffix,
    addresses,
    regions,
    dataDirectory: options.dataDirectory,
    paymentsTable: resourceNames(suffix).paymentsTable,
    access: methods.some((method) => method.authorizationType === 'AWS_IAM') ? 'iam' : 'open',
    notRunTypes: model.regions.flatMap(({ notRun }) => notRun.map(({ type }) => type)),
    startupMs,
  };
  const text = options.json
    ? `${JSON.stringify(description)}\n`
    : renderReady(description, paintFor(process.stdout, process.env));
  process.stdout.write(text);
}

/** The first signal asks for a clean stop; a second one ends the process where it stands. */
function untilStopAsked(report: (message: string) => void): {
  readonly promise: Promise<void>;
  readonly isAsked: () => boolean;
} {
  const { promise, resolve: ask } = Promise.withResolvers<void>();
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(EXIT.fault);
      asked = true;
      report('stopping');
      ask();
    });
  }
  return { promise, isAsked: () => asked };
}

function packageVersion(): string {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
