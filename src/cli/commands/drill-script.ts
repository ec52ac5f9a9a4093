/** `holdfast drill --script`: runs a fault script against a twin, and says what class of outcome it had. */

import { outcomeDifferences } from '#contract/outcome-class.ts';
import { interruptible } from '#ops/drill/course.ts';
import { PACES } from '#ops/drill/pace.ts';
import { runScript, type ScriptRun } from '#ops/fault-script/run-script.ts';
import { OpsError } from '#ops/ops-error.ts';
import type { FaultScript } from '#sim/faults/fault-script.ts';
import type { TwinStatus } from '#twin/control/twin-status.ts';
import { CliError } from '../cli-error.ts';
import { createDrillTarget } from '../drill-target.ts';
import { EXIT } from '../exit-codes.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { exitCodeOf } from '../ops-environment.ts';
import type { ProgramContext } from '../program.ts';
import { readScript } from '../read-script.ts';
import { renderScriptRun } from '../render-script-run.ts';
import { connectScript, scriptRequest } from '../script-target.ts';
import { chooseTwin, type DrillArguments, HEALS_FIRST } from './drill.ts';

type Context = Pick<
  ProgramContext,
  'directory' | 'paint' | 'writeOut' | 'writeError' | 'setExitCode'
>;

/**
 * A Region that was lost before its peer had ever seen it beat is never given up, so a twin that has just been
 * started is let run for a while. As long as in the simulator.
 */
const LEAD_IN_MS = 15_000;

/**
 * Runs one script. Ends with 4 when what came of it is not what the script expects, with 3 when the target is not
 * ready. Interrupted, it heals every fault before it ends, with 1.
 */
export async function drillScript(
  path: string,
  given: DrillArguments,
  context: Context,
): Promise<void> {
  refuseForScript(given);
  const script = readScript(path, context.directory);
  const request = scriptRequest(script);
  const interrupt = onInterrupt(() => context.writeError(HEALS_FIRST));
  try {
    const wanted = { ...given, profile: 'fast' } as const;
    const chosen = await chooseTwin(wanted, context, interrupt.signal, script.consistency);
    try {
      const { client, status, own } = chosen;
      refuseOtherTables(script, status);
      const target = createDrillTarget(client, status, own !== null);
      const { world, close } = connectScript(target, client);
      const startedAtEpochMs = world.clock.nowEpochMs();
      const onPhase = (text: string): void => {
        const elapsedS = (world.clock.nowEpochMs() - startedAtEpochMs) / 1_000;
        context.writeError(`${script.name} ${elapsedS.toFixed(1).padStart(6)} s  ${text}\n`);
      };
      if (own !== null) {
        onPhase('letting the orchestrators get to know each other');
        await interruptible(world.sleep(LEAD_IN_MS), interrupt.signal);
      }
      const pace = PACES[status.profile];
      const run = await runScript(request, pace, world, onPhase, interrupt.signal).finally(close);
      say(script, run, given.json === true, context);
    } finally {
      await chosen.own?.stop();
    }
  } catch (error) {
    if (error instanceof OpsError) throw new CliError(exitCodeOf(error), error.message, error);
    throw error;
  } finally {
    interrupt.end();
  }
}

function say(script: FaultScript, run: ScriptRun, json: boolean, context: Context): void {
  const { outcome, acknowledged, unmet, verification } = run;
  const { lost, duplicated, conflicting } = verification.rpo;
  const wrong = Object.entries({ lost, duplicated, conflicting }).flatMap(([kind, entries]) =>
    entries.map(({ transactionId, what }) => `${kind}: ${transactionId}: ${what}`),
  );
  const differences = [...outcomeDifferences(script.expect, outcome), ...unmet];
  const { name, expect } = script;
  const shown = { name, outcome, expect, acknowledged, differences, wrong };
  context.writeOut(
    json
      ? `${JSON.stringify(shown, null, 2)}\n`
      : renderScriptRun({ ...shown, about: script.about }, context.paint),
  );
  context.setExitCode(differences.length === 0 ? EXIT.done : EXIT.objectiveMissed);
}

/** What a script says itself, or has no use for. */
function refuseForScript({ rate, report, objectives, profile }: DrillArguments): void {
  const useless = { rate, report, objectives };
  const [name] = Object.entries(useless).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) {
    throw new CliError(EXIT.usage, `--${name} is for scenarios; leave it out with --script`);
  }
  if (profile === 'aws') {
    // Its times are those of `fast`, in the simulator too.
    throw new CliError(EXIT.usage, 'a script runs with the profile fast; leave out --profile aws');
  }
}

/** Only eventually consistent tables say how far behind a replica is. */
function refuseOtherTables({ consistency }: FaultScript, { tables }: TwinStatus): void {
  const has = tables.some(({ lagMs }) => lagMs !== undefined) ? 'eventual' : 'strong';
  if (has === consistency) return;
  const message = `the script is for tables of consistency ${consistency}, and this twin's are ${has}; run it with --own`;
  throw new CliError(EXIT.usage, message);
}
