/** `dlq show`: everything that is known of one dead letter. */

import { PAYMENTS_TABLE } from '#contract/names.ts';
import type { Journal } from '#core/journal.ts';
import { formatMoney } from '#core/money.ts';
import type { UnreachedRegion } from './connect.ts';
import { type DeadMessage, lookThrough } from './dead-letter-queue.ts';
import { type DeadLetterPorts, printable } from './dead-letters.ts';
import { judgeMessages, reasonFor, transactionIdOf } from './judge-messages.ts';
import { isFault, OpsError, reasonOf } from './ops-error.ts';

export interface DeadLetterDetail {
  readonly id: string;
  readonly messages: readonly MessageDetail[];
  /** Null: there is no such payment, or it can't be read: see `paymentReason`. */
  readonly payment: PaymentDetail | null;
  readonly paymentReason: string | null;
  readonly unreached: readonly UnreachedRegion[];
}

export interface MessageDetail {
  readonly region: string;
  readonly messageId: string;
  readonly transactionId: string | null;
  /** Made printable. */
  readonly body: string;
  readonly sentAtEpochMs: number;
  readonly receives: number;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface PaymentDetail {
  readonly transactionId: string;
  readonly status: Journal['status'];
  readonly amount: string;
  readonly currency: string;
  readonly customerId: string;
  /** Region that accepted it. */
  readonly region: string;
  readonly acceptedEpochSeconds: number;
  readonly attempts: number;
  /** Null: no sweeper waits to take it up. */
  readonly dueAtEpochMs: number | null;
  readonly parked: Journal['parked'];
  readonly chargeId: string | null;
  readonly declineReason: string | null;
  readonly refunds: readonly {
    readonly refundId: string;
    readonly amount: string;
    readonly status: string;
    readonly region: string;
    readonly declineReason: string | null;
  }[];
}

/** SQS takes 1 MiB; a terminal does not. */
const BODY_MAX = 4_096;

/**
 * `id`: of a message, or a transaction_id. Changes nothing. Throws `OpsError` (`usage`) when no message
 * and no payment has it.
 */
export async function showDeadLetter(
  id: string,
  ports: DeadLetterPorts,
): Promise<DeadLetterDetail> {
  const messages: MessageDetail[] = [];
  const unreached: UnreachedRegion[] = [];
  const unfinished: string[] = [];
  for (const queue of ports.queues) {
    try {
      const { complete } = await lookThrough(queue, async (batch) => {
        const found = batch.map((message) => detailOf(message, queue.region));
        messages.push(...found.filter((one) => [one.messageId, one.transactionId].includes(id)));
        return batch.map(() => 'kept');
      });
      if (!complete) unfinished.push(queue.region);
    } catch (error) {
      if (!isFault(error)) throw error;
      unreached.push({ region: queue.region, reason: reasonOf(error) });
    }
  }
  const transactionId = messages.find((one) => one.transactionId !== null)?.transactionId ?? id;
  const body = JSON.stringify({ [PAYMENTS_TABLE.partitionKey]: transactionId });
  const [judgement] = await judgeMessages([body], ports.readJournals);
  const payment = judgement?.kind === 'ours' ? paymentDetailOf(judgement.journal) : null;
  if (messages.length === 0 && payment === null && judgement?.kind !== 'unknown') {
    throw noSuchLetter('no dead letter and no payment', id, unreached, unfinished);
  }
  const paymentReason = payment !== null || judgement === undefined ? null : reasonFor(judgement);
  return { id, messages, payment, paymentReason, unreached };
}

/** `what` has no such id, as far as was seen: Regions that could not be asked, or not to the end, are named. */
export function noSuchLetter(
  what: string,
  id: string,
  unreached: readonly UnreachedRegion[],
  unfinished: readonly string[],
): OpsError {
  const doubts = [
    ...unreached.map(({ region }) => `${region} could not be asked`),
    ...unfinished.map((region) => `not all dead letters of ${region} could be looked at`),
  ];
  const not = doubts.length === 0 ? '' : ` (${doubts.join(', ')})`;
  return new OpsError('usage', `${what} has the id ${printable(id, 80)}${not}`);
}

/** `bodyMax`: characters of the body, the rest is left out. */
export function detailOf(message: DeadMessage, region: string, bodyMax = BODY_MAX): MessageDetail {
  return {
    region,
    messageId: message.messageId,
    transactionId: transactionIdOf(message.body),
    body: printable(message.body, bodyMax),
    sentAtEpochMs: message.sentAtEpochMs,
    receives: message.receives,
    attributes: message.attributes,
  };
}

function paymentDetailOf(journal: Journal): PaymentDetail {
  const { request } = journal;
  return {
    transactionId: journal.transactionId,
    status: journal.status,
    amount: formatMoney(request),
    currency: request.currency,
    customerId: request.customerId,
    region: journal.region,
    acceptedEpochSeconds: journal.paymentEpochSeconds,
    attempts: journal.attempts,
    dueAtEpochMs: journal.dueAtEpochMs,
    parked: journal.parked,
    chargeId: journal.chargeId,
    declineReason: journal.declineReason,
    refunds: journal.refunds.map((refund) => ({
      refundId: refund.refundId,
      amount: formatMoney({ amountMinor: refund.amountMinor, currency: request.currency }),
      status: refund.status,
      region: refund.region,
      declineReason: refund.declineReason,
    })),
  };
}
