/** The verb `drill`: its options and help. */

import { Argument, type Command, Option } from 'commander';
import { SCENARIO_NAMES, SCENARIOS } from '#ops/drill/scenarios/scenarios.ts';
import { ROUTING_PROFILE_NAMES } from '#twin/routing/routing-profile.ts';
import { CliError } from './cli-error.ts';
import type { DrillArguments } from './commands/drill.ts';
import { EXIT } from './exit-codes.ts';
import { parsePaymentRate } from './parse-options.ts';
import type { ProgramContext } from './program.ts';
import { columns } from './terminal.ts';

const EXAMPLES = `
Examples:
  holdfast drill region-loss
  holdfast drill grey-slow --profile aws --report ./grey-slow
  holdfast drill failback-under-load --rate 30 --json
  holdfast drill --script scripts/fault-scripts/short-isolation.json
`;

/** Adds the verb. Its code is loaded when it runs. */
export function addDrill(program: Command, context: ProgramContext): void {
  program
    .command('drill')
    .description('break a Region under load, and report what came of it')
    .addArgument(new Argument('[scenario]', 'what to drill').choices(SCENARIO_NAMES))
    .option(
      '--script <file>',
      'run a fault script instead of a scenario: see docs/fault-scripts.md',
    )
    .addOption(
      new Option(
        '--profile <name>',
        'as on AWS, or in seconds (default: of the twin here, else fast)',
      ).choices(ROUTING_PROFILE_NAMES),
    )
    .option('--own', 'on a twin of its own (default: the one that runs here, if its profile fits)')
    .option(
      '--rate <number>',
      'payments a second, all clients together (default: 15 fast, 6 aws)',
      parsePaymentRate,
    )
    .option('--objectives <file>', 'JSON: rtoDnsSeconds, rtoRetryingSeconds, rpoPayments')
    .option('--report <dir>', 'where JSON, Markdown and HTML go (default: .holdfast/drills/...)')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', `\nScenarios:\n${scenarioLines()}\n${EXAMPLES}`)
    .action(async (scenario: string | undefined, _options: unknown, command: Command) => {
      const given = command.optsWithGlobals<DrillArguments & { readonly script?: string }>();
      if ((scenario === undefined) === (given.script === undefined)) {
        const known = SCENARIO_NAMES.join(', ');
        const message = `name a scenario (${known}) or a fault script with --script FILE, one of the two`;
        throw new CliError(EXIT.usage, message);
      }
      if (scenario !== undefined) {
        const { drill } = await import('./commands/drill.ts');
        await drill(scenario, given, context);
      } else if (given.script !== undefined) {
        const { drillScript } = await import('./commands/drill-script.ts');
        await drillScript(given.script, given, context);
      }
    });
}

function scenarioLines(): string {
  return columns(SCENARIOS.map(({ name, title }) => [name, title])).join('\n');
}
