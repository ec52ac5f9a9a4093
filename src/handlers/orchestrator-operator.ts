/** What an operator's request is checked against before it changes anything. */

import type { Deadline } from '#core/ports.ts';
import { PROBE_SLOW_MS } from '#core/routing/judge-region.ts';
import type { OperatorFacts } from '#core/routing/operator-change.ts';
import type { OperatorRequest } from '#core/routing/ops-event.ts';
import type { OrchestratorParts } from './orchestrator-parts.ts';

/**
 * Asks every Region once. A Region whose orchestrator has never said where it is can't be asked, and is
 * unfit. Throws `AppError` when the control table can't be read.
 */
export async function operatorFacts(
  request: OperatorRequest,
  parts: Pick<OrchestratorParts, 'presence' | 'probe' | 'alarmOf' | 'regions'>,
  deadline: Deadline,
): Promise<OperatorFacts> {
  const { regions } = parts;
  if (request.verb === 'mode') return { regions, unfitness: () => null, returnFault: null };
  const known = await parts.presence.read(deadline);
  const unfitness = new Map<string, string | null>();
  for (const region of regions) {
    const url = known.find((one) => one.region === region)?.apiUrl;
    unfitness.set(
      region,
      url === undefined
        ? `${region} has never been heard of`
        : await faultOf(region, url, parts, deadline),
    );
  }
  return {
    regions,
    unfitness: (region) => unfitness.get(region) ?? null,
    // The command line looks for an open backlog; from here the sweepers' own alarms speak of it.
    returnFault: null,
  };
}

async function faultOf(
  region: string,
  url: string,
  { probe, alarmOf }: Pick<OrchestratorParts, 'probe' | 'alarmOf'>,
  deadline: Deadline,
): Promise<string | null> {
  const [sample, alarm] = await Promise.all([probe(url, deadline), alarmOf(region, deadline)]);
  if (sample.kind === 'unreachable') return `${region} does not answer`;
  if (sample.kind === 'refused') return `${region} says that it can't serve`;
  if (sample.latencyMs > PROBE_SLOW_MS) return `${region} answers too slowly`;
  return alarm === 'impaired' ? `the impaired alarm of ${region} rings` : null;
}
