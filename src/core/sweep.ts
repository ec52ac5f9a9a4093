/**
 * The sweeper: takes up open work that nobody has moved for a while, whichever Region began it.
 *
 * Source: docs/adr/0012-open-work.md.
 */

import { PAYMENTS_TABLE } from '#contract/names.ts';
import { AppError, rootOf } from './app-error.ts';
import type { PaymentAttempt } from './carry-on.ts';
import { carryOnJournal, type JournalOutcome } from './carry-on-journal.ts';
import type { Journal } from './journal.ts';
import type { Deadline, OpenPayment, OpenPayments, PaymentPorts } from './ports.ts';

/** Attempts after which work is parked whatever the fault was: the last comes about 4 hours after the first. */
export const ATTEMPTS_MAX = 20;

const RETRY_FIRST_MS = 60_000;
const RETRY_LONGEST_MS = 15 * 60_000;

/**
 * Work that is due later than this was put there by a clock that was ahead: left alone, it would lie open for as
 * long as the clock was wrong, in the Region that takes over too.
 */
export const DUE_AHEAD_MAX_MS = RETRY_LONGEST_MS + 60_000;
/** Looking for it takes a quarter of the shards each minute. */
const MISDATED_TURNS = 4;

/** When the next attempt is due after `attempts` (1 or more) of them: a minute, doubling, 15 at most. */
export function retryDelayMs(attempts: number): number {
  return Math.min(RETRY_LONGEST_MS, RETRY_FIRST_MS * 2 ** Math.min(attempts - 1, 10));
}

export interface SweepOptions {
  readonly region: string;
  /** For the whole sweep; an attempt is begun only if `attemptMs` are left until then. */
  readonly deadline: Deadline;
  /** Longest time for one payment, and the part of it for finishing. Milliseconds. */
  readonly attemptMs: number;
  readonly finishMs: number;
  /** Payments carried on at once. Bounds memory, and what is taken from other traffic. */
  readonly concurrency: number;
  /** Payments taken up in one sweep, at most. */
  readonly paymentsMax: number;
  /** Shard to begin with: two sweepers that begin apart meet late. */
  readonly firstShard: number;
  /** Told of what each payment came to. */
  readonly onOutcome: (outcome: SweptPayment) => void;
}

export type SweptPayment =
  | { readonly kind: 'finished'; readonly settled: JournalOutcome['settled'] }
  /** Left for a later sweep. */
  | { readonly kind: 'failed'; readonly transactionId: string; readonly because: AppError }
  /** Given up until somebody redrives it. */
  | { readonly kind: 'parked'; readonly transactionId: string; readonly because: AppError }
  /** Another attempt had it first. */
  | { readonly kind: 'passed' };

export interface SweepReport {
  readonly finished: number;
  readonly failed: number;
  readonly parked: number;
  readonly passed: number;
  /** Whether every due payment was looked at; false: time or `paymentsMax` ran out first. */
  readonly complete: boolean;
}

type SweepPorts = PaymentPorts & { readonly open: OpenPayments };

/** Entries asked for at once. */
const PAGE_SIZE = 100;

/**
 * Sweeps once. Two sweepers at once, in one Region or two, are harmless: each effect happens once as
 * ever, and a claim keeps most of the work from being done twice.
 *
 * Throws `AppError` when the index can't be read; what was done until then is done.
 */
export async function sweepOpenPayments(
  options: SweepOptions,
  ports: SweepPorts,
): Promise<SweepReport> {
  const { clock } = ports;
  const counts = { finished: 0, failed: 0, parked: 0, passed: 0 };
  const lastStartEpochMs = options.deadline.atEpochMs - options.attemptMs;
  const entries = dueEntries(options, ports);
  let taken = 0;
  let complete = false;

  // Each worker takes the next entry when it is done with its own; the pages are read in between.
  const work = async (): Promise<void> => {
    while (taken < options.paymentsMax && clock.nowEpochMs() <= lastStartEpochMs) {
      taken += 1;
      const next = await entries.next();
      if (next.done === true) {
        complete = true;
        return;
      }
      const swept = await takeUp(next.value, options, ports);
      counts[swept.kind] += 1;
      options.onOutcome(swept);
    }
  };
  const workers = Array.from({ length: options.concurrency }, work);
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { ...counts, complete };
}

async function* dueEntries(
  { deadline, firstShard }: SweepOptions,
  { open, clock }: SweepPorts,
): AsyncGenerator<OpenPayment> {
  const shards = PAYMENTS_TABLE.openShards;
  // What is found due later is for the next sweep, so that this one ends.
  const dueBeforeEpochMs = clock.nowEpochMs();
  for (let offset = 0; offset < shards; offset += 1) {
    const shard = (firstShard + offset) % shards;
    let after: OpenPayment | null = null;
    do {
      const query = { shard, dueBeforeEpochMs, limit: PAGE_SIZE, after };
      const page: Awaited<ReturnType<OpenPayments['listDue']>> = await open.listDue(
        query,
        deadline,
      );
      yield* page.payments;
      after = page.next;
    } while (after !== null);
  }
  const turn = Math.floor(dueBeforeEpochMs / 60_000) % MISDATED_TURNS;
  const dueAfterEpochMs = dueBeforeEpochMs + DUE_AHEAD_MAX_MS;
  for (let shard = turn; shard < shards; shard += MISDATED_TURNS) {
    yield* await open.listMisdated({ shard, dueAfterEpochMs, limit: PAGE_SIZE }, deadline);
  }
}

/** Claims one payment, carries it on, and parks it when that was its last attempt, or no other can help. */
async function takeUp(
  entry: OpenPayment,
  options: SweepOptions,
  ports: SweepPorts,
): Promise<SweptPayment> {
  const { transactionId } = entry;
  const startedAtEpochMs = ports.clock.nowEpochMs();
  const deadline = {
    atEpochMs: Math.min(options.deadline.atEpochMs, startedAtEpochMs + options.attemptMs),
  };
  const dueAtEpochMs = startedAtEpochMs + retryDelayMs(entry.attempts);
  const claim = { seenDueAtEpochMs: entry.dueAtEpochMs, dueAtEpochMs };
  let because: AppError;
  let journal: Journal;
  try {
    const claimed = await ports.store.claimJournal(transactionId, claim, deadline);
    if (claimed.kind === 'passed') return { kind: 'passed' };
    journal = claimed.journal;
    // Attempts are counted before they are made, so those that never came to an end count too.
    if (journal.attempts > ATTEMPTS_MAX) return park(transactionId, dueAtEpochMs, ENDLESS, ports);
    const attempt: PaymentAttempt = {
      region: options.region,
      deadline,
      finishMs: options.finishMs,
    };
    const outcome = await carryOnJournal(journal, attempt, ports);
    if (outcome.because === null) return { kind: 'finished', settled: outcome.settled };
    because = outcome.because;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    // A journal that can't be read tells nothing of its attempts; the index has counted them.
    if (error.code === 'internal_error' && entry.attempts >= ATTEMPTS_MAX) {
      return park(transactionId, dueAtEpochMs, error, ports);
    }
    return { kind: 'failed', transactionId, because: error };
  }
  if (journal.attempts < ATTEMPTS_MAX && !rootOf(because).isFinal) {
    return { kind: 'failed', transactionId, because };
  }
  return park(transactionId, dueAtEpochMs, because, ports);
}

async function park(
  transactionId: string,
  seenDueAtEpochMs: number,
  because: AppError,
  { store, clock }: SweepPorts,
): Promise<SweptPayment> {
  const atEpochMs = clock.nowEpochMs();
  const parked = {
    seenDueAtEpochMs,
    atEpochMs,
    reason: `${rootOf(because).code}: ${because.message}`,
  };
  try {
    // A deadline of its own: an attempt that used up its time must not be without an end for that.
    const deadline = { atEpochMs: atEpochMs + PARK_MS };
    const done = await store.parkJournal(transactionId, parked, deadline);
    return done === 'parked' ? { kind: 'parked', transactionId, because } : { kind: 'passed' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: 'failed', transactionId, because: error };
  }
}

const PARK_MS = 2_000;
const ENDLESS = new AppError('outcome_unknown', 'its last attempt came to no end');
