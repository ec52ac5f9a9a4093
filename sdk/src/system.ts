/** The real clock and the real timer. */

export interface Clock {
  /** Milliseconds on a clock that never goes back; where it begins does not matter. */
  readonly nowMs: () => number;
}

/** Resolves after `ms`, or as soon as `signal` is aborted. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const systemClock: Clock = { nowMs: () => performance.now() };

export const systemSleep: Sleep = (ms, signal) =>
  new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      // Left running, the timer of a try that was answered would hold a finished process open.
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
