/** `holdfast reconcile`: looks at every payment in every replica, and mends what is wrong. */

import { connectReconcile } from '#ops/connect-reconcile.ts';
import { type ReconcileProgress, type ReconcileReport, reconcile } from '#ops/reconcile.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type EnvironmentArguments, inEnvironment } from '../ops-environment.ts';
import type { ProgramContext } from '../program.ts';
import { createProgress } from '../progress.ts';
import { renderReconcile } from '../render-reconcile.ts';
import { userName } from '../user-name.ts';

export interface ReconcileArguments extends EnvironmentArguments {
  readonly repair?: boolean;
  /** Seconds. */
  readonly settle?: number;
  readonly actor?: string;
}

/** Ends with 4 when something wrong is left, with 1 when a replica that matters could not be read. */
export async function reconcileReplicas(
  given: ReconcileArguments,
  context: ProgramContext,
): Promise<void> {
  const repair = given.repair === true;
  const settleMs = given.settle === undefined ? null : given.settle * 1_000;
  const progress = createProgress(context.writeError);
  const report = await inEnvironment(given, context, async (environment) => {
    const request = { repair, settleMs, actor: given.actor ?? userName() };
    const connection = await connectReconcile(request, environment);
    return reconcile({ repair, settleMs: connection.settleMs }, connection.ports, (state) =>
      progress(progressText(state)),
    );
  });
  context.writeOut(
    given.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderReconcile(report, repair, context.paint),
  );
  context.setExitCode(exitCodeOf(report));
}

function exitCodeOf({ left, complete }: ReconcileReport): ExitCode {
  if (left > 0) return EXIT.objectiveMissed;
  return complete ? EXIT.done : EXIT.fault;
}

function progressText({ stage, transactions, suspects }: ReconcileProgress): string {
  return `${stage}: ${transactions} transactions, ${suspects} to look at again`;
}
