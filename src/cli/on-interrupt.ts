/** Ctrl-C, for verbs that have something to put right before they end. */

import { EXIT } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The first signal aborts `signal`, after `say`; a second one ends the process where it stands. Effects: listeners,
 * until `end`.
 */
export function onInterrupt(say: () => void): {
  readonly signal: AbortSignal;
  readonly end: () => void;
} {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.fault);
    say();
    controller.abort();
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of SIGNALS) process.off(signal, listener);
    },
  };
}
