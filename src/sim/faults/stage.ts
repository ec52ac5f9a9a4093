/**
 * How far a failover is: what `Coverage` files its hits under, kept right by whoever sees the run
 * go on.
 */

import type { RoutingChange } from '#core/routing/routing-log.ts';
import type { Coverage } from './coverage.ts';
import type { Stage } from './fault-ids.ts';

export interface StageWatch {
  /** A fault of a whole Region has begun. They overlap: each has its own end. */
  regionHurt(): void;
  /** One of them has ended. */
  regionHealed(): void;
  /**
   * An entry of the routing log has taken effect. `isHome`: traffic is then where it began; left
   * out, only a failback brings it there.
   */
  moved(change: RoutingChange, isHome?: boolean): void;
  /** All that must follow the newest move is done. */
  followed(): void;
  /** No work is left over from what went before. */
  quiet(): void;
}

/** Sets `coverage.stage` at once, and with each thing that it is told. */
export function createStageWatch(coverage: Pick<Coverage, 'stage'>): StageWatch {
  let hurts = 0;
  let isAway = false;
  let hasBacklog = false;
  /** The move whose consequences are awaited; null: none. */
  let moving: 'away' | 'home' | null = null;

  const stage = (): Stage => {
    if (moving !== null) return moving === 'home' ? 'returning' : 'moving';
    if (hurts > 0) return isAway ? 'moved' : 'hurt';
    return isAway || hasBacklog ? 'healed' : 'steady';
  };
  const tell = (): void => {
    coverage.stage = stage();
  };

  tell();
  return {
    regionHurt() {
      hurts += 1;
      hasBacklog = true;
      tell();
    },
    regionHealed() {
      hurts = Math.max(0, hurts - 1);
      tell();
    },
    moved(change, isHome = change === 'failback') {
      // What an operator says of the mode, or of a Region that may take part again, moves nothing.
      if (change === 'mode' || change === 'undrain') return;
      isAway = !isHome;
      hasBacklog = true;
      moving = isHome ? 'home' : 'away';
      tell();
    },
    followed() {
      moving = null;
      tell();
    },
    quiet() {
      hasBacklog = false;
      tell();
    },
  };
}
