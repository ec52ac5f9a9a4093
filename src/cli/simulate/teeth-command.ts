/** The command that tries the simulator's teeth: each bug of the catalogue must be caught. */

import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { parseSeconds } from '../parse-options.ts';
import { createProgress } from '../progress.ts';
import { type Paint, paintFor } from '../terminal.ts';
import type { PlantedBug } from './planted-bug.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { catchTimes, renderTeeth } from './render-teeth.ts';
import { runTeeth } from './teeth.ts';

/** For each bug; most take a small part of it. */
const SECONDS_DEFAULT = 60;

const EXAMPLES = `
Examples:
  npm run sim:teeth
  npm run sim:teeth -- --only acknowledge-before-persisting,publish-fault-swallowed
  npm run sim:teeth -- --seconds 10 --json

Exit codes: 0 every bug was caught and the control is clean, 1 not so, 2 usage.`;

export interface TeethCommandContext {
  readonly paint: Paint;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Module that exports `loadSubject`. @default the simulator */
  readonly subjectUrl?: string;
}

interface TeethArguments {
  readonly only?: readonly PlantedBug[];
  readonly seconds: number;
  readonly json?: boolean;
}

/** Runs the command line `argv`, without the program's name; returns the exit code. */
export async function teethCommand(
  argv: readonly string[],
  context: TeethCommandContext = ownTerminal(),
): Promise<number> {
  const { paint, writeOut, writeError, ...more } = context;
  const command = createCommand(context);
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  const { only = PLANTED_BUGS, seconds, json } = command.opts<TeethArguments>();
  const report = await runTeeth({
    bugs: only,
    secondsMax: seconds,
    onResult: ({ name, outcome }) => {
      if (outcome.kind !== 'caught') writeError(`${name}: ${outcome.kind}\n`);
    },
    onProgress: createProgress(writeError),
    ...more,
  });
  writeOut(
    json === true
      ? `${JSON.stringify({ ...report, times: catchTimes(report.results) }, null, 2)}\n`
      : renderTeeth(report, paint),
  );
  return report.passed ? EXIT.done : EXIT.fault;
}

function createCommand({ writeOut, writeError }: TeethCommandContext): Command {
  return new Command('sim:teeth')
    .description('plant bugs in the core, one at a time, and see the simulator catch each')
    .option('--only <names>', 'these bugs, with commas (default: all)', parseNames)
    .option('--seconds <number>', 'for each bug, at most', parseSeconds, SECONDS_DEFAULT)
    .option('--json', 'print the report as JSON')
    .helpOption('-h, --help', 'print help')
    .configureOutput({ writeOut, writeErr: writeError })
    .exitOverride()
    .addHelpText('after', EXAMPLES);
}

function parseNames(text: string): readonly PlantedBug[] {
  return text.split(',').map((name) => {
    const bug = PLANTED_BUGS.find((one) => one.name === name);
    if (bug === undefined) throw new InvalidArgumentError(`No planted bug is called ${name}.`);
    return bug;
  });
}

function ownTerminal(): TeethCommandContext {
  return {
    paint: paintFor(process.stdout, process.env),
    writeOut: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
  };
}
