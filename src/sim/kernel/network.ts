/** Messages between places: late, lost, twice, out of order, or not at all, as the faults in force have it. */

import type { Coverage } from '../faults/coverage.ts';
import type { FaultId, Phase } from '../faults/fault-ids.ts';
import type { Place } from '../faults/fault-spec.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export const PLACES: readonly Place[] = [
  'client',
  'us-east-1',
  'us-east-2',
  'us-west-2',
  'bank',
  'world',
];
const PLACE_INDEX: ReadonlyMap<Place, number> = new Map(PLACES.map((place, at) => [place, at]));

/** One direction between two places. Set by whoever puts faults in force. */
export interface Link {
  /** Usual time on the way, milliseconds. */
  baseMs: number;
  /** Up to so much more, drawn for each message. */
  jitterMs: number;
  /** Nothing passes. */
  blockedBy: FaultId | null;
  loss: number;
  duplicate: number;
  reorder: number;
  /** Up to so much later for a reordered message. */
  reorderMs: number;
}

export class Network {
  readonly #world: World;
  readonly #coverage: Coverage;
  readonly #random: Random;
  readonly #links: Link[];

  constructor(world: World, coverage: Coverage) {
    this.#world = world;
    this.#coverage = coverage;
    this.#random = world.random('network');
    this.#links = PLACES.flatMap((from) => PLACES.map((to) => usualLink(from, to)));
  }

  link(from: Place, to: Place): Link {
    const at = (PLACE_INDEX.get(from) ?? 0) * PLACES.length + (PLACE_INDEX.get(to) ?? 0);
    return this.#links[at] as Link;
  }

  /** Both directions, also of a place with itself. */
  isOpen(one: Place, two: Place): boolean {
    return this.link(one, two).blockedBy === null && this.link(two, one).blockedBy === null;
  }

  /**
   * How long a message is on its way, or -1: it never arrives. A second copy, where there is one, is planned
   * here: `again` is called when it arrives, and says whether anybody took it.
   */
  transit(from: Place, to: Place, phase: Phase, again: (() => boolean) | null): number {
    const link = this.link(from, to);
    if (link.blockedBy !== null) {
      this.#coverage.hit(link.blockedBy, phase);
      return -1;
    }
    const random = this.#random;
    if (random.chance(link.loss)) {
      this.#coverage.hit('F5', phase);
      return -1;
    }
    let delayMs = link.baseMs + Math.floor(random.next() * link.jitterMs);
    if (random.chance(link.reorder)) {
      this.#coverage.hit('F6', phase);
      delayMs += random.int(1, link.reorderMs);
    }
    if (again !== null && random.chance(link.duplicate)) {
      this.#world.after(delayMs + random.int(0, 400), () => {
        if (again()) this.#coverage.hit('F7', phase);
      });
    }
    return delayMs;
  }
}

/** Within a Region a millisecond or two; between them the round trips that the cloud's maps suggest. */
function usualLink(from: Place, to: Place): Link {
  const faults = { blockedBy: null, loss: 0, duplicate: 0, reorder: 0, reorderMs: 0 };
  if (from === to) return { baseMs: 1, jitterMs: 3, ...faults };
  if (from === 'client' || to === 'client') return { baseMs: 8, jitterMs: 20, ...faults };
  if (from === 'bank' || to === 'bank') return { baseMs: 10, jitterMs: 40, ...faults };
  if (from === 'us-west-2' || to === 'us-west-2') return { baseMs: 25, jitterMs: 10, ...faults };
  return { baseMs: 6, jitterMs: 4, ...faults };
}
