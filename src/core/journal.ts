/**
 * The journal: one item for each transaction_id, and the only thing that decides whether a payment
 * exists and what work it has left. Source: docs/adr/0002-journal-item.md, 0012-open-work.md.
 */

import { PAYMENTS_TABLE } from '#contract/names.ts';
import { formatMoney, type Money } from './money.ts';
import type { PaymentRequest } from './payment-request.ts';
import type { Refund } from './refund.ts';

/**
 * `ACCEPTED`: it exists, and whether it is charged is not settled. `PROCESSED`: charged and recorded.
 * `DECLINED`: the gateway refused the charge. The last two are final: a status never goes back.
 */
export const PAYMENT_STATUSES = ['ACCEPTED', 'PROCESSED', 'DECLINED'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export interface Journal {
  readonly transactionId: string;
  /** SHA-256 of the canonical request, 64 lowercase hex characters. */
  readonly fingerprint: string;
  readonly request: PaymentRequest;
  /** Assigned once, by the attempt that created the journal. Everything answered comes from here. */
  readonly paymentEpochSeconds: number;
  readonly status: PaymentStatus;
  /** Region whose attempt created the journal. */
  readonly region: string;
  /** Attempts at the work that is left now: 1, and one more each time a sweeper takes it up. */
  readonly attempts: number;
  readonly updatedAtEpochMs: number;
  /** From when on a sweeper may take up the work that is left; null: none is left. */
  readonly dueAtEpochMs: number | null;
  /** Why no sweeper takes it up any more, until somebody redrives it. */
  readonly parked: Parked | null;
  /** The gateway's own reference of the charge, where it gives one. */
  readonly chargeId: string | null;
  /** The gateway's reason for a decline. */
  readonly declineReason: string | null;
  /** In the order in which they were accepted. */
  readonly refunds: readonly Refund[];
  /** Counts the changes of `refunds`, so that a change can insist on what it was decided from. */
  readonly refundsRevision: number;
}

/** Work that was given up for now: never dropped, listed with the dead letters. */
export interface Parked {
  readonly atEpochMs: number;
  /** Code and our own words of the last fault: nothing that a caller sent. */
  readonly reason: string;
}

/** The payment item: the record in the original's schema. Made from the journal alone. */
export interface Payment extends Money {
  readonly transactionId: string;
  readonly timestampEpochSeconds: number;
  readonly customerId: string;
  readonly status: 'PROCESSED';
  readonly region: string;
}

/**
 * How long new work is left to whoever began it. Longer than an attempt may last (7 s), so that a
 * sweeper finds only what was abandoned; a client that retries needs no sweeper.
 */
export const SWEEP_AFTER_MS = 30_000;

/** The journal of a payment that is accepted now. */
export function openJournal(
  request: PaymentRequest,
  fingerprint: string,
  accepted: { readonly atEpochMs: number; readonly region: string },
): Journal {
  return {
    transactionId: request.transactionId,
    fingerprint,
    request,
    paymentEpochSeconds: Math.floor(accepted.atEpochMs / 1000),
    status: 'ACCEPTED',
    region: accepted.region,
    attempts: 1,
    updatedAtEpochMs: accepted.atEpochMs,
    dueAtEpochMs: accepted.atEpochMs + SWEEP_AFTER_MS,
    parked: null,
    chargeId: null,
    declineReason: null,
    refunds: [],
    refundsRevision: 0,
  };
}

/** The payment that a journal stands for: the same from every attempt, in every Region. */
export function paymentOf(journal: Journal): Payment {
  return {
    transactionId: journal.transactionId,
    timestampEpochSeconds: journal.paymentEpochSeconds,
    customerId: journal.request.customerId,
    amountMinor: journal.request.amountMinor,
    currency: journal.request.currency,
    status: 'PROCESSED',
    region: journal.region,
  };
}

export type Repeat = 'replay' | 'resume' | 'conflict';

/**
 * Decides what a repeated transaction_id receives.
 *
 * `replay`: settled, answer as the first time. `resume`: not settled, carry it on. `conflict`: another
 * request used this id. Pure; never throws. Source: docs/adr/0002-journal-item.md.
 */
export function decideRepeat(existing: Journal, fingerprint: string): Repeat {
  if (existing.fingerprint !== fingerprint) return 'conflict';
  switch (existing.status) {
    case 'ACCEPTED':
      return 'resume';
    case 'PROCESSED':
    case 'DECLINED':
      return 'replay';
  }
}

/**
 * The canonical text of a request. Requests that mean the same have the same text: key order, white
 * space, `10` and `10.0` and `"10.00"` make no difference. The leading word is its version: change
 * the text and every journal in a table would conflict with its own repeat.
 */
export function canonicalRequest(request: PaymentRequest): string {
  return JSON.stringify([
    'holdfast-payment-1',
    request.transactionId,
    request.customerId,
    formatMoney(request),
    request.currency,
  ]);
}

/**
 * The shard of `open-index` that an open payment belongs to: 0 … 15, the same from everywhere.
 * FNV-1a over UTF-16 code units: spreads well, needs no library, and nothing secret hangs on it.
 */
export function openShardOf(transactionId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < transactionId.length; index += 1) {
    hash = Math.imul(hash ^ transactionId.charCodeAt(index), 0x01000193);
  }
  // The low bits of FNV-1a are its weakest; fold the high half in.
  return ((hash >>> 16) ^ hash) & (PAYMENTS_TABLE.openShards - 1);
}
