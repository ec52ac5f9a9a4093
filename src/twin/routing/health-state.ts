/** The state machine of one health checker, and what the checkers of a check say together. */

export type HealthStatus = 'healthy' | 'unhealthy';

export interface HealthState {
  readonly status: HealthStatus;
  /** Requests in a row, up to now, whose result disagrees with `status`. */
  readonly contraryChecks: number;
}

/** A new check is healthy until shown otherwise. Source: Amazon Route 53 Developer Guide. */
export const NEW_HEALTH_STATE: HealthState = { status: 'healthy', contraryChecks: 0 };

/**
 * An endpoint is healthy while more than this share of the checkers finds it so. Source: Amazon
 * Route 53 Developer Guide, "How Route 53 determines whether a health check is healthy".
 */
const HEALTHY_SHARE = 0.18;

/**
 * Takes one result into account: the status turns after `failureThreshold` contrary results in a
 * row, and the same number turns it back. Pure.
 */
export function observeCheck(
  state: HealthState,
  passed: boolean,
  failureThreshold: number,
): HealthState {
  const agrees = passed === (state.status === 'healthy');
  if (agrees) return { status: state.status, contraryChecks: 0 };
  const contraryChecks = state.contraryChecks + 1;
  if (contraryChecks < failureThreshold) return { status: state.status, contraryChecks };
  return { status: passed ? 'healthy' : 'unhealthy', contraryChecks: 0 };
}

/** What the checkers, at least one, say together. Pure. */
export function judgeCheckers(checkers: readonly HealthState[]): HealthStatus {
  const healthy = checkers.filter(({ status }) => status === 'healthy').length;
  return healthy / checkers.length > HEALTHY_SHARE ? 'healthy' : 'unhealthy';
}
