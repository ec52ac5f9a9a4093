/** Faults that the twin can inject, and what the rest of the twin asks of them. */

export const FAULT_KINDS = [
  'kill',
  'freeze',
  'isolate',
  'partition',
  'latency',
  'errors',
  'throttle',
  'lag',
  'pause',
  'crash',
  'stale-dns',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Where `latency`, `errors` and `throttle` bite: an AWS service of the Region, or its REST API. */
export const FAULT_SERVICES = ['dynamodb', 'sqs', 'sns', 'api'] as const;
export type FaultService = (typeof FAULT_SERVICES)[number];

/** What a call goes to: beyond those that a fault can name, services that only a nameless one bites. */
export type CalledService = FaultService | 'lambda' | 'secretsmanager' | 'monitoring';

/** When a `crash` strikes: before the call takes effect, or after it and before its answer. */
export const CRASH_MOMENTS = ['before', 'after'] as const;
export type CrashMoment = (typeof CRASH_MOMENTS)[number];

/** Which way a `partition` loses what is sent: on its way into the Region, or out of it. */
export const PARTITION_DIRECTIONS = ['in', 'out'] as const;
export type PartitionDirection = (typeof PARTITION_DIRECTIONS)[number];

/** A fault as somebody asks for it. */
export interface FaultRequest {
  readonly region: string;
  readonly kind: FaultKind;
  /** `latency`, `errors`, `throttle`; absent: all services of the Region. `crash` needs one. */
  readonly service?: FaultService;
  /** AWS operation (`PutItem`); absent: every operation of the service. `crash` needs one. */
  readonly operation?: string;
  /**
   * `latency`: added before the operation takes effect. `lag`: how long replication of eventually
   * consistent tables out of the Region takes. Milliseconds.
   */
  readonly latencyMs?: number;
  /** `errors`, `throttle`: share of the calls, above 0 and up to 1. */
  readonly rate?: number;
  /** `crash` only. */
  readonly moment?: CrashMoment;
  /** `crash`: matching calls to let pass first. In a fault in force: those still to pass. */
  readonly skip?: number;
  /** `partition` needs one. */
  readonly direction?: PartitionDirection;
  /** `partition`: the Region or witness at the other end; absent: all others. */
  readonly peer?: string;
}

/** A fault in force. */
export interface ActiveFault extends FaultRequest {
  readonly id: string;
  readonly sinceEpochMs: number;
}

/** What a call meets on its way in. `outcome` is drawn anew for each call. */
export interface CallFate {
  readonly latencyMs: number;
  readonly outcome: 'proceed' | 'error' | 'throttle';
}

/** A Region's state, worst first. `dead`: its process ended without a fault asking for it. */
export type RegionCondition = 'killed' | 'dead' | 'frozen' | 'isolated' | 'up';

/** Reachability between Regions (witness included), as the faults leave it. */
export interface Network {
  /**
   * Whether what `from` sends arrives at `to` now. A killed, dead or frozen Region reaches and is
   * reached by none. An answer travels the other way, and a partition may lose only that one.
   */
  reaches(from: string, to: string): boolean;
  conditionOf(region: string): RegionCondition;
  /** Calls back after every change of reachability. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}

/** Reachability between the replicas of tables, where a paused Region reaches and is reached by none. */
export interface ReplicationNetwork extends Network {
  /** How long replication out of a Region takes while `lag` faults stand there; null: no longer than usual. */
  lagMsOutOf(region: string): number | null;
  /** Calls back after every change of reachability, pauses and lags. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}

/** The faults in force. */
export interface FaultBoard extends Network {
  /** The network as the tables' replicas see it. */
  readonly replication: ReplicationNetwork;
  /** Adds a fault. Throws `FaultRequestError` when the request makes no sense. */
  inject(request: FaultRequest): ActiveFault;
  /** Ends the faults of a Region, or all of them; returns those ended. */
  heal(region?: string): readonly ActiveFault[];
  /**
   * Ends one fault and returns it; null when it is no longer in force. That a Region's process has
   * ended by itself is forgotten with a `kill` only: ending that one starts a process.
   */
  healOne(id: string): ActiveFault | null;
  /** The fault of an id. Throws `FaultRequestError` when none is in force, or it is of another Region. */
  find(id: string, region?: string): ActiveFault;
  active(): readonly ActiveFault[];
  /**
   * Draws what one call to a service of a Region meets. A service that no fault can name is met by
   * those that name none.
   */
  fateOf(region: string, service: CalledService, operation: string): CallFate;
  /**
   * Counts one call that a function of `region` makes, and says whether the Region's process has to
   * be killed for it. A `crash` that strikes is over; the `kill` that follows is the caller's to inject.
   */
  crashAt(region: string, service: CalledService, operation: string): CrashMoment | null;
  /** Told by the supervisor when a Region's process ends by itself; `heal` clears it. */
  markDead(region: string): void;
}

export class FaultRequestError extends Error {
  override readonly name = 'FaultRequestError';
}
