/** The verbs `dlq`, `reconcile` and `lease`: their options and help. */

import type { Command } from 'commander';
import type { ReconcileArguments } from './commands/reconcile.ts';
import type { EnvironmentArguments } from './ops-environment.ts';
import { parseLimit, parseRegions, parseSeconds, parseSuffix } from './parse-options.ts';
import type { ProgramContext } from './program.ts';

const LIST_LIMIT = 100;

/** Adds the verbs. Their code is loaded when they run. */
export function addOpsVerbs(program: Command, context: ProgramContext): void {
  addDlq(program, context);
  addReconcile(program, context);
  addLease(program, context);
}

function addDlq(program: Command, context: ProgramContext): void {
  const dlq = program
    .command('dlq')
    .description('dead letters: messages that were given up, and parked payments')
    .addHelpText('after', examples(['dlq list', 'dlq show txn-1', 'dlq redrive --all --dry-run']));

  inAnyEnvironment(dlq.command('list'))
    .description('list them, of every Region')
    .option('--filter <text>', 'beginning of a transaction_id, or part of a reason')
    .option('--limit <number>', 'show so many at most', parseLimit, LIST_LIMIT)
    .addHelpText('after', examples(['dlq list --filter txn-2026', 'dlq list --aws --suffix prod']))
    .action(async (_options: unknown, command: Command) => {
      const { listLetters } = await import('./commands/dlq.ts');
      await listLetters(command.optsWithGlobals(), context);
    });
  inAnyEnvironment(dlq.command('show'))
    .description('show everything that is known of one')
    .argument('<id>', 'a transaction_id or the id of a message')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { showLetter } = await import('./commands/dlq.ts');
      await showLetter(id, command.optsWithGlobals(), context);
    });
  inAnyEnvironment(dlq.command('redrive'))
    .description('give them another try; twice is harmless')
    .option('--filter <text>', 'beginning of a transaction_id, or part of a reason')
    .option('--all', 'every one of them')
    .option('--force', 'messages too that no payment stands behind')
    .option('--dry-run', 'say what would be done')
    .addHelpText('after', examples(['dlq redrive --filter txn-2026', 'dlq redrive --all']))
    .action(async (_options: unknown, command: Command) => {
      const { redriveLetters } = await import('./commands/dlq.ts');
      await redriveLetters(command.optsWithGlobals(), context);
    });
  inAnyEnvironment(dlq.command('close'))
    .description('take a message out of its queue that no redrive can help, and print all of it')
    .argument('<message-id>', 'as dlq list --json and dlq show have it')
    .option('--force', 'one too whose payment is there, or may be')
    .option('--dry-run', 'say what would be done')
    .action(async (messageId: string, _options: unknown, command: Command) => {
      const { closeLetter } = await import('./commands/dlq.ts');
      await closeLetter(messageId, command.optsWithGlobals(), context);
    });
}

function addReconcile(program: Command, context: ProgramContext): void {
  inAnyEnvironment(program.command('reconcile'))
    .description('look at every payment in every replica, and mend what is wrong')
    .option('--repair', 'mend it; each write is audited before it is made')
    .option(
      '--settle <seconds>',
      'wait before looking again (default: 5 eventual, 0 strong)',
      parseSeconds,
    )
    .option('--actor <name>', 'who repairs, for the audit trail (default: who is logged in)')
    .addHelpText('after', examples(['reconcile', 'reconcile --repair']))
    .action(async (_options: unknown, command: Command) => {
      const { reconcileReplicas } = await import('./commands/reconcile.ts');
      await reconcileReplicas(command.optsWithGlobals<ReconcileArguments>(), context);
    });
}

function addLease(program: Command, context: ProgramContext): void {
  const lease = program
    .command('lease')
    .description('who may write payments, where tables are eventually consistent')
    .addHelpText('after', examples(['lease show', 'lease take us-east-2 --planned']));

  inAnyEnvironment(lease.command('show'))
    .description('show the Region that holds it')
    .action(async (_options: unknown, command: Command) => {
      const { showTheLease } = await import('./commands/lease.ts');
      await showTheLease(command.optsWithGlobals<EnvironmentArguments>(), context);
    });
  inAnyEnvironment(lease.command('take'))
    .description('give it to a Region, 12 s after it was last renewed')
    .argument('<region>', 'for example us-east-2')
    .option('--planned', 'from a Region that lives: it is told to renew no more')
    .action(async (region: string, _options: unknown, command: Command) => {
      const { takeTheLease } = await import('./commands/lease.ts');
      await takeTheLease(region, command.optsWithGlobals(), context);
    });
}

/** The options that every operator's verb has. */
export function inAnyEnvironment(command: Command): Command {
  return command
    .option('--aws', 'on AWS, with its default credentials (default: the twin found here)')
    .option('--regions <names>', 'with --aws: the primary first', parseRegions)
    .option('--suffix <name>', 'with --aws: environment suffix', parseSuffix)
    .option('--profile <name>', 'with --aws: profile of the AWS configuration')
    .option('--json', 'print the report as JSON');
}

export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  holdfast ${line}\n`).join('')}`;
}
