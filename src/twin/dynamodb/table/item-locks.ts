/**
 * One lock for each item, in the order in which the writers came.
 *
 * Writers of one Region queue up. A writer of another Region is refused while they are at it: that
 * is what multi-Region strong consistency answers with `ReplicatedWriteConflictException`.
 */

/** The twin's own work on an item: it waits, and nobody is refused because of it. */
export const INTERNAL = null;
type Owner = string | typeof INTERNAL;

interface HeldLock {
  /** Owner of the one who holds it now. */
  holder: Owner;
  /** The Region that holds it or waits for it; null while only internal work does. */
  region: string | null;
  /** How many holders and waiters that Region has. */
  regionCount: number;
  readonly waiting: { readonly owner: Owner; readonly go: () => void }[];
}

export class ItemLocks {
  readonly #held = new Map<string, HeldLock>();

  /** Items locked now. */
  get size(): number {
    return this.#held.size;
  }

  /**
   * Takes the lock of `item` for a writer of `owner`.
   * `taken` at once, a promise that resolves when it is taken, or `conflict` with another Region.
   */
  acquire(item: string, owner: Owner): 'taken' | 'conflict' | Promise<void> {
    const lock = this.#held.get(item);
    if (lock === undefined) {
      this.#held.set(item, {
        holder: owner,
        region: owner,
        regionCount: owner === INTERNAL ? 0 : 1,
        waiting: [],
      });
      return 'taken';
    }
    if (owner !== INTERNAL) {
      if (lock.region !== null && lock.region !== owner) return 'conflict';
      lock.region = owner;
      lock.regionCount++;
    }
    return new Promise((resolve) => {
      lock.waiting.push({ owner, go: resolve });
    });
  }

  /** Gives the lock of `item` to the next in the queue. Throws when nobody holds it. */
  release(item: string): void {
    const lock = this.#held.get(item);
    if (lock === undefined) throw new Error(`The lock of item ${item} is not held.`);
    if (lock.holder !== INTERNAL) {
      lock.regionCount--;
      if (lock.regionCount === 0) lock.region = null;
    }
    const next = lock.waiting.shift();
    if (next === undefined) {
      this.#held.delete(item);
      return;
    }
    lock.holder = next.owner;
    next.go();
  }
}
