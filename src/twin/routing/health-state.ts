/** The state machine of one health check. */

export type HealthStatus = 'healthy' | 'unhealthy';

export interface HealthState {
  readonly status: HealthStatus;
  /** Checks in a row, up to now, whose result disagrees with `status`. */
  readonly contraryChecks: number;
}

/** A new check is healthy until shown otherwise. Source: Amazon Route 53 Developer Guide. */
export const NEW_HEALTH_STATE: HealthState = { status: 'healthy', contraryChecks: 0 };

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
