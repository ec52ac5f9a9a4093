/** `holdfast simulate`: thousands of failovers in virtual time, or one of them again, event by event. */

import type { SimMode } from '#sim/sim-result.ts';
import { CliError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { onInterrupt } from '../on-interrupt.ts';
import type { ProgramContext } from '../program.ts';
import { exhaust } from './exhaust.ts';
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
  /** File of a fault script. */
  readonly script?: string;
  /** A transaction_id. */
  readonly about?: string;
  readonly all?: boolean;
  /** File for the page. */
  readonly html?: string;
  readonly exhaustive?: boolean;
  /** A number: at most so many for each scenario. */
  readonly pairs?: boolean | number;
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

const OF_SWARMS = ['seeds', 'firstSeed', 'minutes', 'hashes', 'matrix'] as const;
const FIXED = ['plan', 'script'] as const;
const OF_REPLAYS = ['seed', 'plan', 'script', 'about', 'all', 'html'] as const;

/**
 * Returns the exit code: 0 nothing was broken, 1 something was, 4 a script expects another outcome. Throws `CliError` for
 * options that don't fit.
 */
export async function simulate(
  given: SimulateArguments,
  context: SimulateContext,
): Promise<number> {
  const kind = kindOf(given);
  checkFits(given, kind);
  const interrupt = onInterrupt(() => context.writeError('\ninterrupted\n'));
  try {
    return await RUN[kind](given, context, interrupt.signal);
  } finally {
    interrupt.end();
  }
}

type Kind = 'swarm' | 'replay' | 'exhaustive';

const RUN = { swarm: runSwarm, replay, exhaustive: exhaust } as const;

function kindOf({ seed, plan, script, exhaustive }: SimulateArguments): Kind {
  if (exhaustive === true) return 'exhaustive';
  const isOne = seed !== undefined || plan !== undefined || script !== undefined;
  return isOne ? 'replay' : 'swarm';
}

/** Throws `CliError` for the first option that has no meaning here. */
function checkFits(given: SimulateArguments, kind: Kind): void {
  const named = (names: readonly (keyof SimulateArguments)[]): string | null => {
    const found = names.find((name) => given[name] !== undefined);
    return found === undefined ? null : optionName(found);
  };
  const ofSwarm = named(OF_SWARMS);
  if (kind === 'exhaustive') {
    const misfit = ofSwarm ?? named(OF_REPLAYS) ?? modeOf(given) ?? noShrinkOf(given);
    if (misfit !== null) {
      throw misuse(`${misfit} has no part in --exhaustive, whose worlds are fixed; leave it out`);
    }
    return;
  }
  if (given.pairs !== undefined) throw misuse('--pairs goes with --exhaustive; add that');
  if (kind === 'swarm') {
    const misfit = named(OF_REPLAYS);
    if (misfit !== null)
      throw misuse(`${misfit} shows one run; name it by --seed, --plan or --script`);
    return;
  }
  const worlds = (['seed', 'plan', 'script'] as const).filter((name) => given[name] !== undefined);
  if (worlds.length > 1) {
    throw misuse(`--${worlds.join(' and --')} exclude each other; leave one out`);
  }
  const misfit = ofSwarm ?? named(['out']) ?? noShrinkOf(given);
  if (misfit !== null) {
    throw misuse(
      `${misfit} is for many seeds, and --seed, --plan and --script run one; leave it out`,
    );
  }
  const fixed = FIXED.find((name) => given[name] !== undefined);
  if (fixed !== undefined && modeOf(given) !== null) {
    throw misuse(`--mode has no part in --${fixed}, whose world is fixed; leave it out`);
  }
}

/** What has a default is there always: only another value was given. */
function modeOf({ mode }: SimulateArguments): string | null {
  return mode === 'any' ? null : '--mode';
}

function noShrinkOf({ shrink }: SimulateArguments): string | null {
  return shrink ? null : '--no-shrink';
}

function misuse(message: string): CliError {
  return new CliError(EXIT.usage, message);
}

function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
