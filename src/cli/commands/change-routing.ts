/** `holdfast failover`, `failback`, `drain` and `mode`. */

import { changeRouting } from '#ops/routing/change-routing.ts';
import { connectRouting } from '#ops/routing/connect-routing.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type EnvironmentArguments, inEnvironment } from '../ops-environment.ts';
import type { ProgramContext } from '../program.ts';
import { createProgress } from '../progress.ts';
import { type ChangeReport, renderChange } from '../render-routing.ts';
import { userName } from '../user-name.ts';

export interface ChangeArguments extends EnvironmentArguments {
  readonly reason?: string;
  readonly actor?: string;
  readonly force?: boolean;
}

export interface FailoverArguments extends ChangeArguments {
  readonly to: string;
}

export interface DrainArguments extends ChangeArguments {
  readonly end?: boolean;
}

type Verb = Parameters<typeof changeRouting>[0];
type IsPreferred = (connection: { readonly region: string }) => boolean;

const primaryFirst: IsPreferred = () => true;

export async function failover(given: FailoverArguments, context: ProgramContext): Promise<void> {
  const { to } = given;
  await change(
    { ...saidIn(given), verb: 'failover', to },
    ({ region }) => region === to,
    given,
    context,
  );
}

export async function failback(given: ChangeArguments, context: ProgramContext): Promise<void> {
  await change({ ...saidIn(given), verb: 'failback' }, primaryFirst, given, context);
}

export async function drain(
  region: string,
  given: DrainArguments,
  context: ProgramContext,
): Promise<void> {
  const verb = given.end === true ? 'undrain' : 'drain';
  // The one that is taken out is the one that may be sick.
  await change({ ...saidIn(given), verb, region }, (one) => one.region !== region, given, context);
}

export async function setMode(
  mode: 'auto' | 'manual',
  given: ChangeArguments,
  context: ProgramContext,
): Promise<void> {
  await change({ ...saidIn(given), verb: 'mode', mode }, primaryFirst, given, context);
}

/**
 * `isPreferred`: the Regions that are asked first. Ends with 4 when the Regions do not answer as they should
 * in time, with 1 when the lease did not follow.
 */
async function change(
  verb: Verb,
  isPreferred: IsPreferred,
  given: ChangeArguments,
  context: ProgramContext,
): Promise<void> {
  const progress = createProgress(context.writeError);
  const report = await inEnvironment(given, context, (environment) =>
    changeRouting(verb, given.force === true, connectRouting(environment, isPreferred), progress),
  );
  context.writeOut(
    given.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderChange(report, context.paint),
  );
  context.setExitCode(exitCodeFor(report));
}

export function exitCodeFor({ lease, traffic }: ChangeReport): ExitCode {
  if (lease?.kind === 'not-held') return EXIT.fault;
  if (lease?.kind === 'superseded') return EXIT.refused;
  return traffic?.isSettled === false ? EXIT.objectiveMissed : EXIT.done;
}

function saidIn({ reason, actor }: ChangeArguments): { actor: string; reason: string } {
  return { actor: actor ?? userName(), reason: reason ?? 'by hand' };
}
