/** Whether a Region has been well for long enough to get traffic back from an operator. */

import type { Presence } from './presence.ts';

/** How long a Region must have been healthy before traffic is brought back: six rounds of probes. */
const FAILBACK_SOAK_MS = 60_000;
/** A heartbeat that is older says nothing of now; between two watches there are up to 20 s without one. */
const BEAT_STALE_MS = 90_000;

/**
 * Why traffic should not come back to the Region yet, one line for people; null: nothing is against it.
 *
 * `beat`: its last heartbeat, undefined where there was none. How long it has been healthy is read off its
 * own clock alone; only the beat's age needs `nowEpochMs`, the asker's. Pure.
 */
export function soakFault(
  region: string,
  beat: Presence | undefined,
  nowEpochMs: number,
): string | null {
  if (beat === undefined) return `${region} has never been heard of`;
  const silentMs = Math.abs(nowEpochMs - beat.atEpochMs);
  if (silentMs > BEAT_STALE_MS) {
    return `the orchestrator of ${region} was last heard of ${seconds(silentMs)} s ago`;
  }
  if (beat.healthySinceEpochMs === null) {
    return beat.serving === null
      ? `${region} does not know yet whether it is healthy: it takes three rounds of probes`
      : `${region} is not healthy by its own account`;
  }
  const healthyMs = beat.atEpochMs - beat.healthySinceEpochMs;
  if (healthyMs >= FAILBACK_SOAK_MS) return null;
  return (
    `${region} has been healthy for ${seconds(Math.max(0, healthyMs))} s only: ` +
    `wait until it is ${seconds(FAILBACK_SOAK_MS)} s`
  );
}

function seconds(ms: number): number {
  return Math.round(ms / 1_000);
}
