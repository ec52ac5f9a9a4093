/** Brings a replica that was cut off up to date, item by item, beside the traffic. */

/** What a replica misses, in the order in which it was missed. May change while iterated. */
export interface PendingItems {
  readonly size: number;
  values(): Iterator<{ readonly id: string }>;
}

export interface CatchUpOptions {
  readonly pending: PendingItems;
  /** False as soon as the replica can't receive: the rest stays pending. */
  readonly mayGoOn: () => boolean;
  /** Takes the item's lock and applies its latest image, if it is still pending. */
  readonly apply: (id: string) => Promise<void>;
}

/** Items under way at once; the engine runs one write at a time, so more gain nothing. */
const WORKERS = 4;

/**
 * Applies everything pending, in the order in which it was missed, what is added meanwhile included.
 * `done`: nothing was left. `interrupted`: the replica was cut off again. Rejects when it can't apply.
 */
export async function catchUp(options: CatchUpOptions): Promise<'done' | 'interrupted'> {
  const { pending, mayGoOn, apply } = options;
  while (pending.size > 0) {
    const images = pending.values();
    const workers = Array.from({ length: WORKERS }, async () => {
      for (let next = images.next(); !next.done; next = images.next()) {
        if (!mayGoOn()) return;
        await apply(next.value.id);
      }
    });
    const [failure] = (await Promise.allSettled(workers)).filter(
      (end) => end.status === 'rejected',
    );
    if (failure !== undefined) throw failure.reason;
    if (!mayGoOn()) return 'interrupted';
  }
  return 'done';
}
