/** What a drill asks of the place that it breaks. The CLI implements it over a twin's control API. */

export type DrillProfile = 'aws' | 'fast';

/** A fault as the twin's control API takes it. */
export interface DrillFault {
  readonly region: string;
  readonly kind:
    | 'kill'
    | 'freeze'
    | 'isolate'
    | 'latency'
    | 'errors'
    | 'throttle'
    | 'partition'
    | 'stale-dns';
  readonly service?: 'dynamodb' | 'sqs' | 'sns' | 'api';
  readonly operation?: string;
  readonly latencyMs?: number;
  /** Share of the calls, above 0 and up to 1. */
  readonly rate?: number;
  /** `partition`: which way nothing gets through. */
  readonly direction?: 'in' | 'out';
  /** `partition`: the other end; absent: everybody. */
  readonly peer?: string;
}

export interface TargetRegion {
  readonly name: string;
  /** `up`, or what is wrong with its process or its links. */
  readonly condition: string;
  /** What Route 53's health check of it says. */
  readonly checkHealthy: boolean;
}

export interface TargetSnapshot {
  /** The primary first. */
  readonly regions: readonly TargetRegion[];
  /** One line for each fault in force, those of the witness too. */
  readonly faults: readonly string[];
}

/** What does not change while a drill runs. */
export interface TargetFacts {
  /** For people: which twin it is. */
  readonly name: string;
  readonly profile: DrillProfile;
  readonly suffix: string;
  /** Names, the primary first. */
  readonly regions: readonly [primary: string, secondary: string];
  /** Base URL of each Region's API. */
  readonly apiUrls: Readonly<Record<string, string>>;
  /** URL of the AWS endpoint. */
  readonly awsEndpoint: string;
  readonly dns: { readonly address: string; readonly port: number };
  /** Owner of the failover record. */
  readonly apiName: string;
  /** By component. */
  readonly versions: Readonly<Record<string, string>>;
  /** Started for this drill and thrown away after it: it is not put back as it was. */
  readonly isOwn: boolean;
}

export interface DrillTarget {
  readonly facts: TargetFacts;
  snapshot(): Promise<TargetSnapshot>;
  inject(fault: DrillFault): Promise<void>;
  /** Ends every fault; resolves when the Regions are back. Safe to repeat. */
  heal(): Promise<void>;
  /** Runs an operator's verb as an operator does. Rejects when the verb failed. */
  operate(verb: OperatorVerb): Promise<Operation>;
}

/** `refused`: a guard said no, for now at least. */
export type Operation =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly reason: string };

export type OperatorVerb =
  | { readonly verb: 'failover'; readonly to: string }
  | { readonly verb: 'failback' };
