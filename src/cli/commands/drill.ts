/** `holdfast drill`: breaks a Region under load, and reports what clients and payments came to. */

import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { connectDrill } from '#ops/drill/connect-drill.ts';
import type { DrillProfile } from '#ops/drill/drill-target.ts';
import { DEFAULT_OBJECTIVES, type DrillObjectives, readObjectives } from '#ops/drill/objectives.ts';
import { PACES } from '#ops/drill/pace.ts';
import { buildReport, type DrillReport } from '#ops/drill/report/drill-report.ts';
import { type ReportPaths, writeReport } from '#ops/drill/report/write-report.ts';
import { type DrillProgress, runDrill } from '#ops/drill/run-drill.ts';
import { scenarioNamed } from '#ops/drill/scenarios/scenarios.ts';
import { OpsError } from '#ops/ops-error.ts';
import type { TwinStatus } from '#twin/control/twin-status.ts';
import { CliError } from '../cli-error.ts';
import { createDrillTarget } from '../drill-target.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { exitCodeOf } from '../ops-environment.ts';
import type { ProgramContext } from '../program.ts';
import { createProgress } from '../progress.ts';
import { renderDrill } from '../render-drill.ts';
import { type DrillTwin, startDrillTwin } from '../start-drill-twin.ts';
import type { Consistency } from '../start-options.ts';
import { connectToTwin, createTwinClient, type TwinClient } from '../twin-client.ts';

/** What an interrupted drill says first. */
export const HEALS_FIRST = 'interrupted: healing every fault before leaving\n';

/** Option values as the command line has them, checked one by one. */
export interface DrillArguments {
  readonly twin?: string;
  /** Starts a twin for this drill, whatever runs here. */
  readonly own?: boolean;
  readonly profile?: DrillProfile;
  readonly rate?: number;
  readonly json?: boolean;
  readonly report?: string;
  readonly objectives?: string;
}

type Context = Pick<
  ProgramContext,
  'directory' | 'paint' | 'writeOut' | 'writeError' | 'setExitCode'
>;

/**
 * Runs one scenario. Ends with 4 when an objective is missed, with 3 when the target is not ready. SIGINT
 * and SIGTERM heal every fault before it ends, with 1; a second one ends it where it stands.
 */
export async function drill(name: string, given: DrillArguments, context: Context): Promise<void> {
  const interrupt = onInterrupt(() => context.writeError(HEALS_FIRST));
  try {
    const scenario = asUsage(() => scenarioNamed(name));
    const objectivesText = await readIfGiven(given.objectives, context.directory);
    // Wrong objectives are to be said before a twin is started for them.
    if (objectivesText !== null) asUsage(() => readObjectives(objectivesText, 'fast'));
    const twin = await chooseTwin(given, context, interrupt.signal);
    try {
      const { profile } = twin.status;
      const objectives: DrillObjectives =
        objectivesText === null
          ? DEFAULT_OBJECTIVES[profile]
          : readObjectives(objectivesText, profile);
      const target = createDrillTarget(twin.client, twin.status, twin.own !== null);
      const connection = connectDrill(target);
      const pace = { ...PACES[profile], ...(given.rate && { ratePerSecond: given.rate }) };
      const record = await runDrill(
        { scenario, objectives, pace },
        connection.world,
        createTeller(scenario.name, context),
        interrupt.signal,
      ).finally(() => connection.close());
      const report = buildReport(record);
      const paths = await writeReport(report, reportDirectory(given, report, context.directory));
      say(report, paths, given.json === true, context);
    } finally {
      await twin.own?.stop();
    }
  } catch (error) {
    if (error instanceof OpsError) throw new CliError(exitCodeOf(error), error.message, error);
    throw error;
  } finally {
    interrupt.end();
  }
}

interface ChosenTwin {
  readonly client: TwinClient;
  readonly status: TwinStatus;
  /** Null: it was there before. */
  readonly own: DrillTwin | null;
}

/** The one that was named, else the one that runs here if its profile fits, else one for this drill. */
export async function chooseTwin(
  { twin: url, own: ofItsOwn = false, profile }: DrillArguments,
  { directory, writeError }: Context,
  signal: AbortSignal,
  consistency: Consistency = 'strong',
): Promise<ChosenTwin> {
  if (ofItsOwn && url !== undefined) {
    throw new CliError(EXIT.usage, '--own and --twin exclude each other; leave one out');
  }
  const found = ofItsOwn ? null : await findRunning(url, directory);
  const fits = found !== null && (profile === undefined || found.status.profile === profile);
  if (found !== null && fits) return { ...found, own: null };
  if (found !== null && url !== undefined) {
    const message = `the twin at ${url} has profile ${found.status.profile}; leave out --profile or --twin`;
    throw new CliError(EXIT.usage, message);
  }
  const wanted = profile ?? 'fast';
  writeError(`starting a twin for this drill, profile ${wanted}\n`);
  const own = await startDrillTwin(wanted, signal, consistency);
  try {
    const client = createTwinClient(own.controlUrl);
    return { client, status: await client.status(), own };
  } catch (error) {
    await own.stop();
    throw error;
  }
}

async function findRunning(
  url: string | undefined,
  directory: string,
): Promise<Omit<ChosenTwin, 'own'> | null> {
  try {
    const client = await connectToTwin(url, directory);
    return { client, status: await client.status() };
  } catch (error) {
    // None runs here: that is what a twin of one's own is for.
    if (error instanceof CliError && url === undefined) return null;
    throw error;
  }
}

/** Each phase at once, and how payments fare every two seconds. */
function createTeller(
  scenario: string,
  { writeError }: Context,
): (progress: DrillProgress) => void {
  const progress = createProgress(writeError);
  let told = '';
  return ({ phase, elapsedMs, succeeding }) => {
    const share = succeeding === null ? 'no answers' : `${Math.round(succeeding * 100)} % succeed`;
    const line = `${scenario} ${(elapsedMs / 1_000).toFixed(1).padStart(6)} s  ${share.padEnd(13)} ${phase}`;
    if (phase === told) progress(line);
    else writeError(`${line}\n`);
    told = phase;
  };
}

function say(report: DrillReport, paths: ReportPaths, json: boolean, context: Context): void {
  const shown = {
    json: relative(context.directory, paths.json),
    markdown: relative(context.directory, paths.markdown),
    html: relative(context.directory, paths.html),
  };
  context.writeOut(
    json ? `${JSON.stringify(report, null, 2)}\n` : renderDrill(report, shown, context.paint),
  );
  const code: ExitCode = report.passed ? EXIT.done : EXIT.objectiveMissed;
  context.setExitCode(code);
}

function reportDirectory(
  { report: given }: DrillArguments,
  { environment, scenario }: DrillReport,
  directory: string,
): string {
  if (given !== undefined) return resolve(directory, given);
  const moment = environment.startedAt.replace(/[:.]/g, '-');
  return join(directory, '.holdfast', 'drills', `${moment}-${scenario.name}`);
}

async function readIfGiven(path: string | undefined, directory: string): Promise<string | null> {
  if (path === undefined) return null;
  try {
    return await readFile(resolve(directory, path), 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new CliError(EXIT.usage, `--objectives: ${path} can't be read (${code})`, cause);
  }
}

function asUsage<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof OpsError) throw new CliError(EXIT.usage, error.message, error);
    throw error;
  }
}
