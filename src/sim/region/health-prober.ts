/**
 * The orchestrators' and the operators' question to a Region's `/health`, from wherever they are.
 */

import type { ObserverPorts } from '#core/routing/observer.ts';
import type { Phase } from '../faults/fault-ids.ts';
import { type Place, REGIONS, type RegionName } from '../faults/fault-spec.ts';
import type { ApiRequest } from '../http.ts';
import type { SimProcess } from '../kernel/sim-process.ts';
import { callApi } from '../services/http-call.ts';
import type { System } from '../system.ts';

/** As src/handlers/runtime.ts has it, milliseconds. */
const PROBE_MS = 2_000;
const HEALTH: ApiRequest = { route: 'health', transactionId: '', body: '' };
const WHAT = 'askHealth';

/** Base URL of a Region's API, as its heartbeats say it. */
export function apiUrlOf(region: RegionName): string {
  return `https://${region}.api`;
}

const REGION_OF_URL: ReadonlyMap<string, RegionName> = new Map(
  REGIONS.map((region) => [apiUrlOf(region), region]),
);

/**
 * Asks as `runner`, which can die before and after; an answer after its time counts as none. Never
 * rejects.
 *
 * `from`: where it asks from, if not from its Region.
 */
export function createHealthProber(
  system: System,
  runner: SimProcess,
  phase: Phase,
  from: Place = runner.region,
): ObserverPorts['probe'] {
  const { clock, stopwatch } = runner;
  return (apiUrl, deadline) =>
    new Promise((resolve) => {
      // A process that is down asks nothing, not even the rest of what it would ask at once.
      if (!runner.isUp || runner.diesAt('before', WHAT, phase)) return;
      const region = REGION_OF_URL.get(apiUrl);
      const leftMs = deadline.atEpochMs - clock.nowEpochMs();
      const timeoutMs = Math.floor(Math.min(PROBE_MS, leftMs));
      if (region === undefined || timeoutMs < 1) return resolve({ kind: 'unreachable' });
      const startedAtMs = stopwatch.elapsedMs();
      const { life } = runner;
      callApi(system, { from, region, request: HEALTH, timeoutMs, phase }, (result) =>
        runner.deliver(
          life,
          () => {
            if (runner.diesAt('after', WHAT, phase)) return;
            if (result.kind === 'no-answer') return resolve({ kind: 'unreachable' });
            const isGood = result.response.status >= 200 && result.response.status < 300;
            // Measured where it is heard: to a process that was paused, the Region was slow.
            const latencyMs = stopwatch.elapsedMs() - startedAtMs;
            resolve({ kind: isGood ? 'served' : 'refused', latencyMs });
          },
          phase,
        ),
      );
    });
}
