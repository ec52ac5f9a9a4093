/** `holdfast simulate`: thousands of failovers in virtual time, or one of them again, event by event. */

import type { SimMode } from '#sim/sim-result.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import type { ProgramContext } from '../program.ts';
import { replay } from './replay.ts';
import { runSwarm } from './run-swarm.ts';
import type { SimWorkerOptions } from './sim-worker.ts';

/** Option values as the command line has them, checked one by one. */
export interface SimulateArguments {
  readonly mode: SimMode;
  /** Threads. */
  readonly workers: number;
  readonly seeds?: number;
  readonly firstSeed?: number;
  readonly minutes?: number;
  readonly hashes?: boolean;
  readonly matrix?: boolean;
  readonly shrink: boolean;
  /** Folder for the plan of a failure. */
  readonly out?: string;
  readonly seed?: number;
  /** File of a plan. */
  readonly plan?: string;
  /** A transaction_id. */
  readonly about?: string;
  readonly all?: boolean;
  /** File for the page. */
  readonly html?: string;
  readonly json?: boolean;
}

type Terminal = Pick<ProgramContext, 'directory' | 'paint' | 'writeOut' | 'writeError'>;

export interface SimulateContext extends Terminal {
  /** Whether stderr is one, and how many characters wide. */
  readonly isTerminal: boolean;
  readonly width?: number;
  /** What is simulated. @default the simulator */
  readonly simulator?: SimWorkerOptions;
}

const OF_SWARMS = ['seeds', 'firstSeed', 'minutes', 'hashes', 'matrix', 'out'] as const;
const OF_REPLAYS = ['about', 'all', 'html'] as const;

/** Returns the exit code: 0 nothing was broken, 1 something was. Throws `CliError` for options that don't fit. */
export async function simulate(
  given: SimulateArguments,
  context: SimulateContext,
): Promise<number> {
  const isReplay = given.seed !== undefined || given.plan !== undefined;
  if (given.seed !== undefined && given.plan !== undefined) {
    throw new CliError(EXIT.usage, '--seed and --plan exclude each other; leave one out');
  }
  const misfit = (isReplay ? OF_SWARMS : OF_REPLAYS).find((name) => given[name] !== undefined);
  if (misfit !== undefined) {
    const option = optionName(misfit);
    throw new CliError(
      EXIT.usage,
      isReplay
        ? `${option} is for many seeds, and --seed and --plan run one; leave it out`
        : `${option} shows one run; name it by --seed or --plan`,
    );
  }
  const interrupt = onInterrupt(context.writeError);
  try {
    const run = isReplay ? replay : runSwarm;
    return await run(given, context, interrupt.signal);
  } finally {
    interrupt.end();
  }
}

/** The first signal ends the threads, and what was done is shown; a second one ends the process. */
function onInterrupt(writeError: (text: string) => void): {
  readonly signal: AbortSignal;
  readonly end: () => void;
} {
  const controller = new AbortController();
  const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.fault);
    writeError('\ninterrupted\n');
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}

function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
