/** How fast routing reacts: the timing of the health checks and of the DNS answers. */

export interface RoutingProfile {
  /** Checkers of each health check, each with a result of its own. */
  readonly checkersPerCheck: number;
  /** How many times as often as its RequestInterval says a checker asks. */
  readonly checkSpeed: number;
  /** For the TCP connection, milliseconds. */
  readonly connectTimeoutMs: number;
  /** From the connection to the status line, milliseconds. */
  readonly responseTimeoutMs: number;
  /** A record with a longer TTL gets this one, seconds; null: every record keeps its own. */
  readonly ttlMaxSeconds: number | null;
}

export const ROUTING_PROFILE_NAMES = ['fast', 'aws'] as const;
export type RoutingProfileName = (typeof ROUTING_PROFILE_NAMES)[number];

/**
 * How many times as fast as on AWS the rules' clock goes: with `fast`, what is due each minute comes
 * every five seconds, in step with the shorter failover.
 */
export const SCHEDULE_SPEEDS: Readonly<Record<RoutingProfileName, number>> = { fast: 12, aws: 1 };

/**
 * `aws`: interval, threshold and TTL as the template has them. Route 53 asks from more places than
 * eight; their number changes nothing but how finely the share of them that must agree is counted.
 *
 * `fast`: the same rules, ten times as often (an interval of 10 s becomes 1 s) by three checkers, and
 * no TTL above 2 s, so that a failover takes seconds on one machine. The timeouts are Route 53's in
 * both: a Region that hangs is found out no faster than they allow.
 * Source: Amazon Route 53 Developer Guide, "How Route 53 determines whether a health check is healthy".
 */
export const ROUTING_PROFILES: Readonly<Record<RoutingProfileName, RoutingProfile>> = {
  fast: {
    checkersPerCheck: 3,
    checkSpeed: 10,
    connectTimeoutMs: 4_000,
    responseTimeoutMs: 2_000,
    ttlMaxSeconds: 2,
  },
  aws: {
    checkersPerCheck: 8,
    checkSpeed: 1,
    connectTimeoutMs: 4_000,
    responseTimeoutMs: 2_000,
    ttlMaxSeconds: null,
  },
};
