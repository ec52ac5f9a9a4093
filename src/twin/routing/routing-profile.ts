/** How fast routing reacts: the timing of the health checks and of the DNS answers. */

export interface RoutingProfile {
  /** Between the starts of two checks of one endpoint, milliseconds. */
  readonly intervalMs: number;
  /** Checks in a row that must disagree with the state before it changes, in both directions. */
  readonly failureThreshold: number;
  /** For the TCP connection, milliseconds. */
  readonly connectTimeoutMs: number;
  /** From the connection to the status line, milliseconds. */
  readonly responseTimeoutMs: number;
  /** Of every record of the zone, seconds. */
  readonly ttlSeconds: number;
}

export const ROUTING_PROFILE_NAMES = ['fast', 'aws'] as const;
export type RoutingProfileName = (typeof ROUTING_PROFILE_NAMES)[number];

/**
 * How many times as fast as on AWS the rules' clock goes: with `fast`, what is due each minute comes
 * every five seconds, in step with the shorter failover.
 */
export const SCHEDULE_SPEEDS: Readonly<Record<RoutingProfileName, number>> = { fast: 12, aws: 1 };

/**
 * `aws`: Route 53's fast interval and default threshold, and the 60 s that an alias to API Gateway
 * is taken to have (AWS does not publish it). `fast`: the same rules on a shorter interval and TTL,
 * so that a failover takes seconds on one machine. The timeouts are Route 53's in both.
 * Source: Amazon Route 53 Developer Guide, "How Route 53 determines whether a health check is healthy".
 */
export const ROUTING_PROFILES: Readonly<Record<RoutingProfileName, RoutingProfile>> = {
  fast: {
    intervalMs: 1_000,
    failureThreshold: 3,
    connectTimeoutMs: 4_000,
    responseTimeoutMs: 2_000,
    ttlSeconds: 2,
  },
  aws: {
    intervalMs: 10_000,
    failureThreshold: 3,
    connectTimeoutMs: 4_000,
    responseTimeoutMs: 2_000,
    ttlSeconds: 60,
  },
};
