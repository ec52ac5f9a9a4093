/** What the routing verbs need of an environment, so that they can be tried without one. */

import type { Takeover } from '#core/lease.ts';
import type { Clock, Deadline, Hash } from '#core/ports.ts';
import type { AlarmEvidence, ProbeSample } from '#core/routing/judge-region.ts';
import type { Presence } from '#core/routing/presence.ts';
import type { RoutingLog } from '#core/routing/routing-log.ts';

/**
 * What a Region's `/health/traffic` answers. `here`: 200. `elsewhere`: it could serve, and the routing log
 * sends no traffic. `unhealthy`: it can't serve. `unreachable`: it does not answer.
 */
export type TrafficAnswer = 'here' | 'elsewhere' | 'unhealthy' | 'unreachable';

export interface RoutingWorld {
  /** The primary first. */
  readonly regions: readonly string[];
  /** Served by whichever Region answers. Throws `OpsError` (fault) when none does. */
  readonly log: RoutingLog;
  /** The last heartbeats, likewise. */
  readonly presences: () => Promise<readonly Presence[]>;
  /** Base URLs of APIs that are not where their heartbeats say, by Region. */
  readonly apiUrls: Readonly<Record<string, string>>;
  /** Asks `/health` of an API. Never rejects. */
  readonly askHealth: (apiUrl: string) => Promise<ProbeSample>;
  /** Asks `/health/traffic` of an API. Never rejects. */
  readonly askTraffic: (apiUrl: string) => Promise<TrafficAnswer>;
  /** The composite alarm of a Region. Never rejects. */
  readonly alarmOf: (region: string) => Promise<AlarmEvidence>;
  /** Why a Region's replica of the payments gives no strong read; null: it gives one. */
  readonly replicaFault: (region: string) => Promise<string | null>;
  /** Open payments that are overdue: the most that any Region's replica shows. Throws `OpsError`. */
  readonly overduePayments: () => Promise<number>;
  /**
   * Has the lease follow the traffic; null: the payments table is strongly consistent, and there is none.
   * `onWait` is told each second how many are left. Throws `OpsError`.
   */
  readonly takeLease: (
    region: string,
    routingEpoch: number,
    onWait: (secondsLeft: number) => void,
  ) => Promise<Takeover | null>;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly deadline: () => Deadline;
  readonly hash: Hash;
  /** A text that nobody else makes. */
  readonly newId: () => string;
}

/** Where a Region's API is; null: nobody knows. */
export function apiUrlOf(
  region: string,
  presences: readonly Presence[],
  { apiUrls }: RoutingWorld,
): string | null {
  return apiUrls[region] ?? presences.find((one) => one.region === region)?.apiUrl ?? null;
}
