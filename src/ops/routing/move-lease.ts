/** Has the lease of eventually consistent tables follow the traffic. */

import { isFault, reasonOf } from '../ops-error.ts';
import type { RoutingWorld } from './routing-world.ts';

export type LeaseMove =
  | { readonly kind: 'held'; readonly region: string; readonly epoch: number }
  /** Traffic was moved all the same; payments are refused there until it has the lease. */
  | { readonly kind: 'not-held'; readonly region: string; readonly because: string }
  /** Traffic was moved again meanwhile, for the newer `epoch`: the lease is that move's. */
  | { readonly kind: 'superseded'; readonly region: string; readonly epoch: number };

/** The target's orchestrator takes the lease as well, and one of the two is first. */
const ATTEMPTS_MAX = 3;

/**
 * Null: there is no lease, or no single Region to give it to. A fault is told in the result. `epoch`: of the
 * routing log; a lease that was moved for a newer one stays where it is.
 */
export async function moveLease(
  active: readonly string[],
  epoch: number,
  world: RoutingWorld,
  onProgress: (text: string) => void,
): Promise<LeaseMove | null> {
  const [region] = active;
  if (region === undefined || active.length > 1) return null;
  onProgress('asking for the lease');
  let because = '';
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    try {
      const takeover = await world.takeLease(region, epoch, (secondsLeft) =>
        onProgress(`waiting ${secondsLeft} s until the lease's holder has stopped writing`),
      );
      if (takeover === null) return null;
      if (takeover.kind === 'taken' || takeover.kind === 'held-already') {
        return { kind: 'held', region, epoch: takeover.lease.epoch };
      }
      if (takeover.kind === 'superseded') {
        return { kind: 'superseded', region, epoch: takeover.lease.routingEpoch ?? 0 };
      }
      because =
        takeover.kind === 'alive' ? `${takeover.lease.holder} renews it` : 'it changed meanwhile';
    } catch (error) {
      if (!isFault(error)) throw error;
      return { kind: 'not-held', region, because: reasonOf(error) };
    }
  }
  return { kind: 'not-held', region, because };
}
