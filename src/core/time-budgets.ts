/** How long everything may take: the functions keep to it, and so does the simulator. Source: docs/adr/0005-own-retries-and-time-budgets.md. */

/**
 * Time budgets, milliseconds. The whole of `/process` stays under 10 s with a hanging dependency, well
 * inside API Gateway's 29 s, so that the caller learns "outcome unknown" from us and can retry.
 */
export const BUDGET_MS = {
  /** For the whole of an attempt. */
  process: 7_000,
  /** Longest part of it for publishing and closing, which an answer need not wait for. */
  finish: 2_000,
  read: 4_000,
  /** For a batch of queue messages, all at once. */
  consume: 15_000,
  /** For a whole sweep; the next one comes a minute after. */
  sweep: 50_000,
  /** For one payment of a sweep. */
  sweepAttempt: 10_000,
  /** One request to the payment gateway; banks are slower than AWS. */
  gatewayAttempt: 3_000,
  /** Route 53 waits 2 s for a health check's status; the rest is connection and start. */
  health: 1_000,
  /** One attempt of one call: a hanging connection is given up and tried anew. */
  attempt: 1_500,
  connect: 1_000,
  /** One round of the orchestrator, up to its transition. */
  round: 6_000,
  /** One request to a Region's /health: as long as Route 53 waits for a status. */
  probe: 2_000,
  /** One question to CloudWatch. */
  alarm: 2_000,
  /** One step after traffic was moved. */
  followUp: 8_000,
  /** Kept free of the function's own time-out, to answer in. */
  reserve: 500,
} as const;

/** Attempts at one call of a service, as long as they last. */
export const ATTEMPTS = {
  /** That may fail; a lost race for an item is no failure. */
  max: 5,
  /** First wait between attempts, doubled each time up to the cap; the real one is drawn below it. */
  backoffBaseMs: 25,
  backoffCapMs: 400,
} as const;

/** Of one sweep: payments carried on at once (with some 10 ms for a write, a few hundred a second), and at most. */
export const SWEEP = { concurrency: 16, paymentsMax: 10_000 } as const;
