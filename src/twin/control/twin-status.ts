/** What the control API tells of a running twin, and the port through which it is driven. */

import type { AlarmStatus } from '../cloudwatch/cloudwatch.ts';
import type { EventSourceStatus } from '../events/start-event-sources.ts';
import type { ActiveFault, FaultRequest, RegionCondition } from '../faults/fault.ts';
import type { RegionHealth, RoutingStatus } from '../routing/describe-routing.ts';
import type { RoutingProfileName } from '../routing/routing-profile.ts';
import type { TwinAddresses } from './addresses.ts';

export interface TwinStatus {
  readonly pid: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly suffix: string;
  /** Absolute path of the cloud assembly that the twin booted from. */
  readonly assembly: string;
  /** Absolute path, or null: the tables are gone when the twin stops. */
  readonly dataDirectory: string | null;
  readonly profile: RoutingProfileName;
  readonly addresses: TwinAddresses;
  /** The primary first. */
  readonly regions: readonly RegionStatus[];
  /** Has a vote and no process; null where no table has one. */
  readonly witness: WitnessStatus | null;
  /** What DNS answers and what its health checks find. */
  readonly routing: RoutingStatus;
  readonly tables: readonly ReplicaStatus[];
  readonly notRun: readonly NotRunResource[];
  /** Counts since the start, by name. */
  readonly counters: Readonly<Record<string, number>>;
  /** By component (`holdfast`, `node`). */
  readonly versions: Readonly<Record<string, string>>;
}

export interface RegionStatus {
  readonly name: string;
  readonly condition: RegionCondition;
  /** Null while no process runs for it. */
  readonly pid: number | null;
  readonly health: RegionHealth;
  /** Whether DNS sends clients here. With failover records exactly one Region's is true. */
  readonly active: boolean;
  /** Queues that invoke functions of the Region. */
  readonly eventSources: readonly Omit<EventSourceStatus, 'region'>[];
  readonly schedules: readonly ScheduleStatus[];
  /** By name; the states as the Region's own CloudWatch has them. */
  readonly alarms: readonly AlarmStatus[];
  readonly faults: readonly ActiveFault[];
}

export interface ScheduleStatus {
  /** Rule name. */
  readonly rule: string;
  readonly expression: string;
  readonly enabled: boolean;
}

export interface WitnessStatus {
  /** Region name. */
  readonly name: string;
  readonly condition: RegionCondition;
  readonly faults: readonly ActiveFault[];
}

/** One replica of one global table. */
export interface ReplicaStatus {
  readonly table: string;
  /** Region of the replica. */
  readonly replica: string;
  /** Writes made elsewhere that this replica has not applied yet. */
  readonly pendingItems: number;
  readonly caughtUp: boolean;
  /** Whether its Region may take writes: with strong consistency, reaches more than half of the nodes. */
  readonly quorum: boolean;
  /** Condition of the storage engine under it: `ready`, or what keeps it from serving. */
  readonly engine: string;
  /**
   * Age of the oldest write that it has not applied, milliseconds; 0 when it has all. Absent where
   * the table is strongly consistent.
   */
  readonly lagMs?: number;
}

export interface NotRunResource {
  readonly region: string;
  /** CloudFormation type. */
  readonly type: string;
  readonly logicalIds: readonly string[];
}

export interface HealResult {
  /** The faults that ended. */
  readonly healed: readonly ActiveFault[];
  /** Regions whose process was started anew. */
  readonly restarted: readonly string[];
}

/** What the control server asks of the twin; the supervisor implements it. */
export interface TwinController {
  status(): Promise<TwinStatus>;
  /** Rejects with `FaultRequestError` when the request makes no sense. */
  inject(request: FaultRequest): Promise<ActiveFault>;
  /**
   * Ends the faults of a Region, or all, or the one of an id; resolves when the Regions are back.
   * Rejects with `FaultRequestError` for a Region or an id that is none.
   */
  heal(region?: string, faultId?: string): Promise<HealResult>;
  /**
   * While on, each message of the queue is delivered once more although it was deleted. Throws
   * `QueueRequestError` when there is no such standard queue.
   */
  duplicateDeliveries(region: string, queueName: string, on: boolean): void;
}
