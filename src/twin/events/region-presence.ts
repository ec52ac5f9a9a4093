/** Whether a Region is there to poll its queues and to fire its rules. */

import type { Network } from '../faults/fault.ts';

export interface RegionPresence {
  /** An isolated Region still has its own services; a killed, dead or frozen one has none. */
  isServing(): boolean;
  /** Calls back when the answer may have changed. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}

/** Presence of a Region by the faults in force. */
export function regionPresence(
  network: Pick<Network, 'conditionOf' | 'onChange'>,
  region: string,
): RegionPresence {
  return {
    isServing() {
      const condition = network.conditionOf(region);
      return condition === 'up' || condition === 'isolated';
    },
    onChange: (listener) => network.onChange(listener),
  };
}
