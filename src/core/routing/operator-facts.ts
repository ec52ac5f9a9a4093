/** What an operator's request is checked against before it changes anything. */

import type { Clock, Deadline } from '../ports.ts';
import { type AlarmEvidence, PROBE_SLOW_MS, type ProbeSample } from './judge-region.ts';
import type { ObserverPorts } from './observer.ts';
import type { OperatorFacts } from './operator-change.ts';
import type { OperatorRequest } from './ops-event.ts';
import type { PresenceStore } from './presence.ts';
import type { RoutingState } from './routing-log.ts';
import { soakFault } from './soak-fault.ts';

interface OperatorFactsOptions {
  /** Both, the primary first. */
  readonly regions: readonly string[];
  /** While the log is empty; its active Regions are those that `failback` leads to. */
  readonly first: Pick<RoutingState, 'active'>;
}

export type OperatorFactsPorts = Pick<ObserverPorts, 'probe' | 'alarmOf'> & {
  readonly presence: Pick<PresenceStore, 'read'>;
  readonly clock: Clock;
};

/**
 * Asks every Region once, all at once; for verbs that move nothing, none. A Region whose orchestrator has never said where it is can't be asked, and is
 * unfit. Throws `AppError` when the control table can't be read.
 */
export async function operatorFacts(
  request: OperatorRequest,
  { regions, first }: OperatorFactsOptions,
  ports: OperatorFactsPorts,
  deadline: Deadline,
): Promise<OperatorFacts> {
  const home = first.active;
  if (request.verb === 'mode' || request.verb === 'undrain') {
    return { regions, home, unfitness: () => null, returnFault: () => null };
  }
  const known = await ports.presence.read(deadline);
  const presenceOf = (region: string) => known.find((one) => one.region === region);
  const faults = await Promise.all(
    regions.map(async (region) => {
      const url = presenceOf(region)?.apiUrl;
      const fault =
        url === undefined
          ? `${region} has never been heard of`
          : await faultOf(region, url, ports, deadline);
      return [region, fault] as const;
    }),
  );
  const unfitness = new Map(faults);
  const now = ports.clock.nowEpochMs();
  return {
    regions,
    home,
    unfitness: (region) => unfitness.get(region) ?? null,
    // The backlog too is a reason to wait, but the orchestrator's role may not read the payments: the command
    // line looks at it.
    returnFault: (region) => soakFault(region, presenceOf(region), now),
  };
}

async function faultOf(
  region: string,
  url: string,
  { probe, alarmOf }: OperatorFactsPorts,
  deadline: Deadline,
): Promise<string | null> {
  const [sample, alarm] = await Promise.all([probe(url, deadline), alarmOf(region, deadline)]);
  return serviceFault(region, sample, alarm);
}

/**
 * Why a Region should not take traffic by what its `/health` and its composite alarm say, one line for people;
 * null: nothing is against it. An alarm that could not be asked says nothing. Pure.
 */
export function serviceFault(
  region: string,
  sample: ProbeSample,
  alarm: AlarmEvidence,
): string | null {
  if (sample.kind === 'unreachable') return `${region} does not answer`;
  if (sample.kind === 'refused') return `${region} says that it can't serve`;
  if (sample.latencyMs > PROBE_SLOW_MS) return `${region} answers too slowly`;
  return alarm === 'impaired' ? `the alarm of ${region} rings: it serves payments badly` : null;
}
