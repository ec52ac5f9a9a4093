/** The routing log by way of whichever Region answers: it is one for all of them. */

import { AppError } from '#core/app-error.ts';
import type { RoutingLog } from '#core/routing/routing-log.ts';
import { isFault, OpsError, reasonOf } from '../ops-error.ts';

export interface LogOfRegion {
  readonly region: string;
  readonly log: RoutingLog;
}

/**
 * Asks the Regions in this order. Each has the time of `deadline()`, and none that of a call's own deadline:
 * one that hangs must not use up the others' time.
 *
 * Throws `OpsError` (fault) when none answers. An append is repeated in the next Region with the same
 * `entryId`, so that it can't be made twice.
 */
export function createRegionalRoutingLog(
  logs: readonly LogOfRegion[],
  deadline: () => Parameters<RoutingLog['newest']>[0],
): RoutingLog {
  const inTurn = async <T>(ask: (log: RoutingLog) => Promise<T>): Promise<T> => {
    const reasons: string[] = [];
    let mayHaveTakenEffect = false;
    let cause: unknown;
    for (const { region, log } of logs) {
      try {
        return await ask(log);
      } catch (error) {
        if (!isFault(error)) throw error;
        mayHaveTakenEffect ||= error instanceof AppError && error.code === 'outcome_unknown';
        cause = error;
        reasons.push(`${region}: ${reasonOf(error)}`);
      }
    }
    const why = reasons.join('; ');
    throw new OpsError(
      'fault',
      mayHaveTakenEffect
        ? `nobody can say whether it was written; look with "holdfast history" before you repeat it (${why})`
        : `no Region answers for the routing log (${why})`,
      cause,
    );
  };
  return {
    newest: () => inTurn((log) => log.newest(deadline())),
    newestHere: () => inTurn((log) => log.newestHere(deadline())),
    append: (entry) => inTurn((log) => log.append(entry, deadline())),
    all: () => inTurn((log) => log.all(deadline())),
  };
}
