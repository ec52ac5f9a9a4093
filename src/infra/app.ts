/**
 * Entry of the CDK command (cdk.json) and of a synthesis without it:
 *
 *     node src/infra/app.ts [-c key=value ...] [--output cdk.out] [--functions dist/functions]
 *
 * Exit codes: 0 written, 1 could not be written, 2 bad arguments or configuration.
 */

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { App } from 'aws-cdk-lib';
import { ConfigurationError, readConfiguration } from './configuration.ts';
import { MissingBundleError, synthesize } from './synthesize.ts';

class UsageError extends Error {
  override readonly name = 'UsageError';
}

interface Arguments {
  readonly context: Readonly<Record<string, string>>;
  readonly outDir: string;
  readonly functionsDir: string;
}

function main(): void {
  try {
    const { context, outDir, functionsDir } = readArguments(process.argv.slice(2));
    const configuration = readConfiguration({ ...cdkContext(), ...context });
    for (const warning of configuration.warnings) console.error(`warning: ${warning}`);
    const account = process.env['CDK_DEFAULT_ACCOUNT'];
    synthesize(configuration, {
      outDir,
      functionsDir,
      ...(account === undefined || account === '' ? {} : { account }),
    });
  } catch (error) {
    if (error instanceof ConfigurationError || error instanceof UsageError) {
      console.error(error.message);
      process.exitCode = 2;
      return;
    }
    console.error(error instanceof MissingBundleError ? error.message : error);
    process.exitCode = 1;
  }
}

function readArguments(args: readonly string[]): Arguments {
  const options = {
    context: { type: 'string', short: 'c', multiple: true },
    output: { type: 'string', short: 'o' },
    functions: { type: 'string' },
  } as const;
  const usage = 'Usage: node src/infra/app.ts [-c key=value ...] [--output DIR] [--functions DIR]';
  const parse = () => {
    try {
      return parseArgs({ args: [...args], options, allowPositionals: false }).values;
    } catch (cause) {
      throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${usage}`, {
        cause,
      });
    }
  };
  const values = parse();
  const pairs = (values.context ?? []).map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`-c ${pair}: give key=value.\n${usage}`);
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return {
    context: Object.fromEntries(pairs),
    outDir: resolve(values.output ?? process.env['CDK_OUTDIR'] ?? join(projectRoot(), 'cdk.out')),
    functionsDir: resolve(values.functions ?? join(projectRoot(), 'dist', 'functions')),
  };
}

/** What the CDK command hands over, by environment variable or, when long, by file. */
function cdkContext(): Record<string, unknown> {
  return new App({ autoSynth: false }).node.getAllContext() as Record<string, unknown>;
}

function projectRoot(): string {
  return resolve(import.meta.dirname, '..', '..');
}

main();
