/** `holdfast routing` and `history`. */

import { connectRouting } from '#ops/routing/connect-routing.ts';
import { showHistory, showRouting } from '#ops/routing/show-routing.ts';
import { EXIT } from '../exit-codes.ts';
import { type EnvironmentArguments, inEnvironment } from '../ops-environment.ts';
import type { ProgramContext } from '../program.ts';
import { renderHistory, renderRouting } from '../render-routing.ts';

export interface HistoryArguments extends EnvironmentArguments {
  readonly limit: number;
}

export async function routing(given: EnvironmentArguments, context: ProgramContext): Promise<void> {
  const report = await inEnvironment(given, context, (environment) =>
    showRouting(connectRouting(environment)),
  );
  context.writeOut(
    given.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderRouting(report, context.paint),
  );
}

/** Ends with 1 when the chain is broken. */
export async function history(given: HistoryArguments, context: ProgramContext): Promise<void> {
  const report = await inEnvironment(given, context, (environment) =>
    showHistory(given.limit, connectRouting(environment)),
  );
  context.writeOut(
    given.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : renderHistory(report, context.paint),
  );
  context.setExitCode(report.fault === null ? EXIT.done : EXIT.fault);
}
