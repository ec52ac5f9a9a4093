/** What an operator's request is checked against before it changes anything. */

import type { Deadline } from '#core/ports.ts';
import { PROBE_SLOW_MS } from '#core/routing/judge-region.ts';
import type { OperatorFacts } from '#core/routing/operator-change.ts';
import type { OperatorRequest } from '#core/routing/ops-event.ts';
import { soakFault } from '#core/routing/soak-fault.ts';
import type { OrchestratorParts } from './orchestrator-parts.ts';

export type OperatorParts = Pick<
  OrchestratorParts,
  'presence' | 'probe' | 'alarmOf' | 'regions'
> & {
  readonly routing: Pick<OrchestratorParts['routing'], 'first' | 'clock'>;
};

/**
 * Asks every Region once. A Region whose orchestrator has never said where it is can't be asked, and is
 * unfit. Throws `AppError` when the control table can't be read.
 */
export async function operatorFacts(
  request: OperatorRequest,
  parts: OperatorParts,
  deadline: Deadline,
): Promise<OperatorFacts> {
  const { regions, routing } = parts;
  const home = routing.first.active;
  if (request.verb === 'mode') {
    return { regions, home, unfitness: () => null, returnFault: () => null };
  }
  const known = await parts.presence.read(deadline);
  const presenceOf = (region: string) => known.find((one) => one.region === region);
  const unfitness = new Map<string, string | null>();
  for (const region of regions) {
    const url = presenceOf(region)?.apiUrl;
    unfitness.set(
      region,
      url === undefined
        ? `${region} has never been heard of`
        : await faultOf(region, url, parts, deadline),
    );
  }
  const now = routing.clock.nowEpochMs();
  return {
    regions,
    home,
    unfitness: (region) => unfitness.get(region) ?? null,
    // The backlog too is a reason to wait, but this function's role may not read the payments: the command
    // line looks at it.
    returnFault: (region) => soakFault(region, presenceOf(region), now),
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
