/** Time that passes only when a test lets it, with everybody who sleeps woken in order. */

export interface VirtualTime {
  nowMs(): number;
  sleep(ms: number): Promise<void>;
  /** Lets time pass until nobody sleeps, or until `endMs`. */
  run(endMs?: number): Promise<void>;
}

export function createVirtualTime(): VirtualTime {
  let now = 0;
  const sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];
  return {
    nowMs: () => now,
    sleep: (ms) =>
      new Promise((resolve) => {
        const atMs = now + Math.max(0, ms);
        const later = sleepers.findIndex((other) => other.atMs > atMs);
        sleepers.splice(later === -1 ? sleepers.length : later, 0, { atMs, wake: resolve });
      }),
    async run(endMs = Number.POSITIVE_INFINITY) {
      for (;;) {
        // Lets everything that is awake come to its next sleep.
        await new Promise((resolve) => setImmediate(resolve));
        const next = sleepers[0];
        if (next === undefined || next.atMs > endMs) break;
        sleepers.shift();
        now = next.atMs;
        next.wake();
      }
      if (Number.isFinite(endMs)) now = Math.max(now, endMs);
    },
  };
}
