/** Runs fault scripts one after the other against a twin of their own. */

import { createDrillTarget } from '#cli/drill-target.ts';
import { connectScript, scriptRequest } from '#cli/script-target.ts';
import { createTwinClient } from '#cli/twin-client.ts';
import { PACES } from '#ops/drill/pace.ts';
import { runScript, type ScriptRun, type ScriptWorld } from '#ops/fault-script/run-script.ts';
import type { FaultScript } from '#sim/faults/fault-script.ts';
import { EAST_1, type RunningTwin, startTwinProcess } from '../../support/running-twin.ts';
import { holdfast } from '../ops/run-holdfast.ts';

/** What became of each script, as soon as it is known. */
export type RunsByName = ReadonlyMap<string, Promise<ScriptRun>>;

export interface ScriptQueue {
  readonly runs: RunsByName;
  /** Resolves when the twin is gone. */
  readonly ended: Promise<void>;
}

/** Starts at once. Scripts that move traffic come last: after a move the next one has to wait out the cooldown. */
export function startQueue(scripts: readonly FaultScript[]): ScriptQueue {
  const waiting = scripts.map((script) => ({
    script,
    ...Promise.withResolvers<ScriptRun>(),
  }));
  // Whoever asks for one that failed is told; the others are not.
  for (const { promise } of waiting) promise.catch(() => undefined);
  const ended = (async () => {
    const twin = await startTwinProcess().catch((error: unknown) => {
      for (const { reject } of waiting) reject(error);
      return null;
    });
    if (twin === null) return;
    try {
      const client = createTwinClient(twin.addresses.control);
      const target = createDrillTarget(client, await client.status(), true);
      const { world, close } = connectScript(target, client);
      for (const { script, resolve, reject } of waiting) {
        const { signal } = new AbortController();
        await resetRouting(twin, world);
        const request = scriptRequest(script);
        await runScript(request, PACES.fast, world, () => undefined, signal).then(resolve, reject);
      }
      close();
    } catch (error) {
      // Whoever still waits is told; for those that are settled it changes nothing.
      for (const { reject } of waiting) reject(error);
    } finally {
      await twin.stop();
    }
  })();
  return { runs: new Map(waiting.map(({ script, promise }) => [script.name, promise])), ended };
}

/** A script before this one, or a machine that was too busy for its health checks, may have moved traffic. */
async function resetRouting(twin: RunningTwin, world: ScriptWorld): Promise<void> {
  const newest = await world.newestEntry();
  if (newest === null || newest.active[0] === EAST_1) return;
  const { code, stderr } = await holdfast(twin, 'failback', '--force', '--reason', 'next script');
  if (code !== 0) throw new Error(stderr);
}
