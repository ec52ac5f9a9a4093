/** What becomes of a queue message after an attempt at its payment. */

import { type AppError, rootOf } from './app-error.ts';
import type { QueuedOutcome } from './consume-payments.ts';

/** A failed message comes again after this, times its receives: the third failure makes it a dead letter. */
const RETRY_AFTER_SECONDS = 10;
/**
 * The same where the other Region has the lease: its sweeper needs a minute or two, and then replication. The message
 * is kept until then, because it is all that is left of a payment that another one of its id overwrites meanwhile.
 */
const ELSEWHERE_AFTER_SECONDS = 60;

/**
 * Seconds until the message comes again; null when it is done with. Pure.
 *
 * `outcome` null: it is no message of ours. `receives`: how often it was received, this time included.
 */
export function retryDelaySecondsOf(
  outcome: QueuedOutcome | null,
  receives: number,
): number | null {
  // Poison stays poison: it is bound for the dead letters, and nothing is gained by waiting.
  if (outcome === null || outcome.kind === 'no-payment' || outcome.kind === 'replaced') return 0;
  if (outcome.kind === 'done') return null;
  const afterSeconds = isElsewhere(outcome.because) ? ELSEWHERE_AFTER_SECONDS : RETRY_AFTER_SECONDS;
  return afterSeconds * receives;
}

/** The Region that holds the lease has the payment, or will: nothing to carry on here. */
function isElsewhere(because: AppError): boolean {
  return rootOf(because).code === 'region_not_active';
}
