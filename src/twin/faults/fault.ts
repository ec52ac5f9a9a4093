/** Faults that the twin can inject, and what the rest of the twin asks of them. */

export const FAULT_KINDS = ['kill', 'freeze', 'isolate', 'latency', 'errors', 'throttle'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Where `latency`, `errors` and `throttle` bite: an AWS service of the Region, or its REST API. */
export const FAULT_SERVICES = ['dynamodb', 'sqs', 'sns', 'api'] as const;
export type FaultService = (typeof FAULT_SERVICES)[number];

/** A fault as somebody asks for it. */
export interface FaultRequest {
  readonly region: string;
  readonly kind: FaultKind;
  /** `latency`, `errors`, `throttle` only; absent: all services of the Region. */
  readonly service?: FaultService;
  /** AWS operation (`PutItem`); absent: every operation of the service. */
  readonly operation?: string;
  /** `latency`: added before the operation takes effect, milliseconds. */
  readonly latencyMs?: number;
  /** `errors`, `throttle`: share of the calls, above 0 and up to 1. */
  readonly rate?: number;
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
  /** Whether `from` reaches `to` now. A killed, dead or frozen Region reaches and is reached by none. */
  reaches(from: string, to: string): boolean;
  conditionOf(region: string): RegionCondition;
  /** Calls back after every change of reachability. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}

/** The faults in force. */
export interface FaultBoard extends Network {
  /** Adds a fault. Throws `FaultRequestError` when the request makes no sense. */
  inject(request: FaultRequest): ActiveFault;
  /** Ends the faults of a Region, or all of them; returns those ended. */
  heal(region?: string): readonly ActiveFault[];
  active(): readonly ActiveFault[];
  /** Draws what one call to a service of a Region meets. */
  fateOf(region: string, service: FaultService, operation: string): CallFate;
  /** Told by the supervisor when a Region's process ends by itself; `heal` clears it. */
  markDead(region: string): void;
}

export class FaultRequestError extends Error {
  override readonly name = 'FaultRequestError';
}
