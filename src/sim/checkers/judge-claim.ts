/** Invariant 6, as clients meet it: who says that traffic belongs to it, and is mistaken. */

import type { RegionName } from '../faults/fault-spec.ts';
import type { System } from '../system.ts';

/**
 * How long a Region may not have heard that it was left, where tables are eventually consistent: as long as it may rely
 * on its lease, with a cached reading and a check on top, and as much again to spare. A strong table refuses whoever has
 * no quorum, so there a Region may stay mistaken. Milliseconds. Source: src/core/routing/traffic-check.ts.
 */
const MISTAKEN_MS_MAX = 2 * (8_000 + 1_000 + 1_000);
/** What took longer was held up, and nobody waits for it any more. Milliseconds. */
const HEARD_WITHIN_MS = 2_000;

/** `region` says that traffic belongs there, to whoever asked at `askedAtMs`. */
export function judgeClaim(system: System, region: RegionName, askedAtMs: number): void {
  const { plan, control, world, violate } = system;
  if (plan.topology.consistency !== 'eventual') return;
  if (world.nowMs - askedAtMs > HEARD_WITHIN_MS) return;
  const { entries, appendedAtMs } = control;
  let leftBy = entries.length;
  while (leftBy > 0 && entries[leftBy - 1]?.active.includes(region) === false) leftBy -= 1;
  const leftAtMs = appendedAtMs[leftBy];
  if (leftAtMs === undefined || world.nowMs - leftAtMs <= MISTAKEN_MS_MAX) return;
  const sinceMs = world.nowMs - leftAtMs;
  violate(6, `${region} says that traffic belongs there, ${sinceMs} ms after epoch ${leftBy + 1}`);
}
