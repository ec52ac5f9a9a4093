/** One payment, attempts at it from two Regions, and a sweep, for the tests of the payment core. */

import type { PaymentAttempt } from '#core/carry-on.ts';
import { canonicalRequest, type Journal, openJournal } from '#core/journal.ts';
import type { PaymentRequest } from '#core/payment-request.ts';
import { type SweepOptions, type SweepReport, sweepOpenPayments } from '#core/sweep.ts';
import {
  createMemoryPayments,
  createMemoryWorld,
  type MemoryPayments,
  type MemoryWorld,
} from '../../support/memory-payments.ts';

export const START_MS = 1_700_000_000_000;

export const request: PaymentRequest = {
  transactionId: 'txn-1',
  customerId: 'cust-1',
  amountMinor: 1000n,
  currency: 'USD',
};

export const attempt: PaymentAttempt = {
  region: 'us-east-1',
  deadline: { atEpochMs: Number.MAX_SAFE_INTEGER },
  finishMs: 2_000,
};
export const elsewhere: PaymentAttempt = { ...attempt, region: 'us-east-2' };

/** A world with these journals in it, and their payments' charges at the gateway. */
export function worldWith(...journals: readonly Journal[]): MemoryWorld {
  const world = createMemoryWorld();
  for (const journal of journals) world.table.journals.set(journal.transactionId, journal);
  return world;
}

/** The journal of `request`, under another id where one is given, accepted at `START_MS`. */
export function journalOf(change: Partial<Journal> = {}): Journal {
  const transactionId = change.transactionId ?? request.transactionId;
  const asked = { ...request, transactionId };
  const { hash } = createMemoryPayments();
  const accepted = { atEpochMs: START_MS, region: 'us-east-1' };
  return { ...openJournal(asked, hash(canonicalRequest(asked)), accepted), ...change };
}

/** Sweeps with plenty of time. */
export function sweep(
  ports: MemoryPayments,
  options: Partial<SweepOptions> = {},
): Promise<SweepReport> {
  return sweepOpenPayments(
    {
      region: 'us-east-2',
      deadline: { atEpochMs: Number.MAX_SAFE_INTEGER },
      attemptMs: 10_000,
      finishMs: 2_000,
      concurrency: 4,
      paymentsMax: 1_000,
      firstShard: 0,
      onOutcome: () => {},
      ...options,
    },
    ports,
  );
}
