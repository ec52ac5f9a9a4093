/** What the faults in force make of the services. */

import { type Conditions, neutralConditions } from '../conditions.ts';
import { type Fault, REGIONS, type RegionName } from './fault-spec.ts';

/** How far apart two writes of one item may be and still collide, where F14 is certain. Milliseconds. */
const CONFLICT_WINDOW_MS_MAX = 3_000;

/** Of several faults of one kind the worst counts. Pure. */
export function conditionsUnder(faults: readonly Fault[]): Conditions {
  const conditions = neutralConditions();
  for (const fault of faults) {
    if ('region' in fault) applyToRegion(fault, conditions);
    else applyToAll(fault, conditions);
  }
  return conditions;
}

/** Writes `from` over `to`, which the services hold on to. */
export function overwriteConditions(to: Conditions, from: Conditions): void {
  for (const region of REGIONS) Object.assign(to.regions[region], from.regions[region]);
  to.conflictWindowMs = from.conflictWindowMs;
  to.dnsIsStale = from.dnsIsStale;
  to.controlPlaneIsDown = from.controlPlaneIsDown;
  to.replicationIsPaused = from.replicationIsPaused;
}

function applyToRegion(
  fault: Extract<Fault, { readonly region: RegionName }>,
  { regions }: Conditions,
): void {
  const region = regions[fault.region];
  switch (fault.id) {
    case 'F8':
      region.greyFactor = Math.max(region.greyFactor, fault.factor);
      return;
    case 'F12':
      region.slowReplicaMs = Math.max(region.slowReplicaMs, fault.extraMs);
      return;
    case 'F13':
      region.ambiguous = Math.max(region.ambiguous, fault.probability);
      return;
    case 'F15':
      region.throttle = Math.max(region.throttle, fault.probability);
      return;
    case 'F21':
      region.checkFlap = Math.max(region.checkFlap, fault.probability);
      return;
    default:
      // The others are the network's and the processes'.
      return;
  }
}

function applyToAll(
  fault: Exclude<Fault, { readonly region: RegionName }>,
  conditions: Conditions,
): void {
  switch (fault.id) {
    case 'F14':
      // Nothing but nearness in time makes a conflict: the likelier it is to be, the longer a write is near.
      conditions.conflictWindowMs = Math.max(
        conditions.conflictWindowMs,
        Math.round(fault.probability * CONFLICT_WINDOW_MS_MAX),
      );
      return;
    case 'F16':
      for (const name of REGIONS) {
        const region = conditions.regions[name];
        region.queueRepeat = Math.max(region.queueRepeat, fault.probability);
      }
      return;
    case 'F17':
      for (const name of REGIONS) {
        const region = conditions.regions[name];
        region.visibilityLoss = Math.max(region.visibilityLoss, fault.probability);
      }
      return;
    case 'F19':
      conditions.dnsIsStale = true;
      return;
    case 'F20':
      conditions.controlPlaneIsDown = true;
      return;
    case 'F25':
      if (fault.pauseReplication) conditions.replicationIsPaused = true;
      return;
    default:
      // The network's, the operators' and the clients'.
      return;
  }
}
