/** Entry of the command line: runs one verb and ends with its exit code. */

import { CommanderError } from 'commander';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { paintFor } from './terminal.ts';

// `holdfast status | head -1` closes the pipe; that is not a fault. A twin stays up without its reader.
const staysUp = ['start', 'gateway'].includes(process.argv[2] ?? '');
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (!staysUp && error.code === 'EPIPE') process.exit(EXIT.done);
});
// A terminal that was closed must not end a twin in the middle of its clean stop.
process.stderr.on('error', () => undefined);

// An exit code that is set, rather than `process.exit`, lets a slow pipe take all of the output.
process.exitCode = await run(process.argv.slice(2));
// What was given up may hold a connection open for minutes: a token service that hangs, say.
if (!staysUp) {
  const isWritten = (): boolean =>
    process.stdout.writableLength === 0 && process.stderr.writableLength === 0;
  setInterval(() => isWritten() && process.exit(), 100).unref();
}

/** Runs one command line. Results go to stdout, one line about a failure to stderr. */
async function run(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.done;
  const program = createProgram({
    directory: process.cwd(),
    paint: paintFor(process.stdout, process.env),
    writeOut: (text) => void process.stdout.write(text),
    // Of commander's own messages only help comes this way; its errors are reported below.
    writeError: (text) => {
      if (!text.startsWith('error:')) process.stderr.write(text);
    },
    setExitCode: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Help and version end in an "error" of their own.
    if (error.exitCode === 0) return EXIT.done;
    if (error.code === 'commander.help') return EXIT.usage;
    const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    say(`${message.replace(/\.$/, '')}; see: holdfast help`);
    return EXIT.usage;
  }
  const cause = error instanceof Error ? error : new Error(String(error));
  say(cause.message);
  if (process.env['HOLDFAST_DEBUG'] === '1') console.error(cause);
  else if (!(error instanceof CliError)) say('this is a defect; HOLDFAST_DEBUG=1 shows where');
  return error instanceof CliError ? error.exitCode : EXIT.fault;
}

function say(message: string): void {
  process.stderr.write(`${paintFor(process.stderr, process.env)('bad', 'holdfast:')} ${message}\n`);
}
