/**
 * The refund protocol: accept (reserve the amount in the journal) → give back → finish.
 *
 * Source: docs/adr/0013-refunds-in-the-journal.md.
 */

import { AppError } from './app-error.ts';
import { finishInTime, type PaymentAttempt, unknownAfterAcceptance } from './carry-on.ts';
import { ownRefund } from './found-by-key.ts';
import { type Journal, SWEEP_AFTER_MS } from './journal.ts';
import { chargeKeyOf, refundKeyOf, refundSettled } from './notifications.ts';
import type { Deadline, PaymentPorts, RefundResult } from './ports.ts';
import {
  decideRefund,
  type Refund,
  type RefundDecision,
  type RefundRequest,
  withSettled,
} from './refund.ts';

export type RefundOutcome =
  | {
      readonly kind: 'settled';
      readonly journal: Journal;
      /** REFUNDED or DECLINED. */
      readonly refund: Refund;
      readonly replayed: boolean;
      /** Why `finish` is left to a later attempt, or null. */
      readonly unfinished: AppError | null;
    }
  | { readonly kind: 'no-payment' }
  | Exclude<RefundDecision, { readonly kind: 'accept' | 'resume' | 'replay' }>;

/**
 * Gives money back once for each refund_id, never more in all than was charged.
 *
 * Throws `AppError`: `outcome_unknown` when the refund may be accepted, or is and could not be settled;
 * another code only when nothing was stored. The same request may be sent again, to any Region.
 */
export async function refundPayment(
  request: RefundRequest,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<RefundOutcome> {
  const { transactionId } = request;
  for (let round = 1; ; round += 1) {
    const journal = await readForRound(transactionId, round, attempt.deadline, ports);
    if (journal === undefined) return { kind: 'no-payment' };
    const now = ports.clock.nowEpochMs();
    const decision = decideRefund(journal, request, { atEpochMs: now, region: attempt.region });
    switch (decision.kind) {
      case 'accept': {
        const change = changeOf(journal, decision.refunds, now);
        const done = await ports.store.replaceRefunds(transactionId, change, attempt.deadline);
        // Another refund was quicker, or our own write that seemed lost: decide on what is there now.
        // Each round somebody's refund went in, and there are at most REFUNDS_MAX of them.
        if (done === 'raced') continue;
        const accepted = { ...journal, ...change, refundsRevision: journal.refundsRevision + 1 };
        return settle(accepted, decision.refund, true, attempt, ports);
      }
      case 'resume':
        return settle(journal, decision.refund, false, attempt, ports);
      case 'replay': {
        const { refund } = decision;
        return { kind: 'settled', journal, refund, replayed: true, unfinished: null };
      }
      default:
        return decision;
    }
  }
}

/** A write that lost a race may have been our own, heard of late: from then on a fault is unknown. */
async function readForRound(
  transactionId: string,
  round: number,
  deadline: Deadline,
  { store }: PaymentPorts,
): Promise<Journal | undefined> {
  try {
    return (await store.readJournals([transactionId], deadline)).get(transactionId);
  } catch (error) {
    throw round === 1 ? error : unknownAfterAcceptance(error);
  }
}

async function settle(
  journal: Journal,
  refund: Refund,
  isFirst: boolean,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<RefundOutcome> {
  const outcome = await carryOnRefund(journal, refund, isFirst, attempt, ports);
  return { kind: 'settled', journal, replayed: false, ...outcome };
}

/**
 * Carries an ACCEPTED refund to its end. `isFirst` as for a payment: any other attempt asks the gateway
 * what became of the refund before it asks for it.
 *
 * A refund that the gateway declined is answered only once that is stored; one that was made is answered
 * even if finishing is left to a later attempt. Throws `outcome_unknown` alone.
 */
export async function carryOnRefund(
  journal: Journal,
  refund: Refund,
  isFirst: boolean,
  attempt: PaymentAttempt,
  ports: PaymentPorts,
): Promise<{ readonly refund: Refund; readonly unfinished: AppError | null }> {
  try {
    const result = await settleAtGateway(journal, refund, isFirst, attempt.deadline, ports);
    const end =
      result.kind === 'refunded'
        ? ({ status: 'REFUNDED', declineReason: null } as const)
        : ({ status: 'DECLINED', declineReason: result.reason } as const);
    const settled = { ...refund, ...end };
    const finish = async (deadline: Deadline): Promise<void> => {
      await ports.notifier.publish(refundSettled(journal, settled), deadline);
      await storeEnd(journal, settled, deadline, ports);
    };
    if (settled.status === 'DECLINED') {
      await finish(attempt.deadline);
      return { refund: settled, unfinished: null };
    }
    return { refund: settled, unfinished: await finishInTime(attempt, ports, finish) };
  } catch (error) {
    throw unknownAfterAcceptance(error);
  }
}

async function settleAtGateway(
  journal: Journal,
  refund: Refund,
  isFirst: boolean,
  deadline: Deadline,
  { gateway, hash }: PaymentPorts,
): Promise<RefundResult> {
  const idempotencyKey = refundKeyOf(journal.transactionId, refund.refundId, hash);
  const own = {
    chargeKey: chargeKeyOf(journal.transactionId, hash),
    amountMinor: refund.amountMinor,
    currency: journal.request.currency,
  };
  if (!isFirst) {
    const found = await gateway.findRefund(idempotencyKey, deadline);
    if (found.kind !== 'none') return ownRefund(found, own);
  }
  try {
    return await gateway.refund({ idempotencyKey, ...own }, deadline);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'outcome_unknown') throw error;
    const found = await gateway.findRefund(idempotencyKey, deadline);
    if (found.kind === 'none') throw error;
    return ownRefund(found, own);
  }
}

/** Puts the refund's end into the journal, whatever else happens to its other refunds meanwhile. */
async function storeEnd(
  journal: Journal,
  settled: Refund,
  deadline: Deadline,
  { store, clock }: PaymentPorts,
): Promise<void> {
  const { transactionId } = journal;
  let latest: Journal | undefined = journal;
  while (latest !== undefined) {
    const known = latest.refunds.find(({ refundId }) => refundId === settled.refundId);
    if (known?.status !== 'ACCEPTED') return;
    const refunds = withSettled(latest.refunds, settled.refundId, settled);
    const change = changeOf(latest, refunds, clock.nowEpochMs());
    if ((await store.replaceRefunds(transactionId, change, deadline)) === 'replaced') return;
    latest = (await store.readJournals([transactionId], deadline)).get(transactionId);
  }
}

function changeOf(journal: Journal, refunds: readonly Refund[], nowEpochMs: number) {
  return {
    seenRevision: journal.refundsRevision,
    refunds,
    updatedAtEpochMs: nowEpochMs,
    dueAtEpochMs: nowEpochMs + SWEEP_AFTER_MS,
  };
}
