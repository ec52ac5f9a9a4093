/**
 * The functions that must run while callers have used up all other concurrency of the account, and how much
 * of it each has for itself. Source: docs/adr/0020-reserved-concurrency.md.
 *
 * A reservation is a cap as well: each number is more than the function can have use for.
 */

import type { FunctionJob } from '#contract/names.ts';
import type { Configuration } from './configuration.ts';

export const RESERVED_CONCURRENCY = {
  /**
   * Lambda lets a function have ten requests a second for each unit, so that these take all that the stage
   * lets through (payment-api.ts): never is it the cap that refuses a check. What asks is far less: Route 53's
   * checkers of all locations together some two requests a second, each invocation of both orchestrators one
   * at a time, clients now and then; and an answer takes milliseconds. It takes its whole second only when the
   * table hangs, and then the check fails anyway.
   * Source: Lambda developer guide, "Lambda quotas", "Invocation frequency per function".
   */
  health: 100,
  /**
   * Every alarm of both Regions at once, each of whose messages may keep one busy until the time-out
   * (tests/template/reserved-concurrency.test.ts counts them), beside a tick that overlaps with the one before,
   * an operator, and the orchestrators' own reports. A tick that waited would be a heartbeat that is missed.
   */
  orchestrate: 50,
  /**
   * All that the queue's mapping uses at most: a backlog must not take concurrency from callers who wait, and
   * callers must not make dead letters of messages that nobody could take. Less than the mapping's own maximum
   * would throttle it. Source: Lambda developer guide, "Configuring maximum concurrency for Amazon SQS event
   * sources".
   */
  consume: 20,
  /**
   * Two of the schedule where one outlasts its minute, as many of each of its two retries, the orchestrator's,
   * and one by hand.
   */
  sweep: 10,
} as const satisfies Partial<Record<FunctionJob, number>>;

/** Whether the function is one of those, whatever the configuration says. */
export function mustNotStarve(job: FunctionJob): job is keyof typeof RESERVED_CONCURRENCY {
  return Object.hasOwn(RESERVED_CONCURRENCY, job);
}

/** What the function of a job has for itself; null: it shares with all of the account. */
export function reservedFor(
  job: FunctionJob,
  { concurrency }: Pick<Configuration, 'concurrency'>,
): number | null {
  return concurrency === 'reserved' && mustNotStarve(job) ? RESERVED_CONCURRENCY[job] : null;
}
