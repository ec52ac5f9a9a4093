/** The verb `simulate`: its options and help. */

import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { SIM_MODES } from '#sim/sim-result.ts';
import {
  parseMinutes,
  parsePairs,
  parseSeed,
  parseSeedCount,
  parseWorkers,
} from './parse-options.ts';
import type { ProgramContext } from './program.ts';
import type { SimulateArguments } from './simulate/simulate-command.ts';

const EXAMPLES = `
Examples:
  holdfast simulate
  holdfast simulate --seeds 50000 --matrix
  holdfast simulate --minutes 10 --mode eventual --first-seed 100000
  holdfast simulate --seed 4711 --about t12
  holdfast simulate --seed 4711 --html run.html
  holdfast simulate --exhaustive --pairs

A failure is a seed and a commit: the same two give the same run, event by event.
`;

/** Adds the verb. Its code is loaded when it runs. */
export function addSimulate(program: Command, context: ProgramContext): void {
  program
    .command('simulate')
    .description('run Region failovers in virtual time, and check every invariant')
    .option('--seeds <number>', 'how many (default: 2000, or what --minutes allow)', parseSeedCount)
    .option('--first-seed <seed>', 'the first of them (default: 1)', parseSeed)
    .option('--minutes <number>', 'for as long as that', parseMinutes)
    .addOption(
      new Option('--mode <name>', 'which kinds of worlds to draw')
        .choices(SIM_MODES)
        .default('any'),
    )
    .option('--workers <number>', 'threads', parseWorkers, availableParallelism())
    .option('--hashes', 'run every seed twice, and compare')
    .option('--matrix', 'show which fault met what')
    .option('--no-shrink', 'leave a failure as large as it is')
    .option('--out <dir>', 'where the plan of a failure goes (default: temporary files)')
    .option('--seed <seed>', 'run that one again, and show it', parseSeed)
    .option('--plan <file>', 'run the plan of a failure again, and show it')
    .option('--script <file>', 'run a fault script, and say what class of outcome it had')
    .option('--about <id>', 'with --seed, --plan, --script: show that transaction alone')
    .option('--all', 'with --seed, --plan, --script: show every event')
    .option('--html <file>', 'with --seed, --plan, --script: write a page to look around in')
    .option('--exhaustive', 'instead of seeds: a crash at every step of a few small worlds')
    .option('--pairs [max]', 'with --exhaustive: and at pairs of steps (default: 5000)', parsePairs)
    .option('--json', 'print the report as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (_options: unknown, command: Command) => {
      const { simulate } = await import('./simulate/simulate-command.ts');
      const { isTTY, columns: width } = process.stderr;
      const isTerminal = Boolean(isTTY);
      const given = command.optsWithGlobals<SimulateArguments>();
      context.setExitCode(await simulate(given, { ...context, isTerminal, width }));
    });
}
