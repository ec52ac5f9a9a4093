/** Time for the event sources: read and waited for through one port, so that tests can turn it. */

export interface EventClock {
  nowEpochMs(): number;
  /** Calls back after `delayMs`; returns the way to cancel. */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** The machine's own time. */
export const SYSTEM_CLOCK: EventClock = {
  nowEpochMs: Date.now,
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` aborts. Never rejects. */
export function pause(clock: EventClock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const wake = (): void => {
      cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = clock.schedule(wake, delayMs);
    signal.addEventListener('abort', wake);
  });
}
