/** What the faults in force make of the services: read by the services, set by whoever puts faults in force. */

import type { RegionName } from './faults/fault-spec.ts';

/** Of one Region. All neutral while no fault is in force. */
export interface RegionConditions {
  /** F8: what everything but /health takes, as a multiple. */
  greyFactor: number;
  /** F12: added to each call of the tables here, milliseconds. */
  slowReplicaMs: number;
  /** F13: share of the writes that are applied and never answered. */
  ambiguous: number;
  /** F15: share of the calls that are refused. */
  throttle: number;
  /** F16: share of the messages that are delivered twice or late. */
  queueRepeat: number;
  /** F17: share of the deliveries that outlast their visibility timeout. */
  visibilityLoss: number;
  /** F21: share of Route 53's checks that fail whatever the Region says. */
  checkFlap: number;
}

export interface Conditions {
  readonly regions: Readonly<Record<RegionName, RegionConditions>>;
  /** F14: two Regions that write one item within so many milliseconds are in conflict. */
  conflictWindowMs: number;
  /** F19: resolvers keep answers for as long as they like. */
  dnsIsStale: boolean;
  /** F20 */
  controlPlaneIsDown: boolean;
  /** F25, MREC: nothing is replicated. */
  replicationIsPaused: boolean;
}

export function neutralRegion(): RegionConditions {
  return {
    ...{ greyFactor: 1, slowReplicaMs: 0, ambiguous: 0, throttle: 0 },
    ...{ queueRepeat: 0, visibilityLoss: 0, checkFlap: 0 },
  };
}

/** Two Regions that write one item so soon after each other are in conflict, fault or no fault. Milliseconds. */
export const USUAL_CONFLICT_MS = 20;

export function neutralConditions(): Conditions {
  return {
    regions: { 'us-east-1': neutralRegion(), 'us-east-2': neutralRegion() },
    ...{ conflictWindowMs: USUAL_CONFLICT_MS, dnsIsStale: false, controlPlaneIsDown: false },
    replicationIsPaused: false,
  };
}
