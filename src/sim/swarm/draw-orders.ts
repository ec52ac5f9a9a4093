/** Draws what people order in a run: from a stream of its own, so that runs without orders are what they were. */

import { type PlannedFault, REGIONS } from '../faults/fault-spec.ts';
import { hurtRegionOf } from '../faults/hurt-region.ts';
import { createRandom } from '../kernel/random.ts';
import { type PlannedOrder, peerOf } from '../plan.ts';

/** Of the runs. */
const ORDERS_SHARE = 0.12;
/** Shorter than that nothing is noticed of it. Milliseconds. */
const FOR_MS_MIN = 20_000;
/** Of those that are there before anything is wrong, and meet what would move traffic. */
const BEFORE_SHARE = 0.6;
/** Of those that last as long as the faults do. */
const TO_THE_END_SHARE = 0.5;
/** Of the drained Regions that traffic would else move to. */
const REFUGE_SHARE = 0.7;

/**
 * The orders of a run, mostly none. All are over when the faults are healed, or soon after: what stays hurt for good
 * needs automation, and such a run has none. Pure.
 */
export function drawOrders(
  seed: number,
  faults: readonly PlannedFault[],
  safetyMs: number,
): readonly PlannedOrder[] {
  const random = createRandom(seed, 'orders');
  if (!random.chance(ORDERS_SHARE)) return [];
  if (faults.some((fault) => fault.forMs === null && hurtRegionOf(fault) !== null)) return [];
  const mover = faults.find((fault) => hurtRegionOf(fault) !== null);
  const hurt = (mover === undefined ? null : hurtRegionOf(mover)) ?? REGIONS[0];
  const isBefore = mover !== undefined && random.chance(BEFORE_SHARE);
  const atMs = random.int(1_000, Math.max(1_000, isBefore ? mover.atMs : safetyMs - FOR_MS_MIN));
  const forMsMax = Math.max(FOR_MS_MIN, safetyMs - atMs);
  const forMs = random.chance(TO_THE_END_SHARE) ? forMsMax : random.int(FOR_MS_MIN, forMsMax);
  const kind = random.pick(['manual', 'manual', 'drain', 'drain', 'both'] as const);
  if (kind === 'manual') return [{ atMs, forMs, verb: 'manual' }];
  const region = random.chance(REFUGE_SHARE) ? peerOf(hurt) : hurt;
  const drain = { atMs, forMs, verb: 'drain', region } as const;
  if (kind === 'drain') return [drain];
  const laterMs = random.int(3_000, FOR_MS_MIN - 5_000);
  return [drain, { ...drain, atMs: atMs + laterMs, forMs: FOR_MS_MIN, region: peerOf(region) }];
}
