/** The status of a running twin, gathered from its parts. */

import type { TwinStatus } from '../control/twin-status.ts';
import type { EventSources } from '../events/start-event-sources.ts';
import type { FaultBoard } from '../faults/fault.ts';
import type { TwinModel } from '../region-model.ts';
import type { RegionFleet } from './region-fleet.ts';
import type { Aws } from './start-aws.ts';
import type { Routing } from './start-routing.ts';

export interface TwinParts {
  /** What does not change while the twin runs. */
  readonly identity: Pick<
    TwinStatus,
    | 'pid'
    | 'startedAt'
    | 'suffix'
    | 'assembly'
    | 'dataDirectory'
    | 'profile'
    | 'addresses'
    | 'versions'
  >;
  readonly model: TwinModel;
  readonly witness: string | null;
  readonly faults: FaultBoard;
  readonly fleet: RegionFleet;
  readonly aws: Aws;
  readonly eventSources: EventSources;
  readonly routing: Routing;
}

/** Looks at every part now; changes nothing. */
export function describeTwin(parts: TwinParts): TwinStatus {
  const { identity, model, witness, faults, fleet, aws, routing } = parts;
  const faultsIn = (place: string) => faults.active().filter((fault) => fault.region === place);
  return {
    ...identity,
    regions: model.regions.map(({ region: name, schedules }) => ({
      name,
      condition: faults.conditionOf(name),
      pid: fleet.pidOf(name),
      health: routing.healthOf(name),
      active: routing.isActive(name),
      eventSources: parts.eventSources
        .status()
        .filter(({ region }) => region === name)
        .map(({ region: _region, ...rest }) => rest),
      schedules: schedules.map(({ ruleName: rule, expression, enabled }) => ({
        rule,
        expression,
        enabled,
      })),
      alarms: aws.cloudWatch.alarms(name),
      faults: faultsIn(name),
    })),
    witness:
      witness === null
        ? null
        : { name: witness, condition: faults.conditionOf(witness), faults: faultsIn(witness) },
    routing: routing.status(),
    tables: aws.tables
      .status()
      .flatMap(({ table, replicas }) =>
        replicas.map(({ region, ...rest }) => ({ table, replica: region, ...rest })),
      ),
    notRun: notRunOf(model, aws),
    counters: countersOf(aws, routing),
  };
}

function notRunOf(model: TwinModel, { messaging, cloudWatch }: Aws): TwinStatus['notRun'] {
  return [
    ...model.regions.flatMap(({ region, notRun }) => notRun.map((one) => ({ region, ...one }))),
    ...messaging.notRun.map(({ region, subscription }) => ({
      region,
      type: `AWS::SNS::Subscription (${subscription.protocol})`,
      logicalIds: [subscription.endpoint],
    })),
    ...cloudWatch.notRun,
  ];
}

/** One total for each service and Region, and what failed or was refused where there is any. */
function countersOf({ endpoint }: Aws, { entry }: Routing): Record<string, number> {
  const counters: Record<string, number> = { 'entry requests': entry.counters().requests };
  const add = (name: string, count: number): void => {
    if (count > 0) counters[name] = (counters[name] ?? 0) + count;
  };
  for (const { region, service, calls, errors, refused } of endpoint.counters()) {
    add(`${region} ${service} calls`, calls);
    add(`${region} ${service} errors`, errors);
    add(`${region} ${service} refused`, refused);
  }
  return counters;
}
