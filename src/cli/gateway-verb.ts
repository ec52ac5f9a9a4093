/** The verb `gateway`: its options and help. */

import type { Command } from 'commander';
import type { GatewayArguments } from './commands/gateway.ts';
import { parseLateMs, parseShare, parseSinglePort } from './parse-options.ts';
import type { ProgramContext } from './program.ts';

const DEFAULT_GATEWAY_PORT = 8_090;

const EXAMPLES = `
Examples:
  holdfast gateway
  holdfast gateway --decline-rate 0.1 --fail-after-charge-rate 0.2
  holdfast gateway --late-ms 5000 --late-rate 0.5
`;

/** Adds the verb. Its code is loaded when it runs. */
export function addGateway(program: Command, { paint, writeOut }: ProgramContext): void {
  program
    .command('gateway')
    .description('run a payment gateway to try things with: it moves no money')
    .option('--port <number>', '0 takes a free one', parseSinglePort, DEFAULT_GATEWAY_PORT)
    .option('--decline-rate <share>', 'charges that are declined', parseShare)
    .option('--hang-rate <share>', 'requests that are never answered', parseShare)
    .option('--unavailable-rate <share>', '503 before any effect', parseShare)
    .option('--error-rate <share>', '500 before any effect', parseShare)
    .option('--fail-after-charge-rate <share>', 'charged, then cut off', parseShare)
    .option('--late-rate <share>', 'charged, and answered late (default: 1)', parseShare)
    .option('--late-ms <number>', 'how late', parseLateMs)
    .option('--look-up-error-rate <share>', '500 to look-ups', parseShare)
    .option('--json', 'say when it is ready as one line of JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: GatewayArguments) => {
      const { gateway } = await import('./commands/gateway.ts');
      await gateway(options, paint, writeOut);
    });
}
