/** The verbs of the command line, their options and their help. */

import { readFileSync } from 'node:fs';
import { Argument, Command, Option } from 'commander';
import { DEFAULT_BASE_PORT } from '#twin/control/addresses.ts';
import {
  CRASH_MOMENTS,
  FAULT_KINDS,
  FAULT_SERVICES,
  type FaultKind,
  PARTITION_DIRECTIONS,
} from '#twin/faults/fault.ts';
import { ROUTING_PROFILE_NAMES } from '#twin/routing/routing-profile.ts';
import type { FaultArguments } from './commands/fault.ts';
import type { StartArguments } from './commands/start.ts';
import { addDrill } from './drill-verb.ts';
import { addGateway } from './gateway-verb.ts';
import { addOpsVerbs } from './ops-verbs.ts';
import {
  parseGatewayUrl,
  parseLatencyMs,
  parsePort,
  parseRate,
  parseSkip,
  parseSuffix,
  parseTwinUrl,
} from './parse-options.ts';
import { addRoutingVerbs } from './routing-verbs.ts';
import { addSimulate } from './simulate-verb.ts';
import { ACCESS_MODES, CONSISTENCY_MODES } from './start-options.ts';
import type { Paint } from './terminal.ts';
import type { TwinClient } from './twin-client.ts';

export interface ProgramContext {
  /** Absolute path of the folder that the command was given in. */
  readonly directory: string;
  readonly paint: Paint;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Takes the exit code of a verb that chooses its own. */
  readonly setExitCode: (code: number) => void;
}

interface GlobalOptions {
  readonly twin?: string;
  readonly json?: boolean;
}

/**
 * Builds the parser. Running it throws commander's error for a wrong command line, `CliError` for a
 * failure that has a message, and anything else for a defect. Each verb's code is loaded when it runs.
 */
export function createProgram(context: ProgramContext): Command {
  const program = new Command('holdfast')
    .description('A payment API that survives losing an AWS Region, and the twin that proves it.')
    .version(readVersion(), '--version', 'print the version')
    .option('--twin <url>', 'control address of a running twin (default: found here)', parseTwinUrl)
    .helpOption('-h, --help', 'print help')
    .configureOutput({ writeOut: context.writeOut, writeErr: context.writeError })
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText(
      'after',
      examples(['holdfast start', 'holdfast fault us-east-1 kill', 'holdfast status']) +
        '\nExit codes: 0 done, 1 fault, 2 usage, 3 refused by a guard, 4 objective missed.',
    );
  addStart(program, context);
  addStatus(program, context);
  addFault(program, context);
  addHeal(program, context);
  addGateway(program, context);
  addOpsVerbs(program, context);
  addRoutingVerbs(program, context);
  addDrill(program, context);
  addSimulate(program, context);
  return program;
}

function addStart(program: Command, { directory, setExitCode }: ProgramContext): void {
  program
    .command('start')
    .description('boot both Regions on this machine and stay up')
    .option('--port <number>', 'first of six ports in a row', parsePort, DEFAULT_BASE_PORT)
    .option('--data <dir>', 'keep the tables there (default: gone when it stops)')
    .option('--suffix <name>', 'environment suffix', parseSuffix, 'dev')
    .addOption(
      new Option('--profile <name>', 'timing of health checks and DNS: seconds, or as on AWS')
        .choices(ROUTING_PROFILE_NAMES)
        .default('fast'),
    )
    .addOption(
      new Option('--access <mode>', 'open takes unsigned requests, iam asks for signed ones')
        .choices(ACCESS_MODES)
        .default('open'),
    )
    .addOption(
      new Option('--consistency <mode>', 'of the payments table: strong (MRSC), eventual (MREC)')
        .choices(CONSISTENCY_MODES)
        .default('strong'),
    )
    .option('--gateway <url>', 'payment gateway to charge (default: record only)', parseGatewayUrl)
    .option('--assembly <dir>', 'boot this cloud assembly instead of synthesizing one')
    .option('--json', 'say when it is ready as one line of JSON')
    .addHelpText(
      'after',
      examples(['holdfast start', 'holdfast start --port 9000 --data ./tables --profile aws']),
    )
    .action(async (options: StartArguments) => {
      const { start } = await import('./commands/start.ts');
      setExitCode(await start(options, directory));
    });
}

function addStatus(program: Command, context: ProgramContext): void {
  program
    .command('status')
    .description('show the Regions, the faults in force and the replication')
    .option('--json', 'print all of it as JSON')
    .addHelpText('after', examples(['holdfast status', 'holdfast status --json']))
    .action(async (_options: unknown, command: Command) => {
      const { status } = await import('./commands/status.ts');
      const { client, json } = await connect(command, context);
      context.writeOut(await status(client, json, context.paint));
    });
}

function addFault(program: Command, context: ProgramContext): void {
  program
    .command('fault')
    .description('break something in a Region until it is healed')
    .argument('<region>', 'for example us-east-1')
    .addArgument(new Argument('<fault>', 'what to break').choices(FAULT_KINDS))
    .addOption(
      new Option('--service <name>', 'only there (default: everywhere in the Region)').choices(
        FAULT_SERVICES,
      ),
    )
    .option('--operation <name>', 'only that AWS operation, for example PutItem')
    .option('--latency-ms <number>', 'latency, lag: milliseconds', parseLatencyMs)
    .addOption(new Option('--ms <number>').argParser(parseLatencyMs).hideHelp())
    .option('--rate <share>', 'errors, throttle: share of the calls (default: 1)', parseRate)
    .addOption(
      new Option('--moment <name>', 'crash: before or after the call takes effect').choices(
        CRASH_MOMENTS,
      ),
    )
    .option('--skip <number>', 'crash: such calls to let pass first (default: 0)', parseSkip)
    .addOption(
      new Option('--direction <way>', 'partition: what is lost, seen from the Region').choices(
        PARTITION_DIRECTIONS,
      ),
    )
    .option('--peer <region>', 'partition: to or from that one only (default: all others)')
    .option('--json', 'print the fault as JSON')
    .addHelpText(
      'after',
      examples([
        'holdfast fault us-east-1 kill',
        'holdfast fault us-east-1 latency --service dynamodb --latency-ms 400',
        'holdfast fault us-east-2 throttle --service sqs --rate 0.5',
        'holdfast fault us-east-1 lag --latency-ms 5000',
        'holdfast fault us-east-1 partition --direction out --peer us-east-2',
        'holdfast fault us-east-1 crash --service dynamodb --operation PutItem --moment after',
      ]),
    )
    .action(
      async (
        region: string,
        kind: FaultKind,
        options: FaultArguments & { readonly ms?: number },
        command: Command,
      ) => {
        const { fault, faultRequest } = await import('./commands/fault.ts');
        const { ms, ...given } = options;
        const latency = ms === undefined ? {} : { latencyMs: ms };
        const request = faultRequest(region, kind, { ...latency, ...given });
        const { client, json } = await connect(command, context);
        context.writeOut(await fault(client, request, json, context.paint));
      },
    );
}

function addHeal(program: Command, context: ProgramContext): void {
  program
    .command('heal')
    .description('end the faults of a Region, or all of them, or one')
    .argument('[region]', 'all Regions if left out')
    .option('--id <fault>', 'end that fault alone, for example fault-3')
    .option('--json', 'print the faults that ended as JSON')
    .addHelpText(
      'after',
      examples(['holdfast heal us-east-1', 'holdfast heal', 'holdfast heal --id fault-3']),
    )
    .action(async (region: string | undefined, { id }: { id?: string }, command: Command) => {
      const { heal } = await import('./commands/heal.ts');
      const { client, json } = await connect(command, context);
      context.writeOut(await heal(client, region, id, json, context.paint));
    });
}

async function connect(
  command: Command,
  { directory }: ProgramContext,
): Promise<{ client: TwinClient; json: boolean }> {
  const { twin, json } = command.optsWithGlobals<GlobalOptions>();
  const { connectToTwin } = await import('./twin-client.ts');
  return { client: await connectToTwin(twin, directory), json: json === true };
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function readVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
