/** A clock that tests turn, and a Region that they switch off and on. */

import type { EventClock } from '#twin/events/event-clock.ts';
import type { RegionPresence } from '#twin/events/region-presence.ts';

export interface ManualClock extends EventClock {
  /** Moves time on, calling what falls due in its order; promises settle before and after each. */
  advance(ms: number): Promise<void>;
  /** Delays that are being waited for. */
  pending(): number;
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function manualClock(startEpochMs = 0): ManualClock {
  let now = startEpochMs;
  const timers = new Set<{ readonly dueEpochMs: number; readonly callback: () => void }>();
  return {
    nowEpochMs: () => now,
    schedule(callback, delayMs) {
      const timer = { dueEpochMs: now + delayMs, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      await settle();
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].toSorted((a, b) => a.dueEpochMs - b.dueEpochMs);
        if (next === undefined || next.dueEpochMs > end) break;
        now = next.dueEpochMs;
        timers.delete(next);
        next.callback();
        await settle();
      }
      now = end;
      await settle();
    },
    pending: () => timers.size,
  };
}

export function switchablePresence(): RegionPresence & { set(isServing: boolean): void } {
  let serving = true;
  const listeners = new Set<() => void>();
  return {
    isServing: () => serving,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(isServing) {
      serving = isServing;
      for (const listener of listeners) listener();
    },
  };
}
