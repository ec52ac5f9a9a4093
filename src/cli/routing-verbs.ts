/** The verbs that say where traffic goes: their options and help. */

import { Argument, type Command } from 'commander';
import type {
  ChangeArguments,
  DrainArguments,
  FailoverArguments,
} from './commands/change-routing.ts';
import type { EnvironmentArguments } from './ops-environment.ts';
import { examples, inAnyEnvironment } from './ops-verbs.ts';
import { parseLimit, parseRegion, parseSaid } from './parse-options.ts';
import type { ProgramContext } from './program.ts';

const HISTORY_LIMIT = 20;

/** Adds the verbs. Their code is loaded when they run. */
export function addRoutingVerbs(program: Command, context: ProgramContext): void {
  addMoves(program, context);
  addMode(program, context);
  inAnyEnvironment(program.command('routing'))
    .description('show where traffic goes, and whether the orchestrators live')
    .addHelpText('after', examples(['routing', 'routing --aws --suffix prod --json']))
    .action(async (_options: unknown, command: Command) => {
      const { routing } = await import('./commands/routing.ts');
      await routing(command.optsWithGlobals<EnvironmentArguments>(), context);
    });
  inAnyEnvironment(program.command('history'))
    .description('show who moved traffic when and why, and verify that nobody changed it')
    .option('--limit <number>', 'show so many at most, the newest', parseLimit, HISTORY_LIMIT)
    .addHelpText('after', examples(['history', 'history --limit 100 --json']))
    .action(async (_options: unknown, command: Command) => {
      const { history } = await import('./commands/routing.ts');
      await history(command.optsWithGlobals(), context);
    });
}

function addMoves(program: Command, context: ProgramContext): void {
  forced(saying(inAnyEnvironment(program.command('failover'))))
    .description('move all traffic to a Region')
    .requiredOption('--to <region>', 'for example us-east-2', parseRegion)
    .addHelpText(
      'after',
      examples([
        'failover --to us-east-2',
        'failover --to us-east-2 --reason "INC-7: cards fail" --aws --suffix prod',
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const { failover } = await import('./commands/change-routing.ts');
      await failover(command.optsWithGlobals<FailoverArguments>(), context);
    });
  forced(saying(inAnyEnvironment(program.command('failback'))))
    .description('move traffic back to where it is configured to go')
    .addHelpText('after', examples(['failback', 'failback --reason "INC-7 is over"']))
    .action(async (_options: unknown, command: Command) => {
      const { failback } = await import('./commands/change-routing.ts');
      await failback(command.optsWithGlobals<ChangeArguments>(), context);
    });
  forced(saying(inAnyEnvironment(program.command('drain'))))
    .description('take a Region out of service, or put it back')
    .addArgument(new Argument('<region>', 'for example us-east-1').argParser(parseRegion))
    .option('--end', 'put it back into service; moves no traffic')
    .addHelpText('after', examples(['drain us-east-1', 'drain us-east-1 --end']))
    .action(async (region: string, _options: unknown, command: Command) => {
      const { drain } = await import('./commands/change-routing.ts');
      await drain(region, command.optsWithGlobals<DrainArguments>(), context);
    });
}

function addMode(program: Command, context: ProgramContext): void {
  saying(inAnyEnvironment(program.command('mode')))
    .description('stop the automation (manual), or let it decide (auto)')
    .addArgument(new Argument('<mode>', 'who moves traffic').choices(['auto', 'manual']))
    .addHelpText('after', examples(['mode manual --reason "maintenance"', 'mode auto']))
    .action(async (mode: 'auto' | 'manual', _options: unknown, command: Command) => {
      const { setMode } = await import('./commands/change-routing.ts');
      await setMode(mode, command.optsWithGlobals<ChangeArguments>(), context);
    });
}

function saying(command: Command): Command {
  return command
    .option('--reason <text>', 'why, for the history (default: by hand)', parseSaid)
    .option('--actor <name>', 'who, for the history (default: who is logged in)', parseSaid);
}

function forced(command: Command): Command {
  return command.option('--force', 'do it even where a rule refuses it');
}
