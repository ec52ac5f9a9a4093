/** Holds or cuts calls by what the faults leave reachable. */

import type { Network } from '../faults/fault.ts';

/** A call on its way to a Region. */
export interface Traveller {
  readonly region: string;
  /** Region of the function that calls; null for a client outside, whom no isolation touches. */
  readonly from: string | null;
  readonly signal: AbortSignal;
  /** @default false: on its way to the Region. True: its answer is on the way back. */
  readonly isAnswer?: boolean;
}

/** `gone`: the Region is down, cut the connection. `left`: the client went away while it waited. */
export type Passage = 'open' | 'gone' | 'left';

export interface RegionGate {
  /** How a call stands now; `held`: unreachable for the time being, so nothing is answered. */
  standing(traveller: Traveller): 'open' | 'gone' | 'held';
  /** Waits while the call is held. Never rejects. */
  pass(traveller: Traveller): Promise<Passage>;
  stop(): void;
}

/**
 * A gate over `network`. A killed or dead Region is `gone`; a frozen one holds its calls, and so
 * does one that an isolation or partition keeps out of the calling function's reach; healing lets
 * them go on. A partition of one way holds the calls or their answers, not both.
 */
export function createRegionGate(network: Network): RegionGate {
  const wakeups = new Set<() => void>();
  const stopListening = network.onChange(() => {
    for (const wake of wakeups) wake();
  });

  function standing({ region, from, isAnswer = false }: Traveller): 'open' | 'gone' | 'held' {
    const condition = network.conditionOf(region);
    if (condition === 'killed' || condition === 'dead') return 'gone';
    if (condition === 'frozen') return 'held';
    if (from === null || from === region) return 'open';
    const arrives = isAnswer ? network.reaches(region, from) : network.reaches(from, region);
    return arrives ? 'open' : 'held';
  }

  function changeOrLeaving(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        wakeups.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      wakeups.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  async function pass(traveller: Traveller): Promise<Passage> {
    for (;;) {
      if (traveller.signal.aborted) return 'left';
      const now = standing(traveller);
      if (now !== 'held') return now;
      await changeOrLeaving(traveller.signal);
    }
  }

  return { standing, pass, stop: stopListening };
}
