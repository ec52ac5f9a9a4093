/** After a move: proves that payments go through here, with one of our own. */

import { AppError } from '../app-error.ts';
import type { Clock, Deadline } from '../ports.ts';
import type { FollowUp } from './orchestrate.ts';

export interface VerifyPorts {
  /** Has the own Region make the payment of the epoch, or find it made. Throws `AppError` if nobody answers. */
  readonly ask: (
    epoch: number,
    deadline: Deadline,
  ) => Promise<{ readonly processed: boolean; readonly reason: string | null }>;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How often a payment is tried after traffic was moved: the first may meet what is just starting. */
const VERIFY_ATTEMPTS = 3;
const VERIFY_PAUSE_MS = 1_000;

/** Not worth a try with less: a payment takes some 100 ms, and a second from a cold start. */
const ATTEMPT_MS_MIN = 1_000;

/** `attemptMs`: longest time for each attempt; `spareMs`: kept for the steps after it and the report; milliseconds. */
export function createVerifyFollowUp(
  { attemptMs, spareMs }: { readonly attemptMs: number; readonly spareMs: number },
  { ask, clock, sleep }: VerifyPorts,
): FollowUp {
  return {
    name: 'verify',
    async run(epoch, deadline) {
      let reason: string | null = 'no time left to try';
      const endsAtEpochMs = deadline.atEpochMs - spareMs;
      const hasTimeFor = (pauseMs: number): boolean =>
        endsAtEpochMs - clock.nowEpochMs() >= pauseMs + ATTEMPT_MS_MIN;
      for (let attempt = 1; attempt <= VERIFY_ATTEMPTS; attempt += 1) {
        const pauseMs = attempt > 1 ? VERIFY_PAUSE_MS : 0;
        if (!hasTimeFor(pauseMs)) break;
        if (pauseMs > 0) await sleep(pauseMs);
        const atEpochMs = Math.min(endsAtEpochMs, clock.nowEpochMs() + attemptMs);
        try {
          const answer = await ask(epoch, { atEpochMs });
          if (answer.processed) return 'a payment of our own went through';
          ({ reason } = answer);
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          reason = error.message;
        }
      }
      throw new AppError('unavailable', `a payment of our own did not go through: ${reason}`);
    },
  };
}
