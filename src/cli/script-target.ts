/** What a fault script needs of a twin beyond what a drill needs: faults that end one by one. */

import { connectDrill, type DrillConnection } from '#ops/drill/connect-drill.ts';
import type { DrillTarget } from '#ops/drill/drill-target.ts';
import type { ScriptFault, ScriptRequest, ScriptWorld } from '#ops/fault-script/run-script.ts';
import { FAULTS } from '#sim/faults/fault-ids.ts';
import { type FaultScript, spreadMsOf } from '#sim/faults/fault-script.ts';
import type { PlannedFault } from '#sim/faults/fault-spec.ts';
import { twinFaultsOf } from '#sim/faults/twin-faults.ts';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';
import type { TwinClient } from './twin-client.ts';

export interface ScriptConnection extends Pick<DrillConnection, 'close'> {
  readonly world: ScriptWorld;
}

/** Connects. Nothing is sent yet. */
export function connectScript(target: DrillTarget, client: TwinClient): ScriptConnection {
  const { world, close } = connectDrill(target);
  return { world: { ...world, begin: faultStarter(client) }, close };
}

/** The twin has one fault for several that are alike: it ends with the last of them. */
export function faultStarter(client: TwinClient): ScriptWorld['begin'] {
  const holders = new Map<string, number>();
  return async (fault) => {
    const { id } = await client.inject(fault);
    holders.set(id, (holders.get(id) ?? 0) + 1);
    return async () => {
      const left = (holders.get(id) ?? 1) - 1;
      holders.set(id, left);
      if (left === 0) await client.heal(undefined, id);
    };
  };
}

/**
 * A script as the twin can run it: the same faults at the same times under the same load as in the simulator.
 * Throws `CliError` (usage) that lists all the faults that the twin has not. Pure.
 */
export function scriptRequest(script: FaultScript): ScriptRequest {
  const missing = script.faults.filter((fault) => twinFaultsOf(fault) === null);
  if (missing.length > 0) {
    const list = [...new Set(missing.map(titleOf))].join('; ');
    throw new CliError(
      EXIT.usage,
      `the twin has no such fault as ${list}; leave it out: only the simulator has it`,
    );
  }
  return {
    payments: script.payments,
    spreadMs: spreadMsOf(script),
    faults: script.faults.map(scriptFault),
  };
}

function scriptFault(fault: PlannedFault): ScriptFault {
  const { atMs, forMs } = fault;
  if (forMs === null) {
    // Every replica is looked at in the end, so both Regions have to be there.
    const message = `${titleOf(fault)} has forMs null, and the twin heals what it breaks; give it milliseconds`;
    throw new CliError(EXIT.usage, message);
  }
  return { title: titleOf(fault), requests: twinFaultsOf(fault) ?? [], atMs, forMs };
}

/** `F1 Region isolated, us-east-1`. */
function titleOf(fault: PlannedFault): string {
  const place = 'region' in fault ? `, ${fault.region}` : '';
  return `${fault.id} ${FAULTS[fault.id]}${place}`;
}
