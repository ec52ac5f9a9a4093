/** The health that DNS goes by: that of now, or, while DNS is stale, that of when it became so. */

import type { HealthStatus } from './health-state.ts';

export interface HealthView {
  /** A check that is not known is healthy: nothing says that it isn't. */
  isHealthy(checkId: string): boolean;
  isStale(): boolean;
  /** To be called before a status changes, so that DNS keeps what stood when it became stale. */
  beforeChange(): void;
}

export interface HealthViewOptions {
  readonly checkIds: readonly string[];
  readonly statusOf: (checkId: string) => HealthStatus | null;
  /** Ids of the faults that keep DNS from learning anything, now. */
  readonly staleFaults: () => readonly string[];
}

/**
 * Creates the view. It looks for the faults at each question and before each change, and so misses
 * no change between a fault's beginning and the first question after it. Faults that overlap keep
 * what stood at the beginning of the first: that is what DNS answered when the next one began.
 */
export function createHealthView(options: HealthViewOptions): HealthView {
  const { checkIds, statusOf, staleFaults } = options;
  let heldFor: readonly string[] = [];
  let held: ReadonlyMap<string, HealthStatus | null> = new Map();

  const look = (): void => {
    const faults = staleFaults();
    if (!faults.some((id) => heldFor.includes(id))) {
      held = new Map(faults.length === 0 ? [] : checkIds.map((id) => [id, statusOf(id)]));
    }
    heldFor = faults;
  };

  return {
    isHealthy(checkId) {
      look();
      const status = heldFor.length === 0 ? statusOf(checkId) : held.get(checkId);
      return status !== 'unhealthy';
    },
    isStale() {
      look();
      return heldFor.length > 0;
    },
    beforeChange: look,
  };
}
